/** The one way from a query and a ranker to an ordered list: search, preview and benchmarks all rank here. */
import type { Candidates, CatalogIndex } from '../catalog-index/catalog-index.js';
import { computeFeatures, FEATURE_SET } from '../learning/feature-set.js';
import { pageClickProbabilities, type ShownTotals } from '../learning/click-probability.js';
import { rankCandidates, type RankingInput } from '../learning/ranking.js';
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
  /** g: what the content model alone says of α; 0 for the base ranker. */
  contentAttractiveness: number;
  /** E of the click memory: about how often the document was looked at for the query; 0 for the base ranker. */
  memoryExaminations: number;
  /** As many as the feature set has names, rounded to float32. */
  features: number[];
}

export interface Ranked {
  terms: string[];
  queryKey: string;
  totalMatches: number;
  page: RankedDocument[];
  /** The candidate at each place of the whole ranking. Candidates are numbered in the base ranker's order, from 0. */
  order: Uint32Array;
  /** A candidate as it looks when shown at a position, from 1. */
  placed: (candidate: number, position: number) => RankedDocument;
}

export interface PageRequest {
  limit: number;
  offset: number;
}

/** A query's candidates with their features: all that a ranker is given. */
export function rankingInput(index: CatalogIndex, query: string): Candidates & RankingInput {
  const candidates = index.candidates(query);
  return { ...candidates, features: computeFeatures(candidates) };
}

/** Ranks the best candidates and cuts out a page. No exploration here: that is search's alone. */
export function rank(index: CatalogIndex, ranker: LoadedRanker, query: string, { limit, offset }: PageRequest): Ranked {
  const candidates = rankingInput(index, query);
  const { queryKey, documentIds, baseScores, features } = candidates;
  const ranking = rankCandidates(candidates, ranker.model);
  const width = FEATURE_SET.names.length;
  const placed = (candidate: number, position: number): RankedDocument => ({
    documentId: documentIds[candidate] ?? '',
    position,
    basePosition: candidate + 1,
    baseScore: baseScores[candidate] ?? 0,
    score: ranking.scores[candidate] ?? 0,
    attractiveness: ranking.attractiveness[candidate] ?? 0,
    contentAttractiveness: ranking.contentAttractiveness[candidate] ?? 0,
    memoryExaminations: ranking.memoryExaminations[candidate] ?? 0,
    features: Array.from(features.subarray(candidate * width, (candidate + 1) * width)),
  });
  const page = Array.from(ranking.order.subarray(offset, offset + limit), (candidate, place) => placed(candidate, offset + place + 1));
  return { terms: candidates.terms, queryKey, totalMatches: candidates.totalMatches, page, order: ranking.order, placed };
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
