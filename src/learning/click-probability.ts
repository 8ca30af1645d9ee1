/** P(click) of what a page shows, by the ranker that serves it. */
import { priorExamination } from './examination.js';
import type { LearningBatch } from './learning-batch.js';
import { pairKeysOf } from './pair-key.js';
import { cellHashesOf } from './prediction-cells.js';
import type { RankerModel } from './ranker-model.js';
import { storedAttractiveness } from './ranking.js';

/** Of everything shown so far, by whichever ranker: what the base ranker's click probability rests on. */
export interface ShownTotals {
  /** Clicks. */
  clicks: number;
  /** Σ priorExamination(position). */
  examinations: number;
}

/** A page as it is shown: documents in the order served. */
export interface ShownPage {
  queryKey: string;
  documentIds: readonly string[];
  /** α of each. */
  attractiveness: ArrayLike<number>;
  /** Position of the first one over the whole ranking, from 1. */
  firstPosition: number;
}

/**
 * P(click) of each document of a page, in [0, 1]. With a model: `θ_k·α`, made right by the prediction cells of (query,
 * document, place, neighbours). Without one `θ_k·(C + 1.2)/(E + 10)`, C and E the totals of everything shown: an untrained g
 * would be overconfident.
 *
 * Example: no model, nothing shown yet, position 1 → .12.
 */
export function pageClickProbabilities(model: RankerModel | null, page: ShownPage, totals: ShownTotals): Float64Array {
  const { documentIds, attractiveness, firstPosition } = page;
  if (model === null) {
    return Float64Array.from(documentIds, (_, place) => baseProbability(firstPosition + place, totals));
  }
  const hashes = cellHashesOf(pairKeysOf(page.queryKey, documentIds), firstPosition);
  return Float64Array.from(documentIds, (_, place) =>
    model.cells.predict(hashes, place, model.examination.at(firstPosition + place) * attractiveness[place]!),
  );
}

/**
 * P(click) at a position without a model, whatever the document: `θ_k·(C + 1.2)/(E + 10)`.
 *
 * Example: C = 88.8, E = 890, position 1 → .1.
 */
export function baseProbability(position: number, totals: ShownTotals): number {
  return priorExamination(position) * Math.min(1, (totals.clicks + 1.2) / (totals.examinations + 10));
}

/** θ·α by a finished model, of a sample as stored; the prediction cells are not asked. */
export function modelProbability(model: RankerModel, rows: Pick<LearningBatch, 'features' | 'pairKeys' | 'positions'>, row: number): number {
  return model.examination.at(rows.positions[row]!) * storedAttractiveness(model, rows, row);
}
