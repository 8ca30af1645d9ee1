/** Whatever samples come, learning neither throws nor makes a model that cannot serve. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/learning/checkpoint-format.js';
import { computeFeatures } from '../../../src/learning/feature-set.js';
import { explore } from '../../../src/learning/exploration.js';
import { Learner } from '../../../src/learning/learner.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { rankCandidates } from '../../../src/learning/ranking.js';
import { metadataOf } from './checkpoints.js';
import { batchOf } from './samples.js';

const anyFloat = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e308, -1e308, 6, -6));
const word = fc.integer({ min: 0, max: 3 });

const anyRow = fc.record({
  kind: fc.constantFrom(0, 0, 0, 1, 2),
  pair: fc.tuple(word, word),
  features: fc.tuple(anyFloat),
  position: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(65_535)),
  clicked: fc.boolean(),
  shownAtSeconds: anyFloat,
  predicted: anyFloat,
  sampleHash: fc.nat(),
});

const soundRow = fc.record({
  pair: fc.tuple(word, word),
  features: fc.tuple(fc.double({ min: -6, max: 6, noNaN: true })),
  position: fc.integer({ min: 1, max: 10 }),
  clicked: fc.boolean(),
  shownAtSeconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  predicted: fc.double({ min: 0, max: 1, noNaN: true }),
  sampleHash: fc.nat(),
});

function learned(rows: Parameters<typeof batchOf>[0], parent: RankerModel | null = null) {
  const learner = new Learner(parent, { modelType: 'LOGISTIC', mode: 'ONLINE', windowSize: 200 });
  learner.learn(batchOf(rows));
  return learner.finish();
}

/** A model that can be saved and loaded has nothing in it that is not finite. */
function expectServable(model: RankerModel): void {
  expect(() => decodeCheckpoint(encodeCheckpoint(model, metadataOf({})))).not.toThrow();
}

describe('spoiled samples', () => {
  test('never throw and never make a model that is not finite, also one after another', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), fc.array(anyRow, { maxLength: 60 }), (first, second) => {
        const parent = learned(first).model;
        expectServable(parent);
        expectServable(learned(second, parent).model);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('whatever sound samples come, the result is finite and metrics lie in their bounds', () => {
    fc.assert(
      fc.property(fc.array(soundRow, { minLength: 1, maxLength: 60 }), (rows) => {
        const { model, metrics, servedMetrics, finite } = learned(rows);
        expect(finite).toBe(true);
        expectServable(model);
        for (const figures of [metrics, servedMetrics]) {
          expect(figures.logLoss).not.toBeNull();
          expect(figures.auc ?? 0.5).toBeGreaterThanOrEqual(0);
          expect(figures.auc ?? 0.5).toBeLessThanOrEqual(1);
          expect(figures.auc === null).toBe(figures.positives === 0 || figures.positives === figures.samples);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('a run of nothing but clicks, or none, or one sample again and again keeps the start order', () => {
    for (const clicked of [true, false]) {
      const { model } = learned(Array.from({ length: 150 }, () => ({ pair: [1, 1] as const, features: [2], clicked })));
      expect([...model.content.weights]).toEqual([-2, 0.7]);
    }
  });

  test('features out of their bounds do not enter the fit', () => {
    const sound = Array.from({ length: 60 }, (_, i) => ({ pair: [i, i] as const, features: [(i % 5) - 1], clicked: i % 6 === 0 }));
    const spoiled = [1e30, -7, NaN, Infinity].map((feature, i) => ({ pair: [99, i] as const, features: [feature], clicked: true }));
    // Hashes are by row: the sound rows come first in both, so the same ones are drawn.
    expect(learned([...sound, ...spoiled]).model.content.weights).toEqual(learned(sound).model.content.weights);
  });
});

describe('serving', () => {
  test('whatever the base scores, a ranking is a permutation with finite features and probabilities', () => {
    const { model } = learned([{ pair: [1, 1], clicked: true }, { pair: [1, 2] }]);
    fc.assert(
      fc.property(fc.array(anyFloat, { maxLength: 30 }), fc.boolean(), (scores, withModel) => {
        const baseScores = Float64Array.from(scores);
        const documentIds = scores.map((_, i) => `d${i}`);
        const features = computeFeatures({ baseScores });
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
