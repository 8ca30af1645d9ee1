/** RM3 computed directly from the texts, document by document: what the index's feedback scores are held against. */
import type { Analyser } from '../../../src/catalog-index/analyser.js';
import type { Candidates, CatalogDocument } from '../../../src/catalog-index/catalog-index.js';
import { baseScore } from './direct-bm25f.js';

/** The longer query: weight by stem, of the candidates as the index found them. */
export function expandedQuery(analyser: Analyser, documents: readonly CatalogDocument[], query: string, { documentIds, baseScores }: Candidates): Map<string, number> {
  const best = documentIds.slice(0, 10).map((id) => documents.find((document) => document.id === id)!);
  const stemsOf = ({ title, body }: CatalogDocument): string[] => [...analyser.analyse(title), ...analyser.analyse(body)];
  const scoreSum = best.reduce((sum, _, place) => sum + baseScores[place]!, 0);
  const relevance = new Map<string, number>();
  best.forEach((document, place) => {
    const stems = stemsOf(document);
    for (const stem of stems) relevance.set(stem, (relevance.get(stem) ?? 0) + baseScores[place]! / scoreSum / stems.length);
  });
  const kept = [...relevance].sort(([a, left], [b, right]) => (Math.abs(left - right) > 1e-12 ? right - left : a < b ? -1 : 1)).slice(0, 40);
  const total = kept.reduce((sum, [, weight]) => sum + weight, 0);
  const expanded = new Map(kept.map(([stem, weight]) => [stem, (0.5 * weight) / total]));
  const terms = analyser.analyse(query);
  for (const stem of terms) expanded.set(stem, (expanded.get(stem) ?? 0) + 0.5 / terms.length);
  return expanded;
}

/** BM25F of a document for the longer query: a sum over its stems, each as a query of one word. */
export function feedbackScore(analyser: Analyser, documents: readonly CatalogDocument[], query: string, candidates: Candidates, id: string): number {
  let score = 0;
  for (const [stem, weight] of expandedQuery(analyser, documents, query, candidates)) score += weight * stemScore(analyser, documents, stem, id);
  return score;
}

/** A stem is not always its own stem, so the word is looked for that has it. */
function stemScore(analyser: Analyser, documents: readonly CatalogDocument[], stem: string, id: string): number {
  const text = documents.map(({ title, body }) => `${title} ${body}`).join(' ');
  const word = analyser.words(text).find((candidate) => analyser.analyse(candidate)[0] === stem);
  return word === undefined ? 0 : baseScore(analyser, documents, word, id);
}
