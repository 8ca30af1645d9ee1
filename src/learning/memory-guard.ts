/** Whether the content model alone still ranks as well as the base ranker, judged by what the click memory knows. */
import { finiteOrNull, ndcg } from './metrics.js';
import { rankCandidates, type RankingInput } from './ranking.js';
import type { RankerModel } from './ranker-model.js';

/** The content model against the base ranker on queries the memory knows well. All finite where not null. */
export interface GuardEvidence {
  /** Queries that could be judged: something was clicked in them. */
  queries: number;
  /** Mean nDCG@10 by g alone, in [0, 1]; null without queries. */
  ndcg: number | null;
  /** The same of the base order. */
  baseNdcg: number | null;
  /** Paired t of the difference, below 0 when g ranks worse; null under two queries, or when all differences are the same. */
  t: number | null;
  /** 95 % interval of the mean difference (g less base); null under 30 queries, where it would mean little. */
  lower: number | null;
  upper: number | null;
}

/** Fewer judged queries say nothing about a ranking. */
export const FEWEST_JUDGED_QUERIES = 30;
const PLACES = 10;
/** Memory's gains count for less while little was looked at, as in α. */
const GAIN_EXAMINATIONS = 5;
/** Two rankings of equal worth differ by rounding at most. */
const SMALLEST_DEVIATION = 1e-12;

/**
 * Judges the content model by the click memory: candidates of each query are ranked by g alone and by the base ranker (the
 * order they come in), a document's gain is `C/(E + 5)`, and the two nDCG@10 (over the best order by gain) are compared
 * query by query. Queries without any click in memory are left out. Memory itself takes no part in the ranking: on known
 * queries it would cover for a ruined g, which log loss therefore cannot see.
 *
 * Maths: with the n differences d, `t = mean(d) / (sd(d)/√n)`, and the interval is `mean(d) ± q·sd(d)/√n`, q the .975
 * quantile of Student's t with n − 1 degrees of freedom. Comparing rankers by nDCG and a paired t-test: Smucker, Allan,
 * Carterette, "A comparison of statistical significance tests for information retrieval evaluation", CIKM 2007.
 *
 * Example: the clicked document third by the base order and first by g: nDCG .5 and 1. Two such queries, the other with
 * .6309 and 1 → mean difference .4345, t = 6.64.
 */
export function judgeByMemory(model: RankerModel, queries: readonly RankingInput[]): GuardEvidence {
  const byContent: number[] = [];
  const byBase: number[] = [];
  for (const query of queries) {
    const { contentAttractiveness, memoryClicks, memoryExaminations } = rankCandidates(query, model);
    // metrics.ndcg gains 2^grade − 1: this grade's gain is C/(E + 5). A query with a spoiled entry gets no nDCG and is left out.
    const grades = memoryClicks.map((clicks, i) => Math.log2(1 + Math.max(0, clicks) / (memoryExaminations[i]! + GAIN_EXAMINATIONS)));
    const content = ndcg(bestFirst(contentAttractiveness).map((candidate) => grades[candidate]!), PLACES, grades);
    const base = ndcg(grades, PLACES);
    if (content === null || base === null) continue;
    byContent.push(content);
    byBase.push(base);
  }
  return { queries: byContent.length, ndcg: meanOf(byContent), baseNdcg: meanOf(byBase), ...compare(byContent, byBase) };
}

/** Candidates by value descending, ties as they came (the base order); what is not a number goes last. */
function bestFirst(values: Float64Array): number[] {
  const rank = (i: number): number => (Number.isNaN(values[i]!) ? -1 : values[i]!);
  return Array.from(values.keys()).sort((a, b) => rank(b) - rank(a));
}

function compare(values: readonly number[], others: readonly number[]): Pick<GuardEvidence, 't' | 'lower' | 'upper'> {
  const n = values.length;
  const differences = values.map((value, i) => value - others[i]!);
  const mean = meanOf(differences);
  if (n < 2 || mean === null) return { t: null, lower: null, upper: null };
  const deviation = Math.sqrt(differences.reduce((sum, difference) => sum + (difference - mean) ** 2, 0) / (n - 1));
  const error = deviation / Math.sqrt(n);
  const halfWidth = studentQuantile(n - 1) * error;
  const enough = n >= FEWEST_JUDGED_QUERIES;
  return { t: deviation > SMALLEST_DEVIATION ? mean / error : null, lower: enough ? mean - halfWidth : null, upper: enough ? mean + halfWidth : null };
}

/**
 * The .975 quantile of Student's t, within .001 from 5 degrees of freedom on: Cornish and Fisher's expansion about the normal
 * quantile. Abramowitz and Stegun, "Handbook of mathematical functions", 26.7.5. Example: 29 degrees → 2.045.
 */
function studentQuantile(degrees: number): number {
  const x = 1.959964;
  return (
    x +
    (x ** 3 + x) / (4 * degrees) +
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / (96 * degrees ** 2) +
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / (384 * degrees ** 3)
  );
}

function meanOf(values: readonly number[]): number | null {
  return finiteOrNull(values.reduce((sum, value) => sum + value, 0) / values.length);
}
