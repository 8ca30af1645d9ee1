/** A crowd of simulated users who come at random times, search, look, and click, all at once. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Taste } from './hidden-taste.js';
import { namedRandom } from './seeded-random.js';
import { Visit } from './visit.js';

/** What the crowd needs of a search engine. */
export interface CrowdApi {
  search(input: { query: string; limit: number; offset: number; userId: string; sessionId: string }): Promise<{ searchId: string; documentIds: string[] }>;
  click(input: { searchId: string; documentId: string; eventId: string }): Promise<void>;
}

export interface CrowdOptions {
  api: CrowdApi;
  /** The most asked first. */
  queries: readonly string[];
  /** Behaviour follows from it. */
  seed: number;
  taste: Taste;
  /** Number of the first visit: a crowd that comes back does not do the same again. */
  firstVisit: number;
  /** On average; when the server is slower, so is the crowd. */
  searchesPerSecond: number;
  /** After so many the crowd is through; Infinity: never. */
  searches: number;
  /** A request failed; the visit is over, the crowd goes on. */
  onError: (error: unknown) => void;
}

const PAGE_SIZE = 10;
/** More searches than this wait for an answer at no time. */
const MOST_UNANSWERED = 64;
/** A crowd that fell behind catches up with no more than this. */
const MOST_BEHIND_MS = 1_000;

export class Crowd {
  readonly #options: CrowdOptions;
  readonly #abort = new AbortController();
  readonly #visits = new Set<Promise<void>>();
  readonly #unanswered = new Set<Promise<unknown>>();
  #searches = 0;
  #through: Promise<void> | undefined;

  constructor(options: CrowdOptions) {
    this.#options = options;
    // Every visitor who pauses listens; there may be many.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Resolves when all searches are made and the visits are over, or after stop(). Never rejects. */
  run(): Promise<void> {
    return (this.#through ??= this.#run());
  }

  /** Nobody comes any more, and those who are here leave; resolves when the last request is answered. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#through;
  }

  async #run(): Promise<void> {
    const { seed, firstVisit, searchesPerSecond } = this.#options;
    const random = namedRandom(seed, `arrivals from ${firstVisit}`);
    let next = performance.now();
    for (let number = firstVisit; this.#goesOn(); number++) {
      next = Math.max(next - (1_000 / searchesPerSecond) * Math.log(1 - random()), performance.now() - MOST_BEHIND_MS);
      await this.#pause(next - performance.now());
      await this.#oneFree();
      if (this.#goesOn()) this.#begin(new Visit({ ...this.#options, number }));
    }
    await Promise.all(this.#visits);
  }

  #goesOn(): boolean {
    return !this.#abort.signal.aborted && this.#searches < this.#options.searches;
  }

  #begin(visit: Visit): void {
    const over = this.#visit(visit)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => this.#visits.delete(over));
    this.#visits.add(over);
  }

  async #visit(visit: Visit): Promise<void> {
    let clicks = 0;
    for (let offset = 0; this.#goesOn(); offset += PAGE_SIZE) {
      const { searchId, documentIds } = await this.#search(visit, offset);
      for (const documentId of visit.clicks(documentIds, offset)) {
        await this.#pause(visit.pauseMs());
        if (this.#abort.signal.aborted) return;
        await this.#options.api.click({ searchId, documentId, eventId: `${visit.sessionId}-${++clicks}` });
      }
      if (clicks > 0 || documentIds.length < PAGE_SIZE || !visit.turnsPage()) return;
      await this.#pause(visit.pauseMs());
    }
  }

  async #search(visit: Visit, offset: number): Promise<{ searchId: string; documentIds: string[] }> {
    this.#searches++;
    await this.#oneFree();
    const { query, userId, sessionId } = visit;
    const answer = this.#options.api.search({ query, limit: PAGE_SIZE, offset, userId, sessionId });
    const answered = answer.catch(() => undefined).finally(() => this.#unanswered.delete(answered));
    this.#unanswered.add(answered);
    return answer;
  }

  async #oneFree(): Promise<void> {
    while (this.#unanswered.size >= MOST_UNANSWERED) await Promise.race(this.#unanswered);
  }

  /** Cut short when the crowd is stopped. */
  async #pause(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.#abort.signal }).catch(() => undefined);
  }
}
