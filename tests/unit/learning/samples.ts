/** Samples for the learner's tests, drawn from users that examine places by k^−.7. */
import { FEATURE_SET } from '../../../src/learning/feature-set.js';
import { createLearningBatch, DRAWN_PAIR, ROW_KIND, type LearningBatch } from '../../../src/learning/learning-batch.js';
import { priorExamination } from '../../../src/learning/examination.js';

export const NOON = 1_700_000_000;

export interface SampleRow {
  kind?: number;
  pair: readonly [number, number];
  /** Hashes of the two prediction cells; those of the pair and place alone when left out, as if it had no neighbours. */
  cells?: readonly [number, number];
  /** As many as the feature set has; 0 when left out. */
  features?: readonly number[];
  position?: number;
  clicked?: boolean;
  shownAtSeconds?: number;
  predicted?: number;
  servedByBase?: boolean;
  drawnPair?: number;
  sampleHash?: number;
  query?: string;
}

export function batchOf(rows: readonly SampleRow[]): LearningBatch {
  const width = FEATURE_SET.names.length;
  const batch = createLearningBatch(rows.length, width);
  rows.forEach((row, i) => {
    const position = row.position ?? 1;
    const query = row.query ?? 'red shoe';
    batch.kind[i] = row.kind ?? ROW_KIND.newSample;
    batch.pairKeys.set(row.pair, 2 * i);
    batch.cellHashes.set(row.cells ?? cellsOf(row.pair, position), 2 * i);
    batch.features.set(row.features ?? new Array<number>(width).fill(0), i * width);
    batch.positions[i] = position;
    batch.labels[i] = row.clicked ? 1 : 0;
    batch.shownAtSeconds[i] = row.shownAtSeconds ?? NOON;
    batch.predicted[i] = row.predicted ?? 0.1;
    batch.servedByBase[i] = row.servedByBase ? 1 : 0;
    batch.drawnPair[i] = row.drawnPair ?? DRAWN_PAIR.none;
    batch.sampleHash[i] = row.sampleHash ?? Math.imul(i + 1, 0x9e3779b9) >>> 0;
    if (!batch.queries.includes(query)) batch.queries.push(query);
    batch.queryIndices[i] = batch.queries.indexOf(query);
  });
  return batch;
}

function cellsOf([low, high]: readonly [number, number], position: number): [number, number] {
  const hash = Math.imul(Math.imul(low, 0x9e3779b9) ^ high, 0x85ebca6b) + position;
  return [hash >>> 0, ~hash >>> 0];
}

/** n samples of documents never seen twice, clicked with σ(w·x) when looked at; `predicted` is the truth. */
export function simulatedRows(n: number, weights: readonly [number, number, number], random: () => number): SampleRow[] {
  return Array.from({ length: n }, (_, i) => {
    const features = [4 * random() - 1, 4 * random() - 2] as const;
    const position = 1 + (i % 10);
    const attractiveness = 1 / (1 + Math.exp(-(weights[0] + weights[1] * features[0] + weights[2] * features[1])));
    const predicted = priorExamination(position) * attractiveness;
    const clicked = random() < predicted;
    return { pair: [i, Math.imul(i, 0x9e3779b9) >>> 0], features, position, clicked, predicted, sampleHash: Math.floor(random() * 2 ** 32) };
  });
}
