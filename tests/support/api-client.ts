/** A client for tests: plain fetch for requests, graphql-ws for subscriptions. */
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface ApiError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string } & Record<string, unknown>;
}

/** What a test reads out of an answer: as loose as JSON is. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers have the shape of whatever the test asked
export type Answer = any;

export class ApiClient {
  readonly url: string;
  readonly #sockets: Client[] = [];
  readonly #authorization: { authorization?: string };

  /** @param key for a server that needs one */
  constructor(url: string, key?: string) {
    this.url = url;
    this.#authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  }

  /** The whole answer: data and errors, whatever the status. */
  async raw(query: string, variables: Record<string, unknown> = {}): Promise<{ data?: Answer; errors?: ApiError[] }> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.#authorization },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as { data?: Answer; errors?: ApiError[] };
  }

  /** The data; throws when there are errors. */
  async query(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const { data, errors } = await this.raw(query, variables);
    if (errors) throw new Error(`Unexpected errors: ${JSON.stringify(errors)}`);
    return data;
  }

  /** The first error; throws when there is none. */
  async error(query: string, variables: Record<string, unknown> = {}): Promise<ApiError> {
    const { data, errors } = await this.raw(query, variables);
    if (!errors?.[0]) throw new Error(`Expected an error, got ${JSON.stringify(data)}`);
    return errors[0];
  }

  /** Listens to a subscription, or to several on one socket, from when the server has acknowledged them on. */
  async subscribe(queries: string | readonly string[], variables: Record<string, unknown> = {}): Promise<EventLog> {
    const socket = createClient({ url: `${this.url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, lazy: false, retryAttempts: 0, connectionParams: this.#authorization });
    this.#sockets.push(socket);
    const log = new EventLog();
    const connected = new Promise<void>((resolve) => socket.on('connected', () => resolve()));
    for (const query of [queries].flat()) {
      socket.subscribe<Answer>({ query, variables }, { next: (event) => log.push(event.data ?? event), error: (error) => log.fail(error), complete: () => undefined });
    }
    await connected;
    // A query answered on the same socket comes after the subscription was taken: the protocol keeps the order.
    for await (const answer of socket.iterate({ query: '{ __typename }' })) if (answer) break;
    return log;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.splice(0).map((socket) => socket.dispose()));
  }
}

/** What does come, comes far sooner; a loaded machine may take its time. */
export const PATIENCE_MS = 60_000;

/** Events in the order of their arrival, and a way to wait for one. */
export class EventLog {
  readonly events: Answer[] = [];
  /** Told of each event as it comes: for tests that take its time. */
  onEvent: (event: Answer) => void = () => undefined;
  #failure: unknown;
  readonly #waiting = new Set<() => void>();

  push(event: Answer): void {
    this.events.push(event);
    this.onEvent(event);
    for (const look of this.#waiting) look();
  }

  fail(error: unknown): void {
    this.#failure = error ?? new Error('the subscription failed');
    for (const look of this.#waiting) look();
  }

  /** The first event (from `from` on) that matches; rejects after `timeoutMs`, saying what came instead. */
  next(matches: (event: Answer) => boolean = () => true, { from = 0, timeoutMs = PATIENCE_MS } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const look = (): void => {
        const found = this.events.slice(from).find(matches);
        if (found === undefined && this.#failure === undefined) return;
        done();
        if (found === undefined) reject(this.#failure instanceof Error ? this.#failure : new Error(JSON.stringify(this.#failure)));
        else resolve(found);
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`No such event within ${timeoutMs} ms; of the ${this.events.length} that came the last: ${JSON.stringify(this.events.slice(-5))}`));
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when `count` events matching have come. */
  async count(count: number, matches: (event: Answer) => boolean = () => true, timeoutMs = PATIENCE_MS): Promise<Answer[]> {
    await this.next(() => this.events.filter(matches).length >= count, { timeoutMs });
    return this.events.filter(matches);
  }
}
