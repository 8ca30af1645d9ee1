/** How much one client may search and click a minute. Counted in this process: with several, each allows as much. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { RateLimitedError } from '../errors.js';

export type LimitedAction = 'search' | 'click';

export interface RateLimitOptions {
  /** A minute and client; 0: no limit. */
  searchesPerMinute: number;
  clicksPerMinute: number;
}

const WORDS: Readonly<Record<LimitedAction, string>> = { search: 'searches', click: 'clicks' };

export class RateLimits {
  readonly #limiters: Readonly<Record<LimitedAction, RateLimiterMemory | null>>;

  constructor({ searchesPerMinute, clicksPerMinute }: RateLimitOptions) {
    const limiter = (points: number): RateLimiterMemory | null => (points === 0 ? null : new RateLimiterMemory({ points, duration: 60 }));
    this.#limiters = { search: limiter(searchesPerMinute), click: limiter(clicksPerMinute) };
  }

  /**
   * Counts so many actions of a client; null is not limited.
   * @throws RateLimitedError, with the seconds to wait, when they are more than it may do
   */
  async take(action: LimitedAction, client: string | null, count = 1): Promise<void> {
    const limiter = this.#limiters[action];
    if (limiter === null || client === null || count === 0) return;
    try {
      await limiter.consume(client, count);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const retryAfterSeconds = Math.ceil(refusal.msBeforeNext / 1_000);
      throw new RateLimitedError(`At most ${limiter.points} ${WORDS[action]} a minute come from one address: try again in ${retryAfterSeconds} s. An admin key, for a server of yours, is not limited.`, {
        limit: limiter.points,
        retryAfterSeconds,
      });
    }
  }
}
