/** The learner: progressive validation, memory and content model along a run and a lineage. */
import { describe, expect, test } from '@jest/globals';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/learning/checkpoint-format.js';
import { createContentModel, sigmoid, START_WEIGHTS } from '../../../src/learning/content-model.js';
import { priorExamination } from '../../../src/learning/examination.js';
import { Learner, type LearnerOptions } from '../../../src/learning/learner.js';
import { ROW_KIND } from '../../../src/learning/learning-batch.js';
import { logLoss, rocAuc } from '../../../src/learning/metrics.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { metadataOf } from './checkpoints.js';
import { numbers } from './random-numbers.js';
import { batchOf, NOON, simulatedRows, type SampleRow } from './samples.js';

const ONLINE: LearnerOptions = { modelType: 'LOGISTIC', mode: 'ONLINE' };

function learned(rows: readonly SampleRow[], parent: RankerModel | null = null, options: LearnerOptions = ONLINE) {
  const learner = new Learner(parent, options);
  learner.learn(batchOf(rows));
  return learner.finish();
}

function memoryOf(model: RankerModel, [low, high]: readonly [number, number]) {
  const slot = model.memory.find(low, high);
  return slot < 0 ? null : [model.memory.clicksAt(slot), model.memory.examinationsAt(slot)];
}

describe('progressive validation', () => {
  test('each sample is predicted with the state before it: a worked example', () => {
    const pair = [1, 2] as const;
    const { metrics, servedMetrics, samples } = learned([
      { pair, position: 1, clicked: true, predicted: 0.2 },
      { pair, position: 2, clicked: false, predicted: 0.3 },
    ]);
    const g = sigmoid(-2);
    const second = 2 ** -0.7 * ((1 + 5 * g) / 6);
    expect(samples).toBe(2);
    expect(metrics.logLoss).toBeCloseTo(logLoss([g, second], [1, 0])!, 12);
    expect(metrics.auc).toBe(rocAuc([g, second], [1, 0]));
    expect(servedMetrics.logLoss).toBeCloseTo(logLoss([0.2, 0.3], [1, 0])!, 6);
  });

  test('late clicks and replayed samples are not scored', () => {
    const { metrics, samples } = learned([
      { pair: [5, 5], kind: ROW_KIND.replayedSample, clicked: true },
      { pair: [1, 2], clicked: false },
      { pair: [1, 2], kind: ROW_KIND.lateClick },
    ]);
    expect([metrics.samples, metrics.positives, samples]).toEqual([1, 0, 1]);
  });

  test('the calibration bins count every new sample', () => {
    const { calibrationBins } = learned(simulatedRows(500, [-2, 0.7, 0.4], numbers(4)));
    expect(calibrationBins.reduce((sum, bin) => sum + bin.samples, 0)).toBe(500);
  });
});

