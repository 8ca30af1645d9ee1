/** The one way to write searches and clicks: a promise resolves after COMMIT. Today every request is a transaction of its own. */
import type { Pool } from 'pg';
import { insertClicks, type ClickResult, type ClickRow } from './click-store.js';
import { insertSearches, type SearchRow } from './search-store.js';

const COUNTER_SHARDS = 16;

export class WriteBatcher {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Resolves when the list and its samples are committed. */
  recordSearch(row: SearchRow): Promise<void> {
    return insertSearches(this.#pool, [row], randomShard());
  }

  /** Resolves when the clicks are committed, with an outcome for each. */
  recordClicks(rows: readonly ClickRow[]): Promise<ClickResult[]> {
    return insertClicks(this.#pool, rows, randomShard());
  }
}

/** Spreads the counters' writers over rows, so that none is everybody's bottleneck. */
function randomShard(): number {
  return Math.floor(Math.random() * COUNTER_SHARDS);
}
