/** `rankloop/client/subscriptions`: the server's events over one graphql-ws socket that comes back by itself. */
import { createClient, type Client } from 'graphql-ws/client';
import { backOffMs, wait } from './back-off.js';
import { authorizationOf, graphqlUrl, type EndpointOptions } from './endpoint.js';
import type { Operation } from './operation.js';
import { isOffline } from './page.js';
import { RequestError } from './request-error.js';
import { changingValue, type Value } from './value.js';

export type { Operation } from './operation.js';
export { RequestError } from './request-error.js';
export type { Value } from './value.js';

/** connecting: not up yet, or nothing is subscribed. live: the socket is up. reconnecting: lost a moment ago. offline: several attempts failed, the key was refused, or the browser knows of no network. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline';

export interface SubscriptionsOptions extends EndpointOptions {
  /** Connects at once and stays connected also while nothing is subscribed: for a page that shows whether it is live. Default false. */
  isEager?: boolean;
  /** The class to make sockets of. Default: the browser's; in Node that of the package `ws`. */
  webSocket?: unknown;
}

export interface Subscriptions {
  /**
   * Calls `onData` for each event until the returned function is called. After a lost connection it goes on by itself; what happened meanwhile does not come again,
   * so read the present state when `connects` changes. A subscription that the server ends or refuses is made again some seconds later; `onError` is told why.
   */
  subscribe<Result, Variables>(
    operation: Operation<Result, Variables>,
    variables: Variables,
    onData: (data: Result) => void,
    onError?: (error: RequestError) => void,
  ): () => void;
  readonly connection: Value<Connection>;
  /** Counts the times the socket came up. */
  readonly connects: Value<number>;
  /** Drops the socket and makes another, with the key as it is now: after a key was entered. */
  reconnect(): void;
  /** Ends all subscriptions and the socket. */
  close(): Promise<void>;
}

const LONGEST_WAIT_MS = 5_000;
const ATTEMPTS_UNTIL_OFFLINE = 3;
const KEY_REFUSED = 4403;

/**
 * Makes the second half of the client. One socket serves all subscriptions.
 *
 * @example
 * const { subscribe } = createSubscriptions({ url: 'http://localhost:4000' });
 * const stop = subscribe(ModelReloaded, {}, ({ modelReloaded }) => console.log(modelReloaded.ranker.name));
 */
export function createSubscriptions({ url, key, isEager = false, webSocket }: SubscriptionsOptions): Subscriptions {
  const connection = changingValue<Connection>('connecting');
  const connects = changingValue(0);
  const closing = new AbortController();
  /** Aborted to end all waiting at once. */
  let hurry = new AbortController();

  const waitToRetry = async (attempts: number): Promise<void> => {
    if (attempts >= ATTEMPTS_UNTIL_OFFLINE || isOffline()) connection.set('offline');
    else if (connection.get() === 'live') connection.set('reconnecting');
    await wait(backOffMs(attempts + 1, LONGEST_WAIT_MS), true, closing.signal);
  };
  const socket: Client = createClient({
    url: graphqlUrl(url).replace(/^http/, 'ws'),
    ...(webSocket === undefined ? {} : { webSocketImpl: webSocket }),
    lazy: !isEager,
    keepAlive: 10_000,
    connectionAckWaitTimeout: 5_000,
    connectionParams: () => {
      const authorization = authorizationOf(key);
      return authorization ? { authorization } : {};
    },
    retryAttempts: Number.POSITIVE_INFINITY,
    // A key that was refused is told to whoever subscribed; each subscription is then made again by itself.
    shouldRetry: (event) => codeOf(event) !== KEY_REFUSED,
    retryWait: waitToRetry,
    onNonLazyError: () => connection.set('offline'),
    on: {
      connected: () => {
        connects.set(connects.get() + 1);
        connection.set('live');
      },
      closed: (event) => {
        const code = codeOf(event);
        if (code === KEY_REFUSED) connection.set('offline');
        else if (connection.get() === 'live') connection.set(code === 1000 ? 'connecting' : 'reconnecting');
      },
    },
  });

  return {
    connection,
    connects,
    subscribe: (operation, variables, onData, onError) => {
      const over = new AbortController();
      const begin = (): (() => void) =>
        socket.subscribe<never>(
          { query: operation.text, operationName: operation.name, variables: variables as Record<string, unknown> },
          {
            next: ({ data, errors }) => {
              if (data) onData(data);
              else if (errors) onError?.(asRequestError(errors));
            },
            error: (error) => {
              if (over.signal.aborted) return;
              onError?.(asRequestError(error));
              void again();
            },
            complete: () => void again(),
          },
        );
      let dispose = begin();
      const again = async (): Promise<void> => {
        if (over.signal.aborted || closing.signal.aborted) return;
        await wait(LONGEST_WAIT_MS, false, AbortSignal.any([over.signal, hurry.signal]));
        if (!over.signal.aborted && !closing.signal.aborted) dispose = begin();
      };
      closing.signal.addEventListener('abort', () => over.abort(), { signal: over.signal });
      return () => {
        over.abort();
        dispose();
      };
    },
    reconnect: () => {
      socket.terminate();
      hurry.abort();
      hurry = new AbortController();
    },
    close: async () => {
      closing.abort();
      await socket.dispose();
    },
  };
}

function codeOf(event: unknown): number | undefined {
  return typeof event === 'object' && event !== null && 'code' in event && typeof event.code === 'number' ? event.code : undefined;
}

/** graphql-ws hands on the server's errors as a list, and a socket's end as its event. */
function asRequestError(error: unknown): RequestError {
  const [first] = Array.isArray(error) ? (error as { message: string; extensions?: Record<string, unknown> }[]) : [];
  if (first) return new RequestError(String(first.extensions?.code ?? 'UNKNOWN'), first.message, first.extensions);
  const code = codeOf(error);
  if (code === KEY_REFUSED) return new RequestError('UNAUTHENTICATED', 'The server did not accept the key.');
  return new RequestError('NETWORK', code === undefined ? String(error) : `The connection was closed (${code}).`);
}
