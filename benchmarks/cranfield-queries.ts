/** The questions of the collection with their candidates, and what people think of a page shown for one. */
import { Analyser } from '../src/catalog-index/analyser.js';
import { CatalogIndex } from '../src/catalog-index/catalog-index.js';
import { computeFeatures } from '../src/learning/feature-set.js';
import { ndcg } from '../src/learning/metrics.js';
import type { RankingInput } from '../src/learning/ranking.js';
import type { CranfieldData, JudgedQuery } from './cranfield-data.js';

export const PAGE_SIZE = 10;

/** Of the queries, those whose taste changes in a drift, and the candidates among which their grades are permuted. */
const DRIFTING_SHARE = 0.3;
const DRIFTING_CANDIDATES = 100;

/** A judged query with its candidates, in the base ranker's order. */
export interface PreparedQuery {
  judged: JudgedQuery;
  input: RankingInput;
}

/** Every query with its candidates: computed once, for the catalogue does not change. */
export function prepareQueries({ documents, queries }: CranfieldData): PreparedQuery[] {
  const index = new CatalogIndex(new Analyser('english'));
  index.upsert(documents);
  return queries.map((judged) => {
    const candidates = index.candidates(judged.text);
    const { queryKey, documentIds, baseScores } = candidates;
    return { judged, input: { queryKey, documentIds, baseScores, features: computeFeatures(candidates) } };
  });
}

/** The folds that there are, ascending. */
export function foldsOf(queries: readonly PreparedQuery[]): number[] {
  return [...new Set(queries.map(({ judged }) => judged.fold))].sort((a, b) => a - b);
}

/** After a drift: of the queries some, drawn at random, are liked otherwise. */
export function driftedQueries(queries: readonly PreparedQuery[], random: () => number): PreparedQuery[] {
  return queries.map((query) => (random() < DRIFTING_SHARE ? drifted(query, random) : query));
}

/** The same query, liked otherwise: the grades of its first candidates permuted among them. The best order possible stays as good. */
function drifted(query: PreparedQuery, random: () => number): PreparedQuery {
  const first = query.input.documentIds.slice(0, DRIFTING_CANDIDATES);
  const others = shuffled(first, random);
  const grades = new Map(query.judged.grades);
  for (const id of first) grades.delete(id);
  first.forEach((id, i) => {
    const grade = query.judged.grades.get(others[i]!);
    if (grade !== undefined) grades.set(id, grade);
  });
  return { ...query, judged: { ...query.judged, grades } };
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

/** People's grades of documents, in their order. */
export function gradesOf({ judged }: PreparedQuery, documentIds: readonly string[]): number[] {
  return documentIds.map((id) => judged.grades.get(id) ?? 0);
}

/** nDCG@10 of documents in the order shown, by people's grades. */
export function ndcgOf(query: PreparedQuery, documentIds: readonly string[]): number {
  return ndcg(gradesOf(query, documentIds.slice(0, PAGE_SIZE)), PAGE_SIZE, [...query.judged.grades.values()]) ?? 0;
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
