/** How the page talks to the server: typed requests by fetch, subscriptions by one graphql-ws socket that comes back by itself. */
import { createClient, type Client } from 'graphql-ws/client';
import { Store } from './store.js';

/** A query, mutation or subscription as generated: its text, and what goes in and comes out. */
export interface Operation<Result, Variables> {
  name: string;
  text: string;
  /** Types only; never there. */
  types?: (variables: Variables) => Result;
}

/** live: the socket is up. reconnecting: lost a moment ago. offline: several attempts failed, or the browser says so. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline';

/** Why a request got no data: the server's code, or NETWORK when it was not reached. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

const REQUEST_TIMEOUT_MS = 15_000;
const LONGEST_WAIT_MS = 5_000;
const ATTEMPTS_UNTIL_OFFLINE = 3;

interface Answer<Result> {
  data?: Result | null;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

export class GraphqlClient {
  readonly connection = new Store<Connection>('connecting');
  /** Counts the times the socket came up: whoever shows what may have changed meanwhile reads it again. */
  readonly connectedTimes = new Store(0);
  readonly #url: string;
  readonly #socket: Client;

  /** @param url of the GraphQL endpoint, http or https; the socket is at the same path */
  constructor(url: string) {
    this.#url = url;
    this.#socket = createClient({
      url: url.replace(/^http/, 'ws'),
      lazy: false,
      keepAlive: 10_000,
      connectionAckWaitTimeout: 5_000,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: (attempts) => this.#waitToRetry(attempts),
      onNonLazyError: () => this.connection.set('offline'),
      on: {
        connected: () => {
          this.connection.set('live');
          this.connectedTimes.set(this.connectedTimes.get() + 1);
        },
        closed: () => {
          if (this.connection.get() === 'live') this.connection.set('reconnecting');
        },
      },
    });
  }

  /** Resolves to the data, or rejects with a RequestError. */
  async request<Result, Variables>(operation: Operation<Result, Variables>, variables: Variables): Promise<Result> {
    const { data, errors } = await this.#post<Result>({ query: operation.text, operationName: operation.name, variables });
    const [error] = errors ?? [];
    if (error) throw new RequestError(error.extensions?.code ?? 'UNKNOWN', error.message);
    if (!data) throw new RequestError('UNKNOWN', 'The server answered without data.');
    return data;
  }

  /** Calls `onData` for each event until the returned function is called; a subscription that the server ends is made again. */
  subscribe<Result extends object>(operation: Operation<Result, Record<string, never>>, onData: (data: Result) => void): () => void {
    let isOver = false;
    let again: ReturnType<typeof setTimeout> | undefined;
    let dispose = (): void => undefined;
    const begin = (): void => {
      const endedOrFailed = (): void => {
        if (!isOver) again = setTimeout(begin, LONGEST_WAIT_MS);
      };
      dispose = this.#socket.subscribe<Result>(
        { query: operation.text, operationName: operation.name },
        { next: ({ data }) => data && onData(data), error: endedOrFailed, complete: endedOrFailed },
      );
    };
    begin();
    return () => {
      isOver = true;
      clearTimeout(again);
      dispose();
    };
  }

  async #post<Result>(body: object): Promise<Answer<Result>> {
    let response: Response;
    try {
      response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
    } catch (error) {
      throw new RequestError('NETWORK', error instanceof Error ? error.message : String(error));
    }
    try {
      return (await response.json()) as Answer<Result>;
    } catch {
      throw new RequestError('UNKNOWN', `The server answered ${response.status} ${response.statusText}`.trim());
    }
  }

  /** Waits longer from one attempt to the next, with a random part so that pages do not come back all at once; a network that returns cuts it short. */
  async #waitToRetry(attempts: number): Promise<void> {
    if (attempts >= ATTEMPTS_UNTIL_OFFLINE || !navigator.onLine) this.connection.set('offline');
    else if (this.connection.get() !== 'connecting') this.connection.set('reconnecting');
    const waitMs = Math.min(LONGEST_WAIT_MS, 250 * 2 ** attempts) * (0.75 + Math.random() / 2);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        window.removeEventListener('online', done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      window.addEventListener('online', done);
    });
  }
}