describe('click memory in a run', () => {
  test('takes examination by position and clicks by label', () => {
    const { model } = learned([
      { pair: [1, 2], position: 3, clicked: true },
      { pair: [1, 2], position: 1, clicked: false },
    ]);
    const [clicks, examinations] = memoryOf(model, [1, 2])!;
    expect(clicks).toBe(1);
    expect(examinations).toBeCloseTo(1 + priorExamination(3), 6);
  });

  test('goes on from the parent, and the parent stays as it was', () => {
    const first = learned([{ pair: [1, 2], clicked: true }]).model;
    const second = learned([{ pair: [1, 2], clicked: true }, { pair: [3, 4] }], first).model;
    expect(memoryOf(second, [1, 2])).toEqual([2, 2]);
    expect(memoryOf(first, [1, 2])).toEqual([1, 1]);
    expect(memoryOf(first, [3, 4])).toBeNull();
  });

  test('a late click corrects a sample that was learned as not clicked', () => {
    const first = learned([{ pair: [1, 2] }]).model;
    const { model, samples } = learned([{ pair: [1, 2], kind: ROW_KIND.lateClick, clicked: true }], first);
    expect(memoryOf(model, [1, 2])).toEqual([1, 1]);
    expect(samples).toBe(0);
  });

  test('an offline run begins with a fresh memory, whatever the parent', () => {
    const first = learned([{ pair: [1, 2], clicked: true }]).model;
    const { model } = learned([{ pair: [3, 4] }], first, { modelType: 'LOGISTIC', mode: 'OFFLINE' });
    expect(memoryOf(model, [1, 2])).toBeNull();
    expect(memoryOf(model, [3, 4])).toEqual([0, 1]);
  });

  test('a replayed sample leaves it alone', () => {
    expect(learned([{ pair: [1, 2], kind: ROW_KIND.replayedSample, clicked: true }]).model.memory.size).toBe(0);
  });

  test('the parent’s own memory, cells and queries are learned in only when they are given away', () => {
    const parent = learned([{ pair: [1, 2], clicked: true }]).model;
    const copied = learned([{ pair: [3, 4] }], parent).model;
    expect(copied.memory).not.toBe(parent.memory);
    expect(copied.cells).not.toBe(parent.cells);
    expect(copied.knownQueries).not.toBe(parent.knownQueries);
    const { model } = learned([{ pair: [3, 4] }], parent, { ...ONLINE, takeParentState: true });
    expect(model.memory).toBe(parent.memory);
    expect(model.cells).toBe(parent.cells);
    expect(model.knownQueries).toBe(parent.knownQueries);
  });
});

describe('LOGISTIC', () => {
  test('finds the weights of synthetic users who do not look everywhere', () => {
    const rows = simulatedRows(5000, [-1.2, 0.6, 0.4], numbers(22));
    const { model } = learned(rows, null, { modelType: 'LOGISTIC', mode: 'OFFLINE' });
    expect(Math.abs(model.content.weights[0]! + 1.2)).toBeLessThan(0.2);
    expect(Math.abs(model.content.weights[1]! - 0.6)).toBeLessThan(0.15);
    expect(Math.abs(model.content.weights[2]! - 0.4)).toBeLessThan(0.15);
  });

  test('a window of replayed samples is learned like new ones, by the probability stored when they were shown', () => {
    const replayed = simulatedRows(2000, [-1.2, 0.6, 0.4], numbers(22)).map((row) => ({ ...row, kind: ROW_KIND.replayedSample }));
    const { model } = learned([...replayed, { pair: [1, 1] }]);
    expect(Math.abs(model.content.weights[0]! + 1.2)).toBeLessThan(0.2);
    expect(Math.abs(model.content.weights[1]! - 0.6)).toBeLessThan(0.15);
    expect(Math.abs(model.content.weights[2]! - 0.4)).toBeLessThan(0.15);
  });

  test('fits the newest samples of the window only', () => {
    const old = simulatedRows(800, [-3, 0.2, 0.4], numbers(23));
    const fresh = simulatedRows(800, [-0.5, 0.9, 0.4], numbers(24)).map((row) => ({ ...row, pair: [row.pair[0] + 9999, row.pair[1]] as const }));
    const windowed = learned([...old, ...fresh], null, { ...ONLINE, windowSize: 800 }).model.content.weights;
    const alone = learned(fresh, null, { ...ONLINE, windowSize: 800 }).model.content.weights;
    expect(Math.abs(windowed[0]! - alone[0]!)).toBeLessThan(0.1);
    expect(Math.abs(windowed[1]! - alone[1]!)).toBeLessThan(0.1);
    expect(Math.abs(windowed[2]! - alone[2]!)).toBeLessThan(0.1);
  });

  test('keeps the start weights and covariance until both classes are there', () => {
    const { model, finite } = learned(simulatedRows(200, [-2, 0.7, 0], numbers(25)).map((row) => ({ ...row, clicked: false })));
    expect([...model.content.weights]).toEqual([...START_WEIGHTS]);
    expect([...model.content.covariance]).toEqual([1 / 3, 0, 0, 0, 1 / 30, 0, 0, 0, 1 / 30]);
    expect(finite).toBe(true);
  });

  test('keeps the parent’s weights when a run has one class only', () => {
    const parent = learned(simulatedRows(500, [-1, 0.7, 0.4], numbers(26))).model;
    const { model } = learned([{ pair: [1, 1] }, { pair: [1, 2] }], parent);
    expect(model.content.weights).toEqual(parent.content.weights);
    expect(model.content.covariance).toEqual(parent.content.covariance);
  });

  test('the more samples, the smaller the variances', () => {
    const few = learned(simulatedRows(300, [-1, 0.7, 0.4], numbers(27))).model.content.covariance;
    const many = learned(simulatedRows(1500, [-1, 0.7, 0.4], numbers(27))).model.content.covariance;
    expect(many[0]!).toBeLessThan(few[0]!);
    expect(few[0]!).toBeLessThan(1 / 3);
    expect(many[4]!).toBeLessThan(few[4]!);
    expect(many[8]!).toBeLessThan(few[8]!);
  });

  test('the same samples give the same model to the bit, also from a parent that was saved and loaded', () => {
    const parent = learned(simulatedRows(500, [-1, 0.7, 0.4], numbers(28))).model;
    const loaded = decodeCheckpoint(encodeCheckpoint(parent, metadataOf({}))).model;
    const rows = simulatedRows(300, [-1, 0.7, 0.4], numbers(29));
    const bytesOf = (from: RankerModel): Uint8Array => encodeCheckpoint(learned(rows, from).model, metadataOf({}));
    expect(Buffer.compare(bytesOf(parent), bytesOf(loaded))).toBe(0);
  });

  test('starts again when the parent’s weights are of another feature set', () => {
    const trained = learned([{ pair: [1, 2], clicked: true }]).model;
    const parent = { ...trained, featureSetVersion: 99, content: createContentModel('LOGISTIC', new Float64Array(4), new Float64Array(16)) };
    const { model } = learned([{ pair: [3, 4] }], parent);
    expect([...model.content.weights]).toEqual([...START_WEIGHTS]);
    expect(model.memory.size).toBe(2);
  });
});

