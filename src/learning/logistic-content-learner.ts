/** The LOGISTIC content model: refitted in batch on the newest samples. */
import { createContentModel, linearScore, sigmoid, type ContentModel } from './content-model.js';
import type { ContentLearner, ContentLearnerOptions } from './content-learner.js';
import { FEATURE_CLIP } from './feature-set.js';
import { fitLogistic, posteriorCovariance, type FitRow } from './logistic-regression.js';

/** A replay refits for the first time after this many samples, then whenever they are four times as many. */
const FIRST_REFIT_SAMPLES = 1000;
const REFIT_GROWTH = 4;
/** Of a refit on the way, which only has to tell good samples from bad until the last one: a third of what settles the weights. */
const STEPS_ON_THE_WAY = 100;

/**
 * Keeps the newest `windowSize` samples in a ring and fits `w` on them at the end of the run.
 *
 * The library knows no sample weights, so a sample enters the fit with probability e, its chance of having been looked
 * at, drawn by a hash of its id: the same sample is drawn the same way in every run. With one class only, or a fit that
 * is not finite, the parent's weights and covariance stay.
 *
 * Cost: see DEFAULT_WINDOW_SIZE; nearly all of it is the library's steps.
 */
export class LogisticContentLearner implements ContentLearner {
  #model: ContentModel;
  readonly #refitOnTheWay: boolean;
  readonly #capacity: number;
  readonly #width: number;
  readonly #features: Float32Array;
  readonly #clicked: Uint8Array;
  readonly #examined: Float32Array;
  readonly #drawn: Uint8Array;
  #learned = 0;
  #fittedAt = 0;

  constructor(parent: ContentModel, { windowSize, refitOnTheWay }: ContentLearnerOptions) {
    this.#model = createContentModel('LOGISTIC', parent.weights, parent.covariance);
    this.#refitOnTheWay = refitOnTheWay;
    this.#capacity = Math.max(1, Math.floor(windowSize));
    this.#width = parent.weights.length - 1;
    this.#features = new Float32Array(this.#capacity * this.#width);
    this.#clicked = new Uint8Array(this.#capacity);
    this.#examined = new Float32Array(this.#capacity);
    this.#drawn = new Uint8Array(this.#capacity);
  }

  attractiveness(features: Float32Array, row: number): number {
    return this.#model.attractiveness(features, row);
  }

  learn(features: Float32Array, row: number, clicked: boolean, examined: number, sampleHash: number): void {
    const from = row * this.#width;
    for (let column = 0; column < this.#width; column++) {
      if (!(Math.abs(features[from + column]!) <= FEATURE_CLIP)) return;
    }
    if (!(examined >= 0 && examined <= 1)) return;
    const at = this.#learned % this.#capacity;
    this.#features.set(features.subarray(from, from + this.#width), at * this.#width);
    this.#clicked[at] = clicked ? 1 : 0;
    this.#examined[at] = examined;
    this.#drawn[at] = sampleHash < examined * 2 ** 32 ? 1 : 0;
    this.#learned++;
    if (this.#refitOnTheWay && this.#learned >= Math.max(FIRST_REFIT_SAMPLES, REFIT_GROWTH * this.#fittedAt)) this.#refit(STEPS_ON_THE_WAY);
  }

  /** Nothing to do: a window is given with the labels of now. */
  correctLateClick(): void {}

  finish(): ContentModel {
    if (this.#learned > 0) this.#refit();
    return this.#model;
  }

  #refit(steps?: number): void {
    this.#fittedAt = this.#learned;
    const rows: FitRow[] = [];
    const filled = Math.min(this.#learned, this.#capacity);
    for (let at = 0; at < filled; at++) {
      if (this.#drawn[at] === 0) continue;
      rows.push({ features: this.#features.subarray(at * this.#width, (at + 1) * this.#width), clicked: this.#clicked[at]! > 0 });
    }
    const weights = fitLogistic(rows, steps);
    if (weights === null) return;
    const covariance = posteriorCovariance(this.#width, filled, (at) => {
      const p = sigmoid(linearScore(weights, this.#features, at));
      const x = this.#features.subarray(at * this.#width, (at + 1) * this.#width);
      return { information: this.#examined[at]! * p * (1 - p), features: x };
    });
    if (covariance !== null) this.#model = createContentModel('LOGISTIC', weights, covariance);
  }
}
