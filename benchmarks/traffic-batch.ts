/** Turns simulated pages into the columns the learner reads. */
import { FEATURE_SET } from '../src/learning/feature-set.js';
import { createLearningBatch, DRAWN_PAIR, type LearningBatch } from '../src/learning/learning-batch.js';
import { pairKeysOf, writePairKey } from '../src/learning/pair-key.js';
import { cellHashesOf } from '../src/learning/prediction-cells.js';
import type { RankingInput } from '../src/learning/ranking.js';

export interface TrafficPage {
  input: RankingInput;
  /** The query as typed. */
  text: string;
  /** Candidates in the order shown. */
  page: readonly number[];
  clicks: readonly boolean[];
  /** Click probabilities as they were when shown. */
  predicted: ArrayLike<number>;
  /** The upper place of the pair that was drawn, from 1. */
  drawnPair: number | null;
  shownAtSeconds: number;
  servedByBase: boolean;
}

/** A page and its running number, of which its samples' hashes are made. */
export interface NumberedPage extends TrafficPage {
  number: number;
}

/** The samples of pages, in order, all of one kind (ROW_KIND). */
export function batchOf(pages: readonly NumberedPage[], kind: number): LearningBatch {
  const width = FEATURE_SET.names.length;
  const batch = createLearningBatch(pages.reduce((sum, { page }) => sum + page.length, 0), width);
  const hash = new Uint32Array(2);
  let row = 0;
  pages.forEach(({ input, text, page, clicks, predicted, drawnPair, shownAtSeconds, number, servedByBase }, index) => {
    const pairKeys = pairKeysOf(input.queryKey, page.map((candidate) => input.documentIds[candidate]!));
    batch.pairKeys.set(pairKeys, 2 * row);
    batch.cellHashes.set(cellHashesOf(pairKeys, 1), 2 * row);
    batch.queries.push(text);
    page.forEach((candidate, place) => {
      batch.kind[row] = kind;
      batch.features.set(input.features.subarray(candidate * width, (candidate + 1) * width), row * width);
      batch.positions[row] = place + 1;
      batch.labels[row] = clicks[place] ? 1 : 0;
      batch.shownAtSeconds[row] = shownAtSeconds;
      batch.predicted[row] = predicted[place]!;
      batch.servedByBase[row] = servedByBase ? 1 : 0;
      batch.drawnPair[row] = place + 1 === drawnPair ? DRAWN_PAIR.upper : place === drawnPair ? DRAWN_PAIR.lower : DRAWN_PAIR.none;
      writePairKey(String(number), String(place), hash, 0);
      batch.sampleHash[row] = hash[0]!;
      batch.queryIndices[row] = index;
      row++;
    });
  });
  return batch;
}
