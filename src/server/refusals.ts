/** How many requests of one client may be at fault a minute before its further ones are refused unread: what is read costs, however soon it is refused. The answer to each of many waits a moment, so that who waits for it before the next cannot send many. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { RateLimitedError } from '../errors.js';

const SECONDS = 60;
/** A body costs its receiving and parsing, whatever is wrong with it: each so many bytes count as one more fault. */
const BYTES_A_FAULT = 32 * 1024;
/** Blocks that are over are forgotten when there are so many. */
const MOST_BLOCKS = 10_000;
/** Faults of a minute that are answered at once: a person's own. */
const ANSWERED_AT_ONCE = 10;
/** How long the answer to further ones waits, read or unread: nobody at one connection can then send more than some sixty a second. */
const PAUSE_MS = 15;
/** Answers that wait, at most: each holds its request. */
const MOST_PAUSES = 1_000;

/** Counted in this process, over HTTP and WebSocket together. */
export class Refusals {
  readonly #perMinute: number;
  readonly #limiter: RateLimiterMemory | null;
  /** Until when each client is blocked, on the clock of performance.now(): every request looks here, so that it need not wait for the limiter. */
  readonly #blocks = new Map<string, number>();
  #pauses = 0;

  /** @param perMinute 0: no limit */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#limiter = perMinute === 0 ? null : new RateLimiterMemory({ points: perMinute, duration: SECONDS });
  }

  /** Notes a request that was at fault, and how much of a body was read for it; nothing of null, who is not limited. Resolves when it is to be answered. */
  async count(client: string | null, bytes = 0): Promise<void> {
    if (client === null || this.#limiter === null) return;
    const { consumedPoints, msBeforeNext } = await this.#limiter.penalty(client, 1 + Math.floor(bytes / BYTES_A_FAULT));
    if (consumedPoints > this.#perMinute) this.#block(client, performance.now() + msBeforeNext);
    // Who sent a large body has waited for it to be read.
    if (consumedPoints > ANSWERED_AT_ONCE && bytes < BYTES_A_FAULT) await this.pause();
  }

  /** Resolves when a refused request is to be answered. */
  async pause(): Promise<void> {
    if (this.#pauses >= MOST_PAUSES) return;
    this.#pauses++;
    await sleep(PAUSE_MS);
    this.#pauses--;
  }

  /** With what the client is to be refused, and after how many seconds it may come again, when too many of its requests were at fault. */
  refusalOf(client: string | null): RateLimitedError | undefined {
    const until = client === null ? undefined : this.#blocks.get(client);
    if (client === null || until === undefined) return undefined;
    const leftMs = until - performance.now();
    if (leftMs <= 0) {
      this.#blocks.delete(client);
      return undefined;
    }
    const retryAfterSeconds = Math.ceil(leftMs / 1_000);
    return new RateLimitedError(`Too much of this address was at fault (${this.#perMinute} requests a minute, fewer if they are large): no more is read for ${retryAfterSeconds} s. An admin key is not limited.`, {
      limit: this.#perMinute,
      retryAfterSeconds,
    });
  }

  #block(client: string, until: number): void {
    const now = performance.now();
    if (this.#blocks.size >= MOST_BLOCKS) for (const [other, end] of this.#blocks) if (end <= now) this.#blocks.delete(other);
    this.#blocks.set(client, until);
  }
}
