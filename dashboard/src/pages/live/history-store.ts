/** The past that the Live page draws: read once, and again after something has happened, never by the clock alone. */
import { History, type HistoryQuery } from '../../generated/operations.js';
import { RequestError, type GraphqlClient } from '../../graphql-client.js';
import type { LiveStore } from '../../live-store.js';
import { Store } from '../../store.js';

export interface HistoryState {
  /** The last answer; null until the first. */
  data: HistoryQuery | null;
  /** Why the last attempt got none. */
  error: RequestError | null;
}

/** However much happens, the past is read again at most this often. */
const LEAST_PAUSE_MS = 5_000;
const ASKED = { points: 200, checkpoints: 60, activations: 200 };

export class HistoryStore extends Store<HistoryState> {
  readonly #client: Pick<GraphqlClient, 'request'>;
  readonly #live: LiveStore;
  #readAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = true;

  constructor(client: Pick<GraphqlClient, 'request'>, live: LiveStore) {
    super({ data: null, error: null });
    this.#client = client;
    this.#live = live;
  }

  /** Follows what happens until the returned function is called. */
  start(): () => void {
    this.#isStopped = false;
    let feed = this.#live.get().feed;
    const end = this.#live.subscribe(() => {
      const before = feed;
      feed = this.#live.get().feed;
      if (feed !== before) this.#readSoon();
    });
    const onShow = (): void => {
      if (!document.hidden) this.#readSoon();
    };
    document.addEventListener('visibilitychange', onShow);
    void this.read();
    return () => {
      this.#isStopped = true;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      document.removeEventListener('visibilitychange', onShow);
      end();
    };
  }

  async read(): Promise<void> {
    this.#readAt = performance.now();
    try {
      this.patch({ data: await this.#client.request(History, ASKED), error: null });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.patch({ error });
    }
  }

  /** A page that nobody sees reads when it is seen again. */
  #readSoon(): void {
    if (this.#isStopped || this.#timer !== undefined || document.hidden) return;
    const waitMs = Math.max(0, this.#readAt + LEAST_PAUSE_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.read();
    }, waitMs);
  }
}
