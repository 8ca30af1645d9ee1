/** A finished model judged on stored samples. */
import { expect, test } from '@jest/globals';
import { pageClickProbabilities, type ShownTotals } from '../../../src/learning/click-probability.js';
import { ClickScorer } from '../../../src/learning/click-scorer.js';
import { encodeCheckpoint } from '../../../src/learning/checkpoint-format.js';
import { priorExamination } from '../../../src/learning/examination.js';
import { FEATURE_SET } from '../../../src/learning/feature-set.js';
import { Learner } from '../../../src/learning/learner.js';
import { ROW_KIND, type LearningBatch } from '../../../src/learning/learning-batch.js';
import { logLoss, type ModelMetrics } from '../../../src/learning/metrics.js';
import { pairKeysOf } from '../../../src/learning/pair-key.js';
import { cellHashesOf } from '../../../src/learning/prediction-cells.js';
import { rankCandidates } from '../../../src/learning/ranking.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { scoreBatch } from '../../../src/learning/score-batch.js';
import { metadataOf } from './checkpoints.js';
import { batchOf } from './samples.js';

const DOCUMENTS = ['a', 'b', 'c', 'd'];
const CLICKED = [false, true, false, false];
const NOTHING_SHOWN: ShownTotals = { clicks: 0, examinations: 0 };

/** A page of four documents for one query, the second clicked. */
function pageBatch(): LearningBatch {
  const keys = pairKeysOf('red shoe', DOCUMENTS);
  const batch = batchOf(
    DOCUMENTS.map((_, place) => ({
      pair: [keys[2 * place]!, keys[2 * place + 1]!] as const,
      features: FEATURE_SET.names.map((_name, column) => 1 - place / (column + 2)),
      position: place + 1,
      clicked: CLICKED[place]!,
    })),
  );
  batch.cellHashes.set(cellHashesOf(keys, 1));
  return batch;
}

function modelOf(pages: number): RankerModel {
  const learner = new Learner(null, { modelType: 'INCREMENTAL', mode: 'ONLINE' });
  for (let page = 0; page < pages; page++) learner.learn(pageBatch());
  return learner.finish().model;
}

function scored(model: RankerModel | null, batch: LearningBatch, totals = NOTHING_SHOWN): ModelMetrics {
  const scorer = new ClickScorer();
  scoreBatch(scorer, model, batch, totals);
  return scorer.metrics();
}

test('a model is judged by the probabilities that it serves the same page with', () => {
  const model = modelOf(40);
  const batch = pageBatch();
  const { attractiveness } = rankCandidates({ queryKey: 'red shoe', documentIds: DOCUMENTS, baseScores: new Float64Array(4), features: batch.features }, model);
  const served = pageClickProbabilities(model, { queryKey: 'red shoe', documentIds: DOCUMENTS, attractiveness, firstPosition: 1 }, NOTHING_SHOWN);
  const metrics = scored(model, batch);
  expect(metrics).toMatchObject({ samples: 4, positives: 1, auc: 1 });
  expect(metrics.logLoss).toBeCloseTo(logLoss(served, CLICKED.map(Number))!, 12);
});

test('the base ranker is judged by position and the click rate of everything shown', () => {
  const predicted = DOCUMENTS.map((_, place) => priorExamination(place + 1) * ((8.8 + 1.2) / (90 + 10)));
  expect(scored(null, pageBatch(), { clicks: 8.8, examinations: 90 }).logLoss).toBeCloseTo(logLoss(predicted, CLICKED.map(Number))!, 12);
});

test('judging teaches the model nothing', () => {
  const model = modelOf(3);
  const before = encodeCheckpoint(model, metadataOf({}));
  scored(model, pageBatch());
  expect(encodeCheckpoint(model, metadataOf({}))).toEqual(before);
});

test('late clicks are no samples', () => {
  const batch = pageBatch();
  batch.kind[2] = ROW_KIND.lateClick;
  expect(scored(modelOf(1), batch)).toMatchObject({ samples: 3, positives: 1 });
});
