/** What a new content model is asked before it may serve: the queries its lineage knows best, at most every half minute. */
import type { CatalogIndex } from '../catalog-index/catalog-index.js';
import type { RankingInput } from '../learning/ranking.js';
import type { ActiveRanker } from './active-ranker.js';
import { wellKnownQueries } from './well-known-queries.js';

/** Candidates of a hundred queries take some 100 ms of this process, in slices: more often would be felt, and g moves slowly. */
const PAUSE_MS = 30_000;

export interface ContentGuardOptions {
  index: CatalogIndex;
  activeRanker: ActiveRanker;
}

export class ContentGuard {
  readonly #options: ContentGuardOptions;
  #askedAt = -Infinity;

  constructor(options: ContentGuardOptions) {
    this.#options = options;
  }

  /**
   * The queries known best by what serves, with their candidates of now; none when that is the base ranker, or when the guard was
   * asked less than half a minute ago. `always`: a run by hand does not wait.
   */
  async queries(always: boolean): Promise<RankingInput[]> {
    const { index, activeRanker } = this.#options;
    const { model } = activeRanker.current;
    const now = performance.now();
    if (model === null || (!always && now - this.#askedAt < PAUSE_MS)) return [];
    this.#askedAt = now;
    return wellKnownQueries(index, model);
  }
}
