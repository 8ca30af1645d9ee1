/** The one way to write searches and clicks: each in a lane of groups of its own; a promise resolves after COMMIT. */
import type { Pool } from 'pg';
import { insertClicks, type ClickResult, type ClickRow } from './click-store.js';
import { GroupLane } from './group-lane.js';
import { insertSearches, type SearchRow } from './search-store.js';

const COUNTER_SHARDS = 16;
/** Rows of a group at most: such a transaction takes some 20 ms. */
const CLICKS_A_GROUP = 500;
const SAMPLES_A_GROUP = 1_000;

export class WriteBatcher {
  readonly #searches: GroupLane<SearchRow, void>;
  readonly #clicks: GroupLane<readonly ClickRow[], readonly ClickResult[]>;

  /** @param pools of clicks, one that plans each time */
  constructor(pools: { searches: Pool; clicks: Pool }) {
    this.#searches = new GroupLane<SearchRow, void>({
      execute: async (rows) => {
        await insertSearches(pools.searches, rows, randomShard());
        return rows.map(() => undefined);
      },
      rowsOf: ({ samples }) => samples.length,
      groupRows: SAMPLES_A_GROUP,
    });
    this.#clicks = new GroupLane<readonly ClickRow[], readonly ClickResult[]>({
      execute: async (calls) => {
        const results = await insertClicks(pools.clicks, calls.flat(), randomShard());
        let from = 0;
        return calls.map(({ length }) => results.slice(from, (from += length)));
      },
      rowsOf: ({ length }) => length,
      groupRows: CLICKS_A_GROUP,
    });
  }

  /** What waits in each lane. */
  get waiting(): { searches: number; clicks: number } {
    return { searches: this.#searches.waiting, clicks: this.#clicks.waiting };
  }

  /** Resolves when the list and its samples are committed. */
  recordSearch(row: SearchRow): Promise<void> {
    return this.#searches.submit(row);
  }

  /** Resolves when the clicks are committed, with an outcome for each, in the order given. */
  recordClicks(rows: readonly ClickRow[]): Promise<readonly ClickResult[]> {
    return this.#clicks.submit(rows);
  }
}

/** Spreads the counters' writers over rows, so that none is everybody's bottleneck. */
function randomShard(): number {
  return Math.floor(Math.random() * COUNTER_SHARDS);
}
