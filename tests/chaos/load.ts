/** The load client: users who search and click as fast as they are answered, send some clicks again, and write down what was acknowledged. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PositionBasedUser } from '../../src/simulation/position-based-user.js';
import { seededRandom, seededValue } from '../../src/simulation/seeded-random.js';
import type { Answer } from '../support/api-client.js';
import type { ClickAttempt, Ledger } from './ledger.js';

const USERS = 16;
const REQUEST_TIMEOUT_MS = 10_000;
/** After a failure, as a client would wait. */
const PAUSE_MS = 250;
const PATIENCE_MS = 30_000;

const COLOURS = 'red blue green black white amber violet silver golden brown pink orange purple grey teal navy ivory crimson olive beige'.split(' ');
const THINGS = (
  'heart circle square flag flower bird horse table chair lamp candle bottle ribbon button jacket hat boat wagon ladder kettle ' +
  'basket mirror pillow blanket carpet clock drum flute guitar hammer shovel bucket lantern marble mask needle paddle pencil piano plate ' +
  'ring rope saddle scarf shield spoon stone tent violin wheel'
).split(' ');

/** A thousand, each a query too: so a long run shows no result to anybody so often that the click memory would be full of it. */
export const CATALOGUE = COLOURS.flatMap((colour) => THINGS.map((thing) => ({ id: `${colour}-${thing}`, title: `${colour} ${thing}`, body: `a ${thing} that is ${colour}` })));

/** A document is liked a little or somewhat, by everybody and for ever. */
const gradeOf = (documentId: string): number => (seededValue(1, documentId) < 0.5 ? 1 : 2);

const SEARCH = 'mutation($query: String!, $attempt: ID!) { search(input: { query: $query, limit: 6, sessionId: $attempt }) { searchId results { document { id } } } }';
const CLICK = 'mutation($input: RecordClickInput!) { recordClick(input: $input) { duplicate } }';
const CLICKS = 'mutation($clicks: [RecordClickInput!]!) { recordClicks(input: { clicks: $clicks }) { recorded duplicates errors { code message } } }';

/** Answered with an error, or not at all. */
class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a server that is being killed may answer: nothing, or that it cannot just now. */
const EXPECTED_REFUSALS = new Set(['NO_ANSWER', 'UNAVAILABLE']);

export class Load {
  readonly #url: string;
  readonly #ledger: Ledger;
  readonly #random: () => number;
  readonly #agent = new Agent({ keepAlive: true });
  #running: { stopped: boolean; over: Promise<unknown> } | undefined;
  /** Errors that neither a kill nor a restart explains, by text; emptied by whoever reads them. */
  readonly surprises = new Set<string>();
  /** How long the slowest UNAVAILABLE took, in milliseconds. */
  slowestRefusalMs = 0;

  constructor(options: { url: string; ledger: Ledger; seed: number }) {
    this.#url = options.url;
    this.#ledger = options.ledger;
    this.#random = seededRandom(options.seed);
  }

