/** The page's way to the server: the client that users get, with the socket held open so that the page can say whether it is live. */
import { createClient, RequestError, type Operation, type RankloopClient } from '../../src/client/index.js';
import { createSubscriptions, type Connection, type Subscriptions, type Value } from '../../src/client/subscriptions.js';
import type { AccessStore } from './access.js';

export { RequestError } from '../../src/client/index.js';
export type { Connection } from '../../src/client/subscriptions.js';

export class GraphqlClient {
  readonly connection: Value<Connection>;
  /** Counts the times the socket came up: whoever shows what may have changed meanwhile reads it again. */
  readonly connectedTimes: Value<number>;
  readonly request: RankloopClient['request'];
  readonly #subscriptions: Subscriptions;
  readonly #access: AccessStore;

  /**
   * @param url of the server
   * @param access whose key is looked up at each request and connect, and which hears of refusals
   */
  constructor(url: string, access: AccessStore) {
    const { key } = access;
    const { request } = createClient({ url, key });
    this.#access = access;
    this.request = async (operation, variables, options) => {
      try {
        return await request(operation, variables, options);
      } catch (error) {
        if (error instanceof RequestError) access.note(error);
        throw error;
      }
    };
    this.#subscriptions = createSubscriptions({ url, key, isEager: true });
    this.connection = this.#subscriptions.connection;
    this.connectedTimes = this.#subscriptions.connects;
  }

  /** Calls `onData` for each event until the returned function is called; a subscription that the server ends is made again, one that the key does not allow is not. */
  subscribe<Result extends object>(operation: Operation<Result, Record<string, never>>, onData: (data: Result) => void): () => void {
    const stop = this.#subscriptions.subscribe(operation, {}, onData, (error) => {
      this.#access.note(error);
      if (error.code === 'FORBIDDEN' || error.code === 'UNAUTHENTICATED') stop();
    });
    return stop;
  }
}
