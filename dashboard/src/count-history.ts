/** How the counts grew in the last minutes, while the page is open: what sparklines draw. */
import type { StatsFragment } from './generated/operations.js';

type Counts = Pick<StatsFragment, 'searches' | 'total' | 'positive'>;

/** Growth within one bucket; null: nothing was known yet. */
export type Growth = Counts | null;

export const BUCKET_MS = 2_000;
export const BUCKETS = 90;

const MINUTE_MS = 60_000;
/** What came in less time than this says nothing of a minute. */
const SHORTEST_LOOK_MS = 4_000;

export class CountHistory {
  /** The last counts of each bucket in which there were any, oldest first. */
  readonly #kept: { bucket: number; atMs: number; counts: Counts }[] = [];

  note({ searches, total, positive }: Counts, atMs: number): void {
    const counts = { searches, total, positive };
    const bucket = Math.floor(atMs / BUCKET_MS);
    const last = this.#kept.at(-1);
    // Counts that fell were cleared: what was before says nothing of what comes.
    if (last && total < last.counts.total) this.#kept.length = 0;
    if (last?.bucket === bucket && this.#kept.length > 1) Object.assign(last, { counts, atMs });
    else this.#kept.push({ bucket, atMs, counts });
    // One older than what is shown is kept, to grow from.
    const oldest = bucket - BUCKETS;
    while (this.#kept.length > 2 && (this.#kept[1]?.bucket ?? Infinity) <= oldest) this.#kept.shift();
  }

  /** The growth in each of the last buckets, oldest first, the one under way last. */
  growth(nowMs: number): Growth[] {
    const newest = Math.floor(nowMs / BUCKET_MS);
    const result: Growth[] = [];
    let index = 0;
    let before: Counts | null = null;
    for (let bucket = newest - BUCKETS; bucket <= newest; bucket += 1) {
      let after: Counts | null = before;
      for (let kept = this.#kept[index]; kept && kept.bucket <= bucket; kept = this.#kept[index]) {
        before ??= kept.counts;
        after = kept.counts;
        index += 1;
      }
      if (bucket > newest - BUCKETS) result.push(before && after ? minus(after, before) : null);
      before = after;
    }
    return result;
  }

  /** How many come a minute, by what came in the last one, or since the page was opened; null while that is too short to say. */
  perMinute(of: keyof Counts, nowMs: number): number | null {
    const newest = this.#kept.at(-1);
    const from = this.#kept.findLast(({ atMs }) => atMs <= nowMs - MINUTE_MS) ?? this.#kept[0];
    if (!newest || !from || nowMs - from.atMs < SHORTEST_LOOK_MS) return null;
    return ((newest.counts[of] - from.counts[of]) / (nowMs - from.atMs)) * MINUTE_MS;
  }
}

function minus(a: Counts, b: Counts): Counts {
  return { searches: a.searches - b.searches, total: a.total - b.total, positive: a.positive - b.positive };
}

/** The clicked share around each bucket, over `width` buckets up to it; null where nothing was shown. */
export function clickRates(growth: readonly Growth[], width: number): (number | null)[] {
  return growth.map((_, index) => {
    const window = growth.slice(Math.max(0, index - width + 1), index + 1).filter((bucket) => bucket !== null);
    const shown = window.reduce((sum, { total }) => sum + total, 0);
    const clicked = window.reduce((sum, { positive }) => sum + positive, 0);
    return shown > 0 ? Math.min(1, clicked / shown) : null;
  });
}
