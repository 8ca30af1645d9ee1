/** The content model as it serves: attractiveness of a document from its features alone, for pairs never seen. */
import type { ModelType } from './model-type.js';

/**
 * `g = σ(w·x)`, `x = [1, f_1, …, f_F]`. Immutable; both kinds serve alike and differ in how they learn.
 */
export interface ContentModel {
  readonly kind: ModelType;
  /** w, length F + 1, intercept first; log-odds per unit of a feature. */
  readonly weights: Float64Array;
  /** P, the posterior covariance of w, (F+1)×(F+1) row-major: how sure each weight is. */
  readonly covariance: Float64Array;
  /** g in (0, 1) of one row of an n×F row-major feature array. */
  attractiveness(features: Float32Array, row: number): number;
  isFinite(): boolean;
}

/** The logistic function σ(s) = 1 / (1 + e^−s). Example: σ(0) = .5, σ(−2) = .1192. */
export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

/** The linear score w·x of one row, x with a leading 1. */
export function linearScore(weights: Float64Array, features: Float32Array, row: number): number {
  const width = weights.length - 1;
  let score = weights[0]!;
  for (let column = 0, at = row * width; column < width; column++, at++) score += weights[column + 1]! * features[at]!;
  return score;
}

/**
 * A content model with these weights and covariance (both are kept, not copied: give them away).
 *
 * Example: weights [−2, .7], features [1.2247] → σ(−2 + .857) = .2418.
 */
export function createContentModel(kind: ModelType, weights: Float64Array, covariance: Float64Array): ContentModel {
  if (covariance.length !== weights.length ** 2) {
    throw new RangeError(`covariance of ${weights.length} weights has ${covariance.length} entries`);
  }
  return {
    kind,
    weights,
    covariance,
    attractiveness: (features, row) => sigmoid(linearScore(weights, features, row)),
    isFinite: () => weights.every(Number.isFinite) && covariance.every(Number.isFinite),
  };
}

/**
 * Prior of w: mean [−2, .7, 0] and variances [1/3, 1/30, 1/30], for [1, bm25f, rm3]. It sorts as the base ranker does, so
 * an untrained model changes nothing.
 */
export const START_WEIGHTS: readonly number[] = [-2, 0.7, 0];
export const START_VARIANCES: readonly number[] = [1 / 3, 1 / 30, 1 / 30];

/** The content model of a new lineage: the prior. */
export function startContentModel(kind: ModelType): ContentModel {
  return createContentModel(kind, Float64Array.from(START_WEIGHTS), diagonal(START_VARIANCES));
}

function diagonal(values: readonly number[]): Float64Array {
  const matrix = new Float64Array(values.length ** 2);
  values.forEach((value, i) => (matrix[i * values.length + i] = value));
  return matrix;
}
