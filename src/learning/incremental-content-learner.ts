/** The INCREMENTAL content model: online logistic regression, one second-order step a sample. */
import { createContentModel, sigmoid, type ContentModel } from './content-model.js';
import type { ContentLearner } from './content-learner.js';
import { FEATURE_CLIP } from './feature-set.js';

/** No sample moves w further than this times P·x. */
const LARGEST_STEP = 5;

/** The intercept and the features of FEATURE_SET. */
const WEIGHTS = 3;

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
  readonly #weights: Float64Array;
  /** The lower triangle of P, row by row: P is symmetric. */
  readonly #covariance: Float64Array;
  /** g of the row asked for last, while w has not moved: a sample is predicted, then learned. */
  #lastFeatures: Float32Array | null = null;
  #lastRow = -1;
  #lastG = 0;

  /** @throws RangeError when the parent is of another number of features: the sums below are written out for two. */
  constructor(parent: ContentModel) {
    if (parent.weights.length !== WEIGHTS) throw new RangeError(`INCREMENTAL learns ${WEIGHTS} weights, not ${parent.weights.length}`);
    this.#weights = parent.weights.slice();
    this.#covariance = lowerTriangle(parent.covariance);
  }

  attractiveness(features: Float32Array, row: number): number {
    if (this.#lastRow === row && this.#lastFeatures === features) return this.#lastG;
    const weights = this.#weights;
    this.#lastFeatures = features;
    this.#lastRow = row;
    return (this.#lastG = sigmoid(weights[0]! + weights[1]! * features[2 * row]! + weights[2]! * features[2 * row + 1]!));
  }

  learn(features: Float32Array, row: number, clicked: boolean, examined: number): void {
    const x1 = features[2 * row]!;
    const x2 = features[2 * row + 1]!;
    if (!(examined >= 0 && examined <= 1 && isSound(x1) && isSound(x2))) return;
    // Written out: as loops over three by three entries this takes twice as long, an eighth of all that a sample takes.
    const covariance = this.#covariance;
    const [p00, p10, p11, p20, p21, p22] = [covariance[0]!, covariance[1]!, covariance[2]!, covariance[3]!, covariance[4]!, covariance[5]!];
    const v0 = p00 + p10 * x1 + p20 * x2;
    const v1 = p10 + p11 * x1 + p21 * x2;
    const v2 = p20 + p21 * x1 + p22 * x2;
    const p = this.attractiveness(features, row);
    const h = examined * p * (1 - p);
    const d = 1 + h * (v0 + x1 * v1 + x2 * v2);
    const step = (examined * ((clicked ? 1 : 0) - p)) / d;
    const clipped = step > LARGEST_STEP ? LARGEST_STEP : step < -LARGEST_STEP ? -LARGEST_STEP : step;
    const shrink = h / d;
    const [s0, s1, s2] = [shrink * v0, shrink * v1, shrink * v2];
    this.#lastRow = -1;
    covariance[0] = p00 - s0 * v0;
    covariance[1] = p10 - s1 * v0;
    covariance[2] = p11 - s1 * v1;
    covariance[3] = p20 - s2 * v0;
    covariance[4] = p21 - s2 * v1;
    covariance[5] = p22 - s2 * v2;
    const weights = this.#weights;
    weights[0]! += v0 * clipped;
    weights[1]! += v1 * clipped;
    weights[2]! += v2 * clipped;
  }

  /** The step for a click less the step for none that was taken before, with p and P of now; P stays. */
  correctLateClick(features: Float32Array, row: number, examined: number): void {
    const x1 = features[2 * row]!;
    const x2 = features[2 * row + 1]!;
    if (!(examined >= 0 && examined <= 1 && isSound(x1) && isSound(x2))) return;
    const covariance = this.#covariance;
    const v0 = covariance[0]! + covariance[1]! * x1 + covariance[3]! * x2;
    const v1 = covariance[1]! + covariance[2]! * x1 + covariance[4]! * x2;
    const v2 = covariance[3]! + covariance[4]! * x1 + covariance[5]! * x2;
    const p = this.attractiveness(features, row);
    const information = p * (1 - p) * (v0 + x1 * v1 + x2 * v2);
    const step = (1 - p) / (1 + information) + (examined * p) / (1 + examined * information);
    this.#lastRow = -1;
    this.#weights[0]! += v0 * step;
    this.#weights[1]! += v1 * step;
    this.#weights[2]! += v2 * step;
  }

  finish(): ContentModel {
    return createContentModel('INCREMENTAL', this.#weights.slice(), symmetric(this.#covariance));
  }
}

/** A feature outside the range is spoiled. */
function isSound(feature: number): boolean {
  return feature <= FEATURE_CLIP && feature >= -FEATURE_CLIP;
}

function lowerTriangle(matrix: Float64Array): Float64Array {
  const triangle = new Float64Array((WEIGHTS * (WEIGHTS + 1)) / 2);
  for (let i = 0, at = 0; i < WEIGHTS; i++) for (let j = 0; j <= i; j++, at++) triangle[at] = matrix[i * WEIGHTS + j]!;
  return triangle;
}

function symmetric(triangle: Float64Array): Float64Array {
  const matrix = new Float64Array(WEIGHTS * WEIGHTS);
  for (let i = 0, at = 0; i < WEIGHTS; i++) for (let j = 0; j <= i; j++, at++) matrix[i * WEIGHTS + j] = matrix[j * WEIGHTS + i] = triangle[at]!;
  return matrix;
}
