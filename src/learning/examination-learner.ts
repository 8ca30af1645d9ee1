/** Learns examination from the clicks on drawn pairs, while a run goes on. */
import { Examination, MOST_PAIRS } from './examination.js';
import { DRAWN_PAIR } from './learning-batch.js';

/** Clicks on pairs between two looks at the curve: it moves slowly, and fitting it takes as long as learning a hundred samples. */
const CLICKS_BETWEEN_FITS = 50;

export class ExaminationLearner {
  readonly #clicksAbove = new Float64Array(MOST_PAIRS);
  readonly #clicksBelow = new Float64Array(MOST_PAIRS);
  #places: number;
  #newClicks = 0;
  #current: Examination;

  constructor(parent: Examination) {
    this.#current = parent;
    this.#places = Math.min(MOST_PAIRS, parent.clicksAbove.length);
    this.#clicksAbove.set(parent.clicksAbove.subarray(0, this.#places));
    this.#clicksBelow.set(parent.clicksBelow.subarray(0, this.#places));
  }

  /** θ of a position, as last fitted. */
  at(position: number): number {
    return this.#current.at(position);
  }

  /** A clicked sample that stood in a drawn pair; one that was not clicked teaches nothing here. */
  learnClick(position: number, drawnPair: number): void {
    const pair = drawnPair === DRAWN_PAIR.upper ? position - 1 : position - 2;
    if (!(pair >= 0 && pair < MOST_PAIRS)) return;
    (drawnPair === DRAWN_PAIR.upper ? this.#clicksAbove : this.#clicksBelow)[pair]!++;
    this.#places = Math.max(this.#places, pair + 1);
    if (++this.#newClicks % CLICKS_BETWEEN_FITS === 0) this.#fit();
  }

  finish(): Examination {
    if (this.#newClicks % CLICKS_BETWEEN_FITS !== 0) this.#fit();
    return this.#current;
  }

  #fit(): void {
    this.#current = new Examination(this.#clicksAbove.slice(0, this.#places), this.#clicksBelow.slice(0, this.#places));
  }
}