describe('use', () => {
  test('nothing can be learned once it has finished', () => {
    const learner = new Learner(null, ONLINE);
    learner.finish();
    expect(() => learner.learn(batchOf([]))).toThrow('has finished');
  });

  test('columns that do not fit together are refused', () => {
    const batch = batchOf([{ pair: [1, 2], shownAtSeconds: NOON }]);
    expect(() => new Learner(null, ONLINE).learn({ ...batch, labels: new Uint8Array(2) })).toThrow('labels has 2 entries, not 1');
  });

  test('a row of unknown kind is refused', () => {
    expect(() => new Learner(null, ONLINE).learn(batchOf([{ pair: [1, 2], kind: 7 }]))).toThrow('unknown kind 7');
  });

  test.each(['LOGISTIC', 'INCREMENTAL'] as const)('%s can be trained, and goes on from the other kind', (modelType) => {
    const other = modelType === 'LOGISTIC' ? 'INCREMENTAL' : 'LOGISTIC';
    const parent = learned([{ pair: [1, 2], clicked: true }], null, { modelType: other, mode: 'ONLINE' }).model;
    const { model } = learned([{ pair: [3, 4] }], parent, { modelType, mode: 'ONLINE' });
    expect([model.kind, model.content.kind, model.memory.size]).toEqual([modelType, modelType, 2]);
  });
});

describe('the finish', () => {
  test('of sound samples is finite', () => {
    expect(learned([{ pair: [1, 2] }]).finite).toBe(true);
  });

  test('tells of a metric that is not finite, for promotion to refuse', () => {
    const { finite, metrics } = learned([{ pair: [1, 2], features: [NaN, 0], clicked: true }]);
    expect([finite, metrics.logLoss]).toEqual([false, null]);
  });
});
