/** The models a training thread keeps between runs, so that a run's result need not be read again by the next. */
import type { RankerModel } from '../learning/ranker-model.js';

/**
 * The last result, the parent it came from (the next run's, too, when the result is rejected) and one more. A full model takes
 * about 17 MB: 2^18 pairs at 20 bytes, half of the places free, and 3 MB of cells.
 */
const KEPT = 3;

export class KeptModels {
  /** Least recently used first. */
  readonly #models = new Map<string, RankerModel>();

  get(key: string): RankerModel | undefined {
    const model = this.#models.get(key);
    if (model !== undefined) this.keep(key, model);
    return model;
  }

  keep(key: string, model: RankerModel): void {
    this.#models.delete(key);
    this.#models.set(key, model);
    for (const oldest of this.#models.keys()) {
      if (this.#models.size <= KEPT) break;
      this.#models.delete(oldest);
    }
  }
}
