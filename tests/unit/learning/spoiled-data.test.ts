/** Whatever samples come, learning neither throws nor makes a model that cannot serve. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/learning/checkpoint-format.js';
import { pageClickProbabilities } from '../../../src/learning/click-probability.js';
import { computeFeatures } from '../../../src/learning/feature-set.js';
import { explore } from '../../../src/learning/exploration.js';
import { Learner, type LearnerOptions } from '../../../src/learning/learner.js';
import { ROW_KIND } from '../../../src/learning/learning-batch.js';
import type { ModelType } from '../../../src/learning/model-type.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { rankCandidates } from '../../../src/learning/ranking.js';
import { metadataOf } from './checkpoints.js';
import { batchOf, type SampleRow } from './samples.js';

const anyFloat = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e308, -1e308, 6, -6));
const word = fc.integer({ min: 0, max: 3 });
const query = fc.constantFrom('red shoe', '', '模型', '"\\\u0001', 'x'.repeat(512), '__proto__');

const anyRow: fc.Arbitrary<SampleRow> = fc.record({
  kind: fc.constantFrom(ROW_KIND.newSample, ROW_KIND.newSample, ROW_KIND.newSample, ROW_KIND.replayedSample, ROW_KIND.lateClick, ROW_KIND.anchorSample),
  pair: fc.tuple(word, word),
  cells: fc.tuple(word, word),
  features: fc.tuple(anyFloat, anyFloat),
  position: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(65_535)),
  clicked: fc.boolean(),
  shownAtSeconds: anyFloat,
  predicted: anyFloat,
  servedByBase: fc.boolean(),
  drawnPair: fc.integer({ min: 0, max: 3 }),
  sampleHash: fc.nat(),
  query,
});

const soundFeature = fc.double({ min: -6, max: 6, noNaN: true });
const soundRow: fc.Arbitrary<SampleRow> = fc.record({
  kind: fc.constantFrom(ROW_KIND.newSample, ROW_KIND.newSample, ROW_KIND.newSample, ROW_KIND.replayedSample, ROW_KIND.lateClick),
  pair: fc.tuple(word, word),
  cells: fc.tuple(word, word),
  features: fc.tuple(soundFeature, soundFeature),
  position: fc.integer({ min: 1, max: 10 }),
  clicked: fc.boolean(),
  shownAtSeconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  predicted: fc.double({ min: 0, max: 1, noNaN: true }),
  servedByBase: fc.boolean(),
  drawnPair: fc.integer({ min: 0, max: 2 }),
  sampleHash: fc.nat(),
  query,
});

const KINDS = ['LOGISTIC', 'INCREMENTAL'] as const;

function learned(modelType: ModelType, rows: readonly SampleRow[], parent: RankerModel | null = null, options: Partial<LearnerOptions> = {}) {
  const learner = new Learner(parent, { modelType, mode: 'ONLINE', windowSize: 200, ...options });
  learner.learn(batchOf(rows));
  return learner.finish();
}

/** A model that can be saved and loaded has nothing in it that is not finite, and what it predicts is a probability. */
function expectServable(model: RankerModel): void {
  const loaded = decodeCheckpoint(encodeCheckpoint(model, metadataOf({}))).model;
  const documentIds = ['a', 'b', 'c'];
  const ranking = rankCandidates({ queryKey: 'q', documentIds, baseScores: Float64Array.of(3, 2, 1), features: Float32Array.of(6, -6, 0, 0, -6, 6) }, loaded);
  expect([...ranking.order].sort()).toEqual([0, 1, 2]);
  expect(ranking.scores.every(Number.isFinite)).toBe(true);
  const page = { queryKey: 'q', documentIds, attractiveness: ranking.attractiveness, firstPosition: 1 };
  expect(pageClickProbabilities(loaded, page, { clicks: 0, examinations: 0 }).every((p) => p >= 0 && p <= 1)).toBe(true);
}

