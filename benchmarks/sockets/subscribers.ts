/**
 * Many subscribers, as a process of their own: `subscribers.ts URL`, told by its parent what to do (subscriber-process.ts has the words).
 * Frames are not parsed: an event's time stands at a fixed place, because both operations ask for it first.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Command, EventFigures, Report } from './subscriber-process.js';

const KINDS = {
  s: 'subscription { sampleStats { updatedAt total positive negative clickRate searches unsettled lastTrainingTotal sinceLastTraining threshold untilTrigger waitingReason runsLastHour } }',
  t: 'subscription { trainingFinished { finishedAt id mode status trigger samples newSamples durationMs reason metrics { logLoss auc calibration } } }',
} as const;
type Kind = keyof typeof KINDS;

/** Sockets being opened at one time. */
const OPENING = 100;
/** An address has some 28,000 ports to call from. */
const SOCKETS_PER_ADDRESS = 20_000;
const TIME_LENGTH = '2026-01-01T00:00:00.000Z'.length;
/** Latencies are counted by the millisecond, up to this one. */
const LONGEST_MS = 60_000;
/** What a socket that will be paused asks for besides, so that it soon leaves more unread than the kernel's buffers hold: an id comes with each event. */
const EXTRA_SUBSCRIPTIONS = 10;
const EXTRA_ID_LENGTH = 16_000;

class Arrivals {
  readonly #byMs = new Uint32Array(LONGEST_MS + 1);
  /** Of each event, by its time. */
  readonly #arrived = new Map<string, number>();
  #offset = -1;
  #lastText = '';
  #lastAt = 0;

  add(frame: Buffer, now: number): void {
    if (this.#offset < 0) this.#offset = frame.indexOf('At":"') + 'At":"'.length;
    const text = frame.toString('latin1', this.#offset, this.#offset + TIME_LENGTH);
    if (text !== this.#lastText) {
      this.#lastText = text;
      this.#lastAt = Date.parse(text);
    }
    this.#arrived.set(text, (this.#arrived.get(text) ?? 0) + 1);
    const ms = Math.min(LONGEST_MS, Math.max(0, Math.round(now - this.#lastAt)));
    this.#byMs[ms] = (this.#byMs[ms] ?? 0) + 1;
  }

  /** What has come since the last time, of events that have reached everybody they will reach. */
  take(): EventFigures {
    const arrivals = [...this.#arrived.values()].reduce((sum, count) => sum + count, 0);
    const figures = { events: this.#arrived.size, arrivals, p50Ms: this.#quantile(arrivals * 0.5), p99Ms: this.#quantile(arrivals * 0.99), maxMs: this.#byMs.findLastIndex((count) => count > 0) };
    this.#byMs.fill(0);
    this.#arrived.clear();
    return figures;
  }

  #quantile(rank: number): number {
    let passed = 0;
    return this.#byMs.findIndex((count) => (passed += count) >= rank && count > 0);
  }
}

const url = (process.argv[2] ?? '').replace(/^http/, 'ws');
const sockets: WebSocket[] = [];
const arrivals: Record<Kind, Arrivals> = { s: new Arrivals(), t: new Arrivals() };
/** Sockets that ask for more, and are paused then; they are not counted. */
const burdened = new Set<WebSocket>();
const closeCodes: Record<string, number> = {};
let records = false;

async function open(index: number): Promise<void> {
  const localAddress = `127.0.0.${1 + Math.floor(index / SOCKETS_PER_ADDRESS)}`;
  const socket = new WebSocket(`${url}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true, localAddress });
  socket.on('close', (code) => (closeCodes[code] = (closeCodes[code] ?? 0) + 1));
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  // Ids of their own, as clients make them, of one length.
  for (const [kind, query] of Object.entries(KINDS)) socket.send(JSON.stringify({ id: `${kind}${randomUUID()}`, type: 'subscribe', payload: { query } }));
  // The counts as they are: the server has taken the subscription.
  await once(socket, 'message');
  socket.on('message', (frame: Buffer) => {
    if (!records || burdened.has(socket)) return;
    const kind = frame[ID_AT] === SAMPLE_STATS ? 's' : 't';
    arrivals[kind].add(frame, Date.now());
  });
  sockets.push(socket);
}
const ID_AT = '{"id":"'.length;
const SAMPLE_STATS = 's'.charCodeAt(0);

async function openAll(count: number): Promise<void> {
  let next = 0;
  const opening = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await open(index);
  };
  await Promise.all(Array.from({ length: OPENING }, opening));
}

function burden(count: number): void {
  for (const socket of sockets.slice(0, count)) {
    burdened.add(socket);
    for (let extra = 0; extra < EXTRA_SUBSCRIPTIONS; extra++) {
      socket.send(JSON.stringify({ id: `${extra}`.padStart(EXTRA_ID_LENGTH, '-'), type: 'subscribe', payload: { query: KINDS.s } }));
    }
  }
}

async function resume(): Promise<void> {
  const closed = [...burdened].filter(({ readyState }) => readyState !== WebSocket.CLOSED).map((socket) => once(socket, 'close'));
  for (const socket of burdened) socket.resume();
  await Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, 5_000))]);
}

function report(): Report {
  return { sampleStats: arrivals.s.take(), trainingFinished: arrivals.t.take(), closeCodes: { ...closeCodes }, open: sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length };
}

async function obey(command: Command): Promise<Report> {
  if (command.do === 'open') await openAll(command.count);
  if (command.do === 'record') {
    report();
    records = true;
  }
  if (command.do === 'end') records = false;
  if (command.do === 'burden') burden(command.count);
  if (command.do === 'pause') for (const socket of burdened) socket.pause();
  if (command.do === 'resume') await resume();
  return report();
}

process.on('message', (command: Command) => void obey(command).then((answer) => process.send?.(answer)));
