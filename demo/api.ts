/** The demo as a client of its own server: requests by fetch, events by graphql-ws, like anybody's. */
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

const REQUEST_TIMEOUT_MS = 30_000;

interface Answer<Data> {
  data?: Data | null;
  errors?: readonly { message: string }[];
}

/** Data types are what the caller asked for: the schema is the server's, and it checks the documents. */
export class Api {
  readonly #url: string;
  readonly #socket: Client;

  /** @param url of the server, without a path */
  constructor(url: string) {
    this.#url = `${url}/graphql`;
    this.#socket = createClient({ url: this.#url.replace(/^http/, 'ws'), webSocketImpl: WebSocket });
  }

  /** @throws Error with the server's own words */
  async request<Data>(query: string, variables: object = {}): Promise<Data> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const { data, errors } = (await response.json()) as Answer<Data>;
    if (errors?.[0]) throw new Error(errors[0].message);
    if (!data) throw new Error(`The server answered ${response.status} without data.`);
    return data;
  }

  /** Calls back with each event until close(); `onEnd` when the server ends it, or is not reached any more. */
  subscribe<Data>(query: string, onEvent: (data: Data) => void, onEnd: (error: unknown) => void): void {
    this.#socket.subscribe<Data>(
      { query },
      {
        next: ({ data, errors }) => {
          if (data) onEvent(data);
          else onEnd(new Error(errors?.[0]?.message ?? 'an event without data'));
        },
        error: onEnd,
        complete: () => undefined,
      },
    );
  }

  /** Resolves when the server has taken all subscriptions made so far: the socket keeps the order. */
  async subscribed(): Promise<void> {
    for await (const answer of this.#socket.iterate({ query: '{ __typename }' })) if (answer) return;
  }

  async close(): Promise<void> {
    await this.#socket.dispose();
  }
}
