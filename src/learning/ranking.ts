/** Pure scoring: the one function behind search, preview, explanations and benchmarks. */
import type { ReadableClickMemory } from './click-memory.js';
import type { ContentModel } from './content-model.js';
import type { LearningBatch } from './learning-batch.js';
import { pairKeysOf } from './pair-key.js';
import type { RankerModel } from './ranker-model.js';

/** The candidates of one query, in the base ranker's order (score descending, then id by code unit). */
export interface RankingInput {
  /** The query's stems in order, joined: what the memory knows the query by. */
  queryKey: string;
  documentIds: readonly string[];
  baseScores: Float64Array;
  /** computeFeatures of the same candidates, n×F row-major. */
  features: Float32Array;
}

/** By candidate unless said otherwise; all finite, probabilities in [0, 1]. Without a model the last four are 0. */
export interface Ranking {
  /** The candidate at each place. */
  order: Uint32Array;
  /** The value sorted by. */
  scores: Float64Array;
  /** α: the probability of a click by somebody who looks. */
  attractiveness: Float64Array;
  /** g: what the content model alone says of α. */
  contentAttractiveness: Float64Array;
  /** C, 0 for a pair not known. */
  memoryClicks: Float64Array;
  /** E, 0 for a pair not known. */
  memoryExaminations: Float64Array;
}

/** Weight of g in α, in examinations. */
const CONTENT_WEIGHT = 5;
/** The optimism's factor and its own prior examinations. */
const OPTIMISM = 0.5;
const OPTIMISM_EXAMINATIONS = 6;

/**
 * Attractiveness `α = (C + 5g)/(E + 5)`, clamped to [1e-4, .999]: a pair never seen has g, a much-seen one its own record.
 *
 * Example: g = .2, C = 3, E = 5 → α = .4.
 */
export function attractivenessOf(content: number, clicks: number, examinations: number): number {
  const alpha = (clicks + CONTENT_WEIGHT * content) / (examinations + CONTENT_WEIGHT);
  return alpha < 1e-4 ? 1e-4 : alpha > 0.999 ? 0.999 : alpha;
}

/** α of a sample as stored, by a content model and a memory as they are now. */
export function storedAttractiveness(
  { content, memory }: { content: Pick<ContentModel, 'attractiveness'>; memory: ReadableClickMemory },
  { features, pairKeys }: Pick<LearningBatch, 'features' | 'pairKeys'>,
  row: number,
): number {
  const slot = memory.find(pairKeys[2 * row]!, pairKeys[2 * row + 1]!);
  const clicks = slot < 0 ? 0 : memory.clicksAt(slot);
  const examinations = slot < 0 ? 0 : memory.examinationsAt(slot);
  return attractivenessOf(content.attractiveness(features, row), clicks, examinations);
}

/**
 * `E/(E + 5)`: the weight in α of the pair's own click rate C/E; the rest, `5/(E + 5)`, is the weight of g.
 *
 * Example: E = 5 → .5; E = 0 → 0.
 */
export function memoryWeightOf(examinations: number): number {
  return examinations / (examinations + CONTENT_WEIGHT);
}

/**
 * What is sorted by: `α + .5·√(α(1−α)/(E + 6))`, a small optimism for what was little looked at. It keeps g's order where
 * nothing is known.
 *
 * Example: α = .2, E = 0 → .2816; α = .2, E = 100 → .2194.
 */
export function optimisticScore(alpha: number, examinations: number): number {
  return alpha + OPTIMISM * Math.sqrt((alpha * (1 - alpha)) / (examinations + OPTIMISM_EXAMINATIONS));
}

/**
 * Ranks candidates by a model, or without one in the base order. Memory is read as last stored, so a ranking repeats
 * exactly. Ties go by base score descending, then by document id (code units); a score that is not a number goes last.
 *
 * Example: without a model, base scores [3, 1, 2] → order [0, 2, 1], scores the same three.
 */
export function rankCandidates(input: RankingInput, model: RankerModel | null): Ranking {
  const { documentIds, baseScores, features } = input;
  const n = documentIds.length;
  const ranking: Ranking = {
    order: Uint32Array.from({ length: n }, (_, i) => i),
    scores: new Float64Array(n),
    attractiveness: new Float64Array(n),
    contentAttractiveness: new Float64Array(n),
    memoryClicks: new Float64Array(n),
    memoryExaminations: new Float64Array(n),
  };
  const { scores } = ranking;
  if (model === null) scores.set(baseScores);
  else scoreByModel(ranking, features, pairKeysOf(input.queryKey, documentIds), model);

  ranking.order.sort((a, b) => {
    const byScore = descending(scores[a]!, scores[b]!) || descending(baseScores[a]!, baseScores[b]!);
    if (byScore !== 0) return byScore;
    const idA = documentIds[a]!;
    const idB = documentIds[b]!;
    return idA < idB ? -1 : idA > idB ? 1 : a - b;
  });
  return ranking;
}

function scoreByModel(ranking: Ranking, features: Float32Array, keys: Uint32Array, model: RankerModel): void {
  const { content, memory } = model;
  const n = ranking.scores.length;
  const width = content.weights.length - 1;
  if (features.length !== n * width) throw new RangeError(`${n} candidates have ${features.length} features; the model reads ${width} each`);
  for (let i = 0; i < n; i++) {
    const slot = memory.find(keys[2 * i]!, keys[2 * i + 1]!);
    const clicks = slot < 0 ? 0 : memory.clicksAt(slot);
    const examinations = slot < 0 ? 0 : memory.examinationsAt(slot);
    const g = content.attractiveness(features, i);
    const alpha = attractivenessOf(g, clicks, examinations);
    ranking.contentAttractiveness[i] = g;
    ranking.memoryClicks[i] = clicks;
    ranking.memoryExaminations[i] = examinations;
    ranking.attractiveness[i] = alpha;
    ranking.scores[i] = optimisticScore(alpha, examinations);
  }
}

/** Larger first, not-a-number last. */
function descending(a: number, b: number): number {
  if (a > b) return -1;
  if (a < b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