describe.each(KINDS)('spoiled samples of %s', (kind) => {
  const other = kind === 'LOGISTIC' ? 'INCREMENTAL' : 'LOGISTIC';

  test('never throw and never make a model that is not finite, also one after another', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), fc.array(anyRow, { maxLength: 60 }), fc.boolean(), (first, second, resetContent) => {
        const parent = learned(kind, first).model;
        expectServable(parent);
        expectServable(learned(kind, second, parent, { resetContent }).model);
        expectServable(learned(other, second, parent).model);
        expectServable(learned(kind, second, null, { mode: 'OFFLINE', champion: parent }).model);
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  test('are told: a new sample with a feature that is no number makes the run unfinite, and its parent goes on serving', () => {
    const parent = learned(kind, [{ pair: [1, 1], clicked: true }]).model;
    const { finite, model } = learned(kind, [{ pair: [1, 2], features: [0, NaN] }], parent);
    expect(finite).toBe(false);
    expect(model.content.isFinite()).toBe(true);
    expectServable(parent);
  });

  test('whatever comes, what the run tells is finite or null', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), fc.array(anyRow, { maxLength: 60 }), (first, second) => {
        const { metrics, servedMetrics, batchEvidence, anchorEvidence } = learned(kind, second, learned(kind, first).model);
        for (const figures of [metrics, servedMetrics, batchEvidence, anchorEvidence]) {
          for (const figure of Object.values(figures ?? {})) expect(figure === null || Number.isFinite(figure)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  test('whatever sound samples come, the result is finite and metrics lie in their bounds', () => {
    fc.assert(
      fc.property(fc.array(soundRow, { minLength: 1, maxLength: 60 }), fc.array(soundRow, { maxLength: 60 }), (before, rows) => {
        const parent = learned(kind, before);
        const { model, metrics, servedMetrics, finite } = learned(kind, rows, parent.model);
        expect([parent.finite, finite]).toEqual([true, true]);
        expectServable(model);
        for (const figures of [metrics, servedMetrics]) {
          expect(figures.logLoss === null).toBe(figures.samples === 0);
          expect(figures.auc ?? 0.5).toBeGreaterThanOrEqual(0);
          expect(figures.auc ?? 0.5).toBeLessThanOrEqual(1);
          expect(figures.auc === null).toBe(figures.positives === 0 || figures.positives === figures.samples);
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  test('clicks on everything, on nothing, and one sample again and again leave a model that serves', () => {
    const anySample = fc.record({ pair: fc.tuple(word, word), features: fc.tuple(soundFeature, soundFeature), position: fc.integer({ min: 1, max: 10 }) });
    fc.assert(
      fc.property(fc.array(anySample, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 20 }), fc.boolean(), (samples, times, clicked) => {
        const rows = Array.from({ length: times }, () => samples.map((sample) => ({ ...sample, clicked }))).flat();
        const { model, finite } = learned(kind, rows);
        expect(finite).toBe(true);
        expectServable(model);
      }),
      { numRuns: 30 },
    );
  }, 120_000);

  test('constant features leave their weights where they were, with clicks and without', () => {
    const rows = Array.from({ length: 300 }, (_, i): SampleRow => ({ pair: [i, 1], features: [0, 0], position: 1 + (i % 10), clicked: i % 7 === 0 }));
    const { weights } = learned(kind, rows).model.content;
    expect(Math.abs(weights[1]! - 0.7)).toBeLessThan(0.1);
    expect(Math.abs(weights[2]!)).toBeLessThan(0.05);
  });

  test('a run without rows gives back what was there', () => {
    const parent = learned(kind, [{ pair: [1, 1], clicked: true, features: [1, 1] }, { pair: [1, 2] }]).model;
    const { model, finite, samples, metrics } = learned(kind, [], parent);
    expect([finite, samples, metrics.logLoss]).toEqual([true, 0, null]);
    expect(model.content.weights).toEqual(parent.content.weights);
    expect(model.memory.toColumns()).toEqual(parent.memory.toColumns());
    expectServable(model);
  });

  test('rows of queries that nobody named are learned all the same', () => {
    const batch = batchOf([{ pair: [1, 1], clicked: true }, { pair: [1, 2] }]);
    batch.queryIndices.fill(7);
    const learner = new Learner(null, { modelType: kind, mode: 'ONLINE' });
    learner.learn({ ...batch, queries: [] });
    const { samples, model } = learner.finish();
    expect([samples, model.knownQueries.all()]).toEqual([2, []]);
  });
});

describe('LOGISTIC', () => {
  test('a run of nothing but clicks, or none, or one sample again and again keeps the start order', () => {
    for (const clicked of [true, false]) {
      const { model } = learned('LOGISTIC', Array.from({ length: 150 }, () => ({ pair: [1, 1] as const, features: [2, 1], clicked })));
      expect([...model.content.weights]).toEqual([-2, 0.7, 0]);
    }
  });

  test('features out of their bounds do not enter the fit', () => {
    const sound = Array.from({ length: 60 }, (_, i) => ({ pair: [i, i] as const, features: [(i % 5) - 1, (i % 3) - 1], clicked: i % 6 === 0 }));
    const spoiled = [1e30, -7, NaN, Infinity].flatMap((feature, i) => [
      { pair: [99, i] as const, features: [feature, 0], clicked: true },
      { pair: [98, i] as const, features: [0, feature], clicked: true },
    ]);
    // Hashes are by row: the sound rows come first in both, so the same ones are drawn.
    expect(learned('LOGISTIC', [...sound, ...spoiled]).model.content.weights).toEqual(learned('LOGISTIC', sound).model.content.weights);
  });
});

describe('INCREMENTAL', () => {
  test('features out of their bounds move no weight', () => {
    const sound = Array.from({ length: 60 }, (_, i) => ({ pair: [i, i] as const, features: [(i % 5) - 1, (i % 3) - 1], clicked: i % 6 === 0 }));
    const spoiled = [1e30, -7, NaN, Infinity].map((feature, i) => ({ pair: [99, i] as const, features: [0, feature], clicked: true }));
    expect(learned('INCREMENTAL', [...sound.slice(0, 30), ...spoiled, ...sound.slice(30)]).model.content.weights).toEqual(learned('INCREMENTAL', sound).model.content.weights);
  });

  test('nothing but clicks on one sample does not turn the base order round', () => {
    const { weights } = learned('INCREMENTAL', Array.from({ length: 1000 }, () => ({ pair: [1, 1] as const, features: [2, 0], clicked: true }))).model.content;
    expect(weights[1]).toBeGreaterThan(0);
  });
});

describe('serving', () => {
  test('whatever the base scores, a ranking is a permutation with finite features and probabilities', () => {
    const { model } = learned('INCREMENTAL', [{ pair: [1, 1], clicked: true }, { pair: [1, 2] }]);
    fc.assert(
      fc.property(fc.array(fc.tuple(anyFloat, anyFloat), { maxLength: 30 }), fc.boolean(), (scores, withModel) => {
        const baseScores = Float64Array.from(scores, ([base]) => base);
        const feedbackScores = Float64Array.from(scores, ([, feedback]) => feedback);
        const documentIds = scores.map((_, i) => `d${i}`);
        const features = computeFeatures({ baseScores, feedbackScores });
        const ranking = rankCandidates({ queryKey: 'q', documentIds, baseScores, features }, withModel ? model : null);
        expect([...ranking.order].sort((a, b) => a - b)).toEqual(scores.map((_, i) => i));
        expect(features.every((feature) => Math.abs(feature) <= 6)).toBe(true);
        expect(ranking.attractiveness.every((alpha) => alpha >= 0 && alpha <= 1)).toBe(true);
      }),
    );
  });

  test('whatever is drawn, propensities are probabilities above 0 while the rate is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0.01, max: 1, noNaN: true }), fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 3, maxLength: 3 }), (n, rate, draws) => {
        const { propensities } = explore(n, rate, () => draws.pop() ?? 0);
        expect(propensities).toHaveLength(n);
        expect(propensities.every((p) => p > 0 && p <= 1)).toBe(true);
      }),
    );
  });
});