  start(): void {
    const running = { stopped: false, over: Promise.resolve() as Promise<unknown> };
    running.over = Promise.all(Array.from({ length: USERS }, () => this.#user(() => running.stopped)));
    this.#running = running;
  }

  /** Resolves when the last answer has come, or will not come. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running.stopped = true;
    await this.#running.over;
    this.#running = undefined;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** One search beside the load. @returns whether it was answered */
  async probe(): Promise<boolean> {
    return (await this.#search()) !== null;
  }

  /** Sends again what was not answered, until it is. @returns how many clicks that were, and how many of them had been stored before */
  async settle(): Promise<{ retried: number; stored: number }> {
    const open = this.#ledger.unanswered();
    for (const click of open) {
      for (const deadline = performance.now() + PATIENCE_MS; !(await this.#click(click)); await sleep(PAUSE_MS)) {
        if (performance.now() > deadline) throw new Error(`The click ${click.eventId} was not acknowledged within ${PATIENCE_MS} ms of quiet.`);
      }
    }
    return { retried: open.length, stored: open.filter(({ saidNew }) => saidNew === 0).length };
  }

  /** The data of a request that is none of the load. */
  async ask(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    return this.#post(query, variables);
  }

  async #user(isOver: () => boolean): Promise<void> {
    const behaviour = new PositionBasedUser({ steepness: 0.7, random: this.#random });
    while (!isOver()) {
      const list = await this.#search();
      if (!list) {
        await sleep(PAUSE_MS);
        continue;
      }
      const clicked = behaviour.clicks(list.documentIds.map(gradeOf));
      const liked = list.documentIds.filter((_, place) => clicked[place]);
      const clicks = liked.map((documentId) => this.#ledger.attemptClick(list.searchId, documentId));
      // Some click the same once more, which is an event of its own.
      if (liked[0] !== undefined && this.#random() < 0.125) clicks.push(this.#ledger.attemptClick(list.searchId, liked[0]));
      await this.#send(clicks);
    }
  }

  /** By one call or by one each; some twice at once, and some again after the answer. */
  async #send(clicks: readonly ClickAttempt[]): Promise<void> {
    if (clicks.length > 1 && this.#random() < 0.25) return this.#clickAll(clicks);
    await Promise.all(
      clicks.map(async (click) => {
        const kind = this.#random();
        const isTwice = kind < 0.2;
        const answers = await Promise.all([this.#click(click), ...(isTwice ? [this.#click(click)] : [])]);
        // A client does not know what became of it; half of them try again at once, the others when all is quiet.
        const tryAgain = answers.includes(true) ? kind > 0.8 : kind > 0.5;
        if (tryAgain) await this.#click(click);
      }),
    );
  }

  async #search(): Promise<{ searchId: string; documentIds: string[] } | null> {
    const { title: query } = CATALOGUE[Math.floor(this.#random() * CATALOGUE.length)]!;
    const attempt = this.#ledger.attemptSearch(query);
    const { search } = (await this.#try(SEARCH, { query, attempt: attempt.id })) ?? {};
    if (search?.results.length === 0) this.surprises.add(`nothing was found for ${query}`);
    if (search) attempt.answer = { searchId: search.searchId, documentIds: search.results.map(({ document }: Answer) => document.id) };
    return attempt.answer;
  }

  async #click(click: ClickAttempt): Promise<boolean> {
    const answer = await this.#try(CLICK, { input: inputOf(click) });
    if (!answer) return false;
    click.acknowledgements++;
    if (!answer.recordClick.duplicate) click.saidNew++;
    return true;
  }

  async #clickAll(clicks: readonly ClickAttempt[]): Promise<void> {
    const answer = await this.#try(CLICKS, { clicks: clicks.map(inputOf) });
    if (!answer) return;
    const { recorded, duplicates, errors } = answer.recordClicks;
    for (const { code, message } of errors) this.surprises.add(`${code}: ${message}`);
    if (errors.length > 0) return;
    if (recorded !== clicks.length || duplicates !== 0) this.surprises.add(`recordClicks called ${duplicates} of ${clicks.length} fresh clicks duplicates`);
    for (const click of clicks) {
      click.acknowledgements++;
      click.saidNew++;
    }
  }

  /** The data; null when it was refused, as is expected of a server that is being killed, or as is noted. */
  async #try(query: string, variables: Record<string, unknown>): Promise<Answer> {
    const startedAt = performance.now();
    try {
      return await this.#post(query, variables);
    } catch (error) {
      const { code, message } = error instanceof Refused ? error : new Refused('CLIENT', String(error));
      if (!EXPECTED_REFUSALS.has(code)) this.surprises.add(`${code}: ${message}`);
      if (code === 'UNAVAILABLE') this.slowestRefusalMs = Math.max(this.slowestRefusalMs, performance.now() - startedAt);
      return null;
    }
  }

  #post(query: string, variables: Record<string, unknown>): Promise<Answer> {
    const body = JSON.stringify({ query, variables });
    return new Promise((resolve, reject) => {
      const noAnswer = (error: Error): void => reject(new Refused('NO_ANSWER', error.message));
      const sent = request(
        `${this.#url}/graphql`,
        { method: 'POST', agent: this.#agent, timeout: REQUEST_TIMEOUT_MS, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', noAnswer);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            try {
              resolve(dataOf(text));
            } catch (error) {
              reject(error instanceof Refused ? error : new Refused('UNREADABLE', `${response.statusCode} ${text.slice(0, 200)}`));
            }
          });
        },
      );
      sent.on('timeout', () => {
        reject(new Refused('TIMEOUT', `nothing came within ${REQUEST_TIMEOUT_MS} ms`));
        sent.destroy();
      });
      sent.on('error', noAnswer);
      sent.end(body);
    });
  }
}

function inputOf({ searchId, documentId, eventId }: ClickAttempt): object {
  return { searchId, documentId, eventId };
}

function dataOf(text: string): Answer {
  const { data, errors } = JSON.parse(text) as { data?: Answer; errors?: { message: string; extensions: { code: string } }[] };
  if (errors?.[0]) throw new Refused(errors[0].extensions.code, errors[0].message);
  if (!data) throw new Error('There is neither data nor an error in it.');
  return data;
}
