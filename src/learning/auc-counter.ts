/** ROC AUC over any number of predictions within bounded memory. */
import { rocAuc } from './metrics.js';

/** Up to here every value is kept and the AUC is exact. */
const EXACT_LIMIT = 8192;

// Beyond it, values are counted in cells by the first 17 bits of their float32 form (8 of exponent, 8 of mantissa): cells 1/256
// wide relative to the value, values in one cell counted as ties. Under 2^−20 all fall into the first. So few that they stay in
// the processor's first caches: every sample adds to two of these.
const DROPPED_BITS = 15;
const FIRST_CELL = 0x35800000 >>> DROPPED_BITS;
const CELLS = (0x3f800000 >>> DROPPED_BITS) - FIRST_CELL + 1;

/**
 * Counts probabilities and labels one by one. Exact to 8,192 samples; beyond that a histogram of 5,121 cells a class
 * (41 kB), whose AUC differs from the exact one by at most half the share of pairs within a cell; on smooth scores, which
 * tell next to nothing within a cell, by under 1e-5.
 *
 * Example: add(.9, true), add(.2, false) → result() 1.
 */
export class AucCounter {
  #scores: number[] = [];
  #labels: number[] = [];
  /** Negatives and positives of each cell, side by side: one place to fetch a sample. */
  #counts: Uint32Array | null = null;
  readonly #asFloat = new Float32Array(1);
  readonly #asBits = new Uint32Array(this.#asFloat.buffer);

  add(score: number, positive: boolean): void {
    if (this.#counts !== null) {
      this.#counts[2 * this.#cell(score) + (positive ? 1 : 0)]!++;
      return;
    }
    this.#scores.push(score);
    this.#labels.push(positive ? 1 : 0);
    if (this.#scores.length >= EXACT_LIMIT) this.#startCounting();
  }

  result(): number | null {
    const counts = this.#counts;
    if (counts === null) return rocAuc(this.#scores, this.#labels);
    let wins = 0;
    let positives = 0;
    let negatives = 0;
    for (let cell = 0; cell < CELLS; cell++) {
      wins += counts[2 * cell + 1]! * (negatives + counts[2 * cell]! / 2);
      positives += counts[2 * cell + 1]!;
      negatives += counts[2 * cell]!;
    }
    return positives === 0 || negatives === 0 ? null : wins / (positives * negatives);
  }

  #startCounting(): void {
    this.#counts = new Uint32Array(2 * CELLS);
    for (let i = 0; i < this.#scores.length; i++) this.#counts[2 * this.#cell(this.#scores[i]!) + this.#labels[i]!]!++;
    this.#scores = [];
    this.#labels = [];
  }

  #cell(score: number): number {
    this.#asFloat[0] = score > 0 ? Math.min(score, 1) : 0;
    return Math.max(0, (this.#asBits[0]! >>> DROPPED_BITS) - FIRST_CELL);
  }
}
