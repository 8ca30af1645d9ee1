/** What the content model sees of a candidate: the one feature function behind serving, samples and training. */

/**
 * The features in force, in the order of their columns. The content model's input is `x = [1, f_1, …, f_F]`.
 * `version` goes up whenever a column's meaning changes; samples and checkpoints store it, so that numbers of two
 * meanings are never mixed.
 */
export const FEATURE_SET: { readonly version: 2; readonly names: readonly string[] } = { version: 2, names: ['bm25f', 'rm3'] };

/** Columns of earlier versions, oldest first: each began today's names, so what is missing reads as 0. */
export const EARLIER_FEATURE_SETS: ReadonlyMap<number, readonly string[]> = new Map([[1, ['bm25f']]]);

/** How features are scaled, in words, stored in every checkpoint: the scaling needs no learned constants. */
export const FEATURE_SCALING = 'z-score within the candidates of one query, clipped to [-6, 6], 0 where the deviation is under 1e-6';

/** No feature lies outside ±6; what does is spoiled. */
export const FEATURE_CLIP = 6;
const SMALLEST_DEVIATION = 1e-6;

/**
 * Features of all candidates of one query: z-scores of the base score (BM25F) and of the feedback score (RM3).
 *
 * Maths: `z_i = (s_i − mean) / sd` over the candidates (sd with n in the denominator), clipped to ±6; all 0 where sd is
 * under 1e-6 (one candidate, equal scores) or not a number (a spoiled score).
 * Shape: n×F row-major, F = FEATURE_SET.names.length; no unit. Rounded to float32, as samples store it, so that serving and
 * training see the same numbers to the bit.
 *
 * Example: base scores [3, 2, 1], feedback scores [1, 1, 1] → [1.2247, 0, 0, 0, −1.2247, 0].
 */
export function computeFeatures({ baseScores, feedbackScores }: { baseScores: Float64Array; feedbackScores: Float64Array }): Float32Array {
  const width = FEATURE_SET.names.length;
  const features = new Float32Array(baseScores.length * width);
  writeZScores(baseScores, features, 0, width);
  writeZScores(feedbackScores, features, 1, width);
  return features;
}

/** Writes the clipped z-scores of one column at out[offset], out[offset + stride], …; leaves zeros without variance. */
function writeZScores(values: Float64Array, out: Float32Array, offset: number, stride: number): void {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  const deviation = Math.sqrt(squares / n);
  if (!(deviation >= SMALLEST_DEVIATION && deviation < Infinity)) return;
  for (let i = 0; i < n; i++) {
    const z = (values[i]! - mean) / deviation;
    out[offset + i * stride] = Math.max(-FEATURE_CLIP, Math.min(FEATURE_CLIP, z));
  }
}
