/** The one way from a query and a ranker to an ordered list: search, preview and benchmarks all rank here. */
import type { CatalogIndex } from '../catalog-index/catalog-index.js';
import { computeFeatures, FEATURE_SET } from '../learning/feature-set.js';
import { pageClickProbabilities, type ShownTotals } from '../learning/click-probability.js';
import { rankCandidates } from '../learning/ranking.js';
import type { RankerModel } from '../learning/ranker-model.js';

/** A ranker ready to rank: the base ranker has no model. */
export interface LoadedRanker {
  /** "base", or a checkpoint's id. */
  id: string;
  model: RankerModel | null;
}

/** One place of a ranking. */
export interface RankedDocument {
  documentId: string;
  /** From 1 over the whole ranking. */
  position: number;
  basePosition: number;
  baseScore: number;
  score: number;
  /** α of the document for the query, which the position's examination turns into a click probability; 0 for the base ranker. */
  attractiveness: number;
  /** As many as the feature set has names, rounded to float32. */
  features: number[];
}

export interface Ranked {
  terms: string[];
  queryKey: string;
  totalMatches: number;
  page: RankedDocument[];
}

export interface PageRequest {
  limit: number;
  offset: number;
}

/** Ranks the best candidates and cuts out a page. No exploration here: that is search's alone. */
export function rank(index: CatalogIndex, ranker: LoadedRanker, query: string, { limit, offset }: PageRequest): Ranked {
  const candidates = index.candidates(query);
  const { queryKey, documentIds, baseScores } = candidates;
  const features = computeFeatures(candidates);
  const ranking = rankCandidates({ queryKey, documentIds, baseScores, features }, ranker.model);
  const width = FEATURE_SET.names.length;
  const page: RankedDocument[] = [];
  for (let place = offset; place < Math.min(offset + limit, documentIds.length); place++) {
    const candidate = ranking.order[place] ?? 0;
    page.push({
      documentId: documentIds[candidate] ?? '',
      position: place + 1,
      basePosition: candidate + 1,
      baseScore: baseScores[candidate] ?? 0,
      score: ranking.scores[candidate] ?? 0,
      attractiveness: ranking.attractiveness[candidate] ?? 0,
      features: Array.from(features.subarray(candidate * width, (candidate + 1) * width)),
    });
  }
  return { terms: candidates.terms, queryKey, totalMatches: candidates.totalMatches, page };
}

/** P(click) of each document of a page as it is shown, by the ranker that serves it. */
export function predictPage(ranker: LoadedRanker, queryKey: string, page: readonly RankedDocument[], offset: number, totals: ShownTotals): Float64Array {
  return pageClickProbabilities(
    ranker.model,
    {
      queryKey,
      documentIds: page.map((document) => document.documentId),
      attractiveness: page.map((document) => document.attractiveness),
      firstPosition: offset + 1,
    },
    totals,
  );
}
