/** The INCREMENTAL content model: online logistic regression, one second-order step a sample. */
import { createContentModel, sigmoid, type ContentModel } from './content-model.js';
import type { ContentLearner } from './content-learner.js';
import { FEATURE_CLIP } from './feature-set.js';

/** No sample moves w further than this times P·x. */
const LARGEST_STEP = 5;

/**
 * Goes on from the parent's weights and covariance, sample by sample, in arrays of its own; nothing is allocated on the way.
 *
 * Maths: `p = σ(w·x); h = e·p(1−p); v = P·x; d = 1 + h·xᵀv; P −= h·v·vᵀ/d; w += v·clip(e(c − p)/d, ±5)`: one step of the
 * extended Kalman filter for logistic regression, weighted by e, the probability that the sample was looked at.
 * Bishop, "Pattern Recognition and Machine Learning", 4.5; Spiegelhalter and Lauritzen, Networks 20, 1990.
 *
 * Example: from w = [−2, .7, 0], x = [1, 0, 0] clicked: p = .1192, v = [1/3, 0, 0], d = 1.035 → w₀ = −2 + .8808/1.035/3 = −1.7163.
 */
export class IncrementalContentLearner implements ContentLearner {
  readonly #size: number;
  readonly #weights: Float64Array;
  /** The lower triangle of P, row by row: P is symmetric. */
  readonly #covariance: Float64Array;
  /** x and P·x of the sample at hand. */
  readonly #x: Float64Array;
  readonly #v: Float64Array;
  /** g of the row asked for last, while w has not moved: a sample is predicted, then learned. */
  #lastFeatures: Float32Array | null = null;
  #lastRow = -1;
  #lastG = 0;

  constructor(parent: ContentModel) {
    this.#size = parent.weights.length;
    this.#weights = parent.weights.slice();
    this.#covariance = lowerTriangle(parent.covariance, this.#size);
    this.#x = new Float64Array(this.#size).fill(1);
    this.#v = new Float64Array(this.#size);
  }

  attractiveness(features: Float32Array, row: number): number {
    if (this.#lastRow === row && this.#lastFeatures === features) return this.#lastG;
    const weights = this.#weights;
    let score = weights[0]!;
    for (let i = 1, at = row * (this.#size - 1); i < this.#size; i++, at++) score += weights[i]! * features[at]!;
    this.#lastFeatures = features;
    this.#lastRow = row;
    return (this.#lastG = sigmoid(score));
  }

  learn(features: Float32Array, row: number, clicked: boolean, examined: number): void {
    if (!(examined >= 0 && examined <= 1)) return;
    const spread = this.#spread(features, row);
    if (Number.isNaN(spread)) return;
    const p = this.attractiveness(features, row);
    const h = examined * p * (1 - p);
    const d = 1 + h * spread;
    const step = (examined * ((clicked ? 1 : 0) - p)) / d;
    const clipped = step > LARGEST_STEP ? LARGEST_STEP : step < -LARGEST_STEP ? -LARGEST_STEP : step;
    const size = this.#size;
    const v = this.#v;
    const weights = this.#weights;
    const covariance = this.#covariance;
    const shrink = h / d;
    this.#lastRow = -1;
    for (let i = 0, at = 0; i < size; i++) {
      const scaled = shrink * v[i]!;
      for (let j = 0; j <= i; j++, at++) covariance[at]! -= scaled * v[j]!;
      weights[i]! += v[i]! * clipped;
    }
  }

  /** The step for a click less the step for none that was taken before, with p and P of now; P stays. */
  correctLateClick(features: Float32Array, row: number, examined: number): void {
    if (!(examined >= 0 && examined <= 1)) return;
    const spread = this.#spread(features, row);
    if (Number.isNaN(spread)) return;
    const p = this.attractiveness(features, row);
    const information = p * (1 - p) * spread;
    const step = (1 - p) / (1 + information) + (examined * p) / (1 + examined * information);
    this.#lastRow = -1;
    for (let i = 0; i < this.#size; i++) this.#weights[i]! += this.#v[i]! * step;
  }

  finish(): ContentModel {
    return createContentModel('INCREMENTAL', this.#weights.slice(), symmetric(this.#covariance, this.#size));
  }

  /** Takes a row's x, computes P·x and returns xᵀ·P·x; NaN when a feature is spoiled. */
  #spread(features: Float32Array, row: number): number {
    // Fields are read once: in this loop, which runs for every sample, each further read shows.
    const size = this.#size;
    const x = this.#x;
    const v = this.#v;
    const covariance = this.#covariance;
    for (let i = 1, at = row * (size - 1); i < size; i++, at++) {
      const feature = features[at]!;
      if (!(feature <= FEATURE_CLIP && feature >= -FEATURE_CLIP)) return NaN;
      x[i] = feature;
    }
    let spread = 0;
    for (let i = 0, at = 0; i < size; i++) {
      const xi = x[i]!;
      let sum = 0;
      for (let j = 0; j < i; j++, at++) {
        const entry = covariance[at]!;
        sum += entry * x[j]!;
        v[j]! += entry * xi;
      }
      v[i] = sum + covariance[at++]! * xi;
      // xᵀ·P·x, each pair of equal entries taken together.
      spread += xi * (sum + v[i]!);
    }
    return spread;
  }
}

function lowerTriangle(matrix: Float64Array, size: number): Float64Array {
  const triangle = new Float64Array((size * (size + 1)) / 2);
  for (let i = 0, at = 0; i < size; i++) for (let j = 0; j <= i; j++, at++) triangle[at] = matrix[i * size + j]!;
  return triangle;
}

function symmetric(triangle: Float64Array, size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0, at = 0; i < size; i++) for (let j = 0; j <= i; j++, at++) matrix[i * size + j] = matrix[j * size + i] = triangle[at]!;
  return matrix;
}
