/** Samples for the learner's tests, drawn from users that examine places by k^−.7. */
import { FEATURE_SET } from '../../../src/learning/feature-set.js';
import { createLearningBatch, ROW_KIND, type LearningBatch } from '../../../src/learning/learning-batch.js';
import { priorExamination } from '../../../src/learning/examination.js';

export const NOON = 1_700_000_000;

export interface SampleRow {
  kind?: number;
  pair: readonly [number, number];
  features?: readonly number[];
  position?: number;
  clicked?: boolean;
  shownAtSeconds?: number;
  predicted?: number;
  sampleHash?: number;
}

export function batchOf(rows: readonly SampleRow[]): LearningBatch {
  const width = FEATURE_SET.names.length;
  const batch = createLearningBatch(rows.length, width);
  rows.forEach((row, i) => {
    batch.kind[i] = row.kind ?? ROW_KIND.newSample;
    batch.pairKeys.set(row.pair, 2 * i);
    batch.features.set(row.features ?? new Array<number>(width).fill(0), i * width);
    batch.positions[i] = row.position ?? 1;
    batch.labels[i] = row.clicked ? 1 : 0;
    batch.shownAtSeconds[i] = row.shownAtSeconds ?? NOON;
    batch.predicted[i] = row.predicted ?? 0.1;
    batch.sampleHash[i] = row.sampleHash ?? Math.imul(i + 1, 0x9e3779b9) >>> 0;
  });
  return batch;
}

/** n samples of documents never seen twice, clicked with σ(w·x) when looked at; `predicted` is the truth. */
export function simulatedRows(n: number, weights: readonly [number, number], random: () => number): SampleRow[] {
  return Array.from({ length: n }, (_, i) => {
    const feature = 4 * random() - 1;
    const position = 1 + (i % 10);
    const attractiveness = 1 / (1 + Math.exp(-(weights[0] + weights[1] * feature)));
    const predicted = priorExamination(position) * attractiveness;
    const clicked = random() < predicted;
    return { pair: [i, Math.imul(i, 0x9e3779b9) >>> 0], features: [feature], position, clicked, predicted, sampleHash: Math.floor(random() * 2 ** 32) };
  });
}
