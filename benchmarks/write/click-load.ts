/** Clicks as fast as they are taken, or at a given rate, by the same generator to any of the servers that are compared. */
import { Agent, request as post } from 'node:http';
import autocannon from 'autocannon';
import { RECORD_CLICK, type ShownList } from '../loop/api.js';
import { percentile } from '../loop/percentiles.js';

export const CLICK_CONNECTIONS = 64;

export interface ClickLoad {
  /** Where clicks are posted. */
  url: string;
  lists: readonly ShownList[];
  /** Part of every event's id: a click of another run is another event. */
  name: string;
  amount: number;
  /** 64 unless told. */
  connections?: number;
}

export interface ClickFigures {
  clicksPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** The bodies of clicks on these lists, one after the other. */
function bodiesOf({ lists, name }: Pick<ClickLoad, 'lists' | 'name'>): () => string {
  let next = 0;
  return () => {
    const turn = next++;
    const list = lists[turn % lists.length];
    const documentId = list?.documentIds[Math.floor(turn / lists.length) % (list.documentIds.length || 1)] ?? '';
    return JSON.stringify({ query: RECORD_CLICK, variables: { input: { searchId: list?.searchId, documentId, eventId: `${name}-${turn}` } } });
  };
}

/** As fast as they are answered. @throws when a click is not recorded */
export async function runClicks({ url, amount, connections = CLICK_CONNECTIONS, ...named }: ClickLoad): Promise<ClickFigures> {
  const nextBody = bodiesOf(named);
  const timings: number[] = [];
  const startedAt = performance.now();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      { url, connections, amount, method: 'POST', headers: { 'content-type': 'application/json' }, requests: [{ setupRequest: (outgoing) => ({ ...outgoing, body: nextBody() }) }] },
      (error, ended) => (error ? reject(error) : resolve(ended)),
    );
    run.on('response', (_client, _status, _bytes, ms) => timings.push(ms));
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were not 2xx and ${result.errors} requests failed at ${url}`);
  return figuresOf(timings, seconds);
}

/**
 * So many a second, evenly: each at its moment, whatever became of those before. (autocannon's own rate lets all connections
 * send in the same moment, and half of the clicks then wait for the other half.) @throws when a click is not recorded
 */
export async function runClicksEvenly({ url, amount, connections = CLICK_CONNECTIONS, rate, ...named }: ClickLoad & { rate: number }): Promise<ClickFigures> {
  const nextBody = bodiesOf(named);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const timings: number[] = [];
  const startedAt = performance.now();
  const send = (dueAt: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const body = nextBody();
      const sent = post(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (answer) => {
        answer.resume();
        answer.on('end', () => {
          timings.push(performance.now() - dueAt);
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`a click was answered ${answer.statusCode} at ${url}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const underWay: Promise<void>[] = [];
  while (underWay.length < amount) {
    const dueAt = startedAt + (underWay.length / rate) * 1_000;
    if (performance.now() < dueAt) await new Promise((resolve) => setTimeout(resolve, 1));
    else underWay.push(send(dueAt));
  }
  await Promise.all(underWay);
  agent.destroy();
  return figuresOf(timings, (performance.now() - startedAt) / 1_000);
}

function figuresOf(timings: readonly number[], seconds: number): ClickFigures {
  return { clicksPerSecond: timings.length / seconds, p50Ms: percentile(timings, 0.5), p99Ms: percentile(timings, 0.99) };
}
