/** INCREMENTAL: one second-order step a sample, held against a direct computation. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createContentModel, sigmoid, startContentModel, START_VARIANCES, START_WEIGHTS, type ContentModel } from '../../../src/learning/content-model.js';
import { IncrementalContentLearner } from '../../../src/learning/incremental-content-learner.js';
import { Learner } from '../../../src/learning/learner.js';
import { numbers } from './random-numbers.js';
import { batchOf, simulatedRows } from './samples.js';

interface Sample {
  x: readonly number[];
  clicked: boolean;
  examined: number;
}

/** The posterior by the textbook, with vectors and matrices written out: `P ← (P⁻¹ + h·x·xᵀ)⁻¹` by its inverse, never by the short form. */
function directly({ weights, covariance }: { weights: number[]; covariance: number[][] }, { x, clicked, examined }: Sample) {
  const full = [1, ...x];
  const score = full.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  const p = sigmoid(score);
  const h = examined * p * (1 - p);
  const precision = inverted(covariance).map((row, i) => row.map((value, j) => value + h * full[i]! * full[j]!));
  const updated = inverted(precision);
  // With the new P the step is P·x·e(c − p): the same as v·e(c − p)/d with the old one.
  const step = updated.map((row) => row.reduce((sum, value, j) => sum + value * full[j]!, 0) * examined * (Number(clicked) - p));
  return { weights: weights.map((weight, i) => weight + step[i]!), covariance: updated };
}

/** By Gauss and Jordan. */
function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => Number(i === j))]);
  for (let pivot = 0; pivot < n; pivot++) {
    const largest = rows.slice(pivot).reduce((best, row, i) => (Math.abs(row[pivot]!) > Math.abs(rows[best]![pivot]!) ? pivot + i : best), pivot);
    [rows[pivot], rows[largest]] = [rows[largest]!, rows[pivot]!];
    const divisor = rows[pivot]![pivot]!;
    rows[pivot] = rows[pivot]!.map((value) => value / divisor);
    for (let i = 0; i < n; i++) {
      if (i === pivot) continue;
      const factor = rows[i]![pivot]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * rows[pivot]![j]!);
    }
  }
  return rows.map((row) => row.slice(n));
}

const start = () => ({
  weights: [...START_WEIGHTS],
  covariance: START_VARIANCES.map((variance, i) => START_VARIANCES.map((_, j) => (i === j ? variance : 0))),
});

function learnt(samples: readonly Sample[], parent: ContentModel = startContentModel('INCREMENTAL')): ContentModel {
  const learner = new IncrementalContentLearner(parent);
  for (const { x, clicked, examined } of samples) learner.learn(Float32Array.from(x), 0, clicked, examined);
  return learner.finish();
}

describe('a sample', () => {
  test('moves w and P: a worked example', () => {
    const { weights, covariance } = learnt([{ x: [0, 0], clicked: true, examined: 1 }]);
    const p = sigmoid(-2);
    const d = 1 + (p * (1 - p)) / 3;
    expect(p).toBeCloseTo(0.1192, 4);
    expect(d).toBeCloseTo(1.035, 4);
    expect(weights[0]).toBeCloseTo(-2 + (1 - p) / d / 3, 14);
    expect(weights[0]).toBeCloseTo(-1.7163, 4);
    expect([weights[1], weights[2]]).toEqual([0.7, 0]);
    expect(covariance[0]).toBeCloseTo(1 / 3 - (p * (1 - p)) / 9 / d, 14);
    expect([...covariance.slice(1)]).toEqual([0, 0, 0, 1 / 30, 0, 0, 0, 1 / 30]);
  });

  test('that surely was not looked at teaches nothing', () => {
    const { weights, covariance } = learnt([{ x: [1, -1], clicked: false, examined: 0 }]);
    expect([...weights]).toEqual([...START_WEIGHTS]);
    expect(covariance).toEqual(startContentModel('INCREMENTAL').covariance);
  });

  test('is read at its row', () => {
    const learner = new IncrementalContentLearner(startContentModel('INCREMENTAL'));
    learner.learn(Float32Array.of(9, 9, 0.5, -1, 9, 9), 1, true, 1);
    expect(learner.finish().weights).toEqual(learnt([{ x: [0.5, -1], clicked: true, examined: 1 }]).weights);
  });
});

test('many samples give what a direct computation gives', () => {
  const random = numbers(71);
  const samples = Array.from({ length: 400 }, () => {
    const clicked = random() < 0.3;
    return { x: [Math.fround(6 * random() - 3), Math.fround(4 * random() - 2)], clicked, examined: clicked ? 1 : random() };
  });
  const expected = samples.reduce(directly, start());
  const { weights, covariance } = learnt(samples);
  expected.weights.forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 9));
  expected.covariance.flat().forEach((value, i) => expect(covariance[i]).toBeCloseTo(value, 10));
});

test('no sample moves w by more than 5·P·x, not even with a covariance that is none, as a file may have it', () => {
  const indefinite = createContentModel('INCREMENTAL', Float64Array.of(0, 0, 0), Float64Array.of(1, 0, 0, 0, 1, 3.48, 0, 3.48, 1));
  // xᵀPx = 3 − 2·3.48, so d = 1 − 3.96/4 = .01 and the step .5/.01 = 50.
  const { weights } = learnt([{ x: [1, -1], clicked: true, examined: 1 }], indefinite);
  [5, 5 * -2.48, 5 * 2.48].forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 10));
});

describe('a late click', () => {
  const x = [1.5, -0.5];
  const examined = 0.4;

  test('adds the step for a click and takes back the step for none, with w and P of now; P stays', () => {
    const before = learnt([{ x: [0.5, 1], clicked: false, examined: 0.8 }]);
    const learner = new IncrementalContentLearner(before);
    learner.correctLateClick(Float32Array.from(x), 0, examined);
    const { weights, covariance } = learner.finish();

    const full = [1, ...x];
    const v = [0, 1, 2].map((i) => full.reduce((sum, value, j) => sum + before.covariance[3 * i + j]! * value, 0));
    const spread = full.reduce((sum, value, i) => sum + value * v[i]!, 0);
    const p = sigmoid(full.reduce((sum, value, i) => sum + value * before.weights[i]!, 0));
    const d1 = 1 + p * (1 - p) * spread;
    const d0 = 1 + examined * p * (1 - p) * spread;
    const step = (1 - p) / d1 + (examined * p) / d0;
    v.forEach((value, i) => expect(weights[i]).toBeCloseTo(before.weights[i]! + value * step, 12));
    expect(covariance).toEqual(before.covariance);
  });

  test('is the difference of the two steps that could have been taken', () => {
    const parent = startContentModel('INCREMENTAL');
    const clicked = learnt([{ x, clicked: true, examined: 1 }]);
    const not = learnt([{ x, clicked: false, examined }]);
    const learner = new IncrementalContentLearner(parent);
    learner.correctLateClick(Float32Array.from(x), 0, examined);
    learner.finish().weights.forEach((weight, i) => expect(weight).toBeCloseTo(parent.weights[i]! + clicked.weights[i]! - not.weights[i]!, 12));
  });

  test('comes close to having known the click in time', () => {
    const late = new IncrementalContentLearner(startContentModel('INCREMENTAL'));
    late.learn(Float32Array.from(x), 0, false, examined);
    late.correctLateClick(Float32Array.from(x), 0, examined);
    const inTime = learnt([{ x, clicked: true, examined: 1 }]).weights;
    late.finish().weights.forEach((weight, i) => expect(Math.abs(weight - inTime[i]!)).toBeLessThan(0.03));
  });
});

describe('spoiled rows', () => {
  test.each([[NaN, 0], [0, NaN], [Infinity, 0], [0, -Infinity], [6.01, 0], [0, -1e30]])('with features %f and %f move nothing', (...x) => {
    const learner = new IncrementalContentLearner(startContentModel('INCREMENTAL'));
    learner.learn(Float32Array.from(x), 0, true, 1);
    learner.correctLateClick(Float32Array.from(x), 0, 0.5);
    expect(learner.finish()).toMatchObject({ weights: Float64Array.from(START_WEIGHTS), covariance: startContentModel('INCREMENTAL').covariance });
  });

  test.each([NaN, -0.1, 1.1, Infinity])('looked at with probability %f move nothing', (examined) => {
    const learner = new IncrementalContentLearner(startContentModel('INCREMENTAL'));
    learner.learn(Float32Array.of(1, 1), 0, false, examined);
    learner.correctLateClick(Float32Array.of(1, 1), 0, examined);
    expect([...learner.finish().weights]).toEqual([...START_WEIGHTS]);
  });

  test('between sound ones leave no trace', () => {
    const sound: Sample[] = [
      { x: [1, 2], clicked: true, examined: 1 },
      { x: [-1, 0.5], clicked: false, examined: 0.3 },
    ];
    const mixed: Sample[] = [sound[0]!, { x: [NaN, 1], clicked: true, examined: 1 }, sound[1]!];
    expect(learnt(mixed).weights).toEqual(learnt(sound).weights);
  });
});

test('whatever comes, the variances stay above 0 and never grow, and the weights are finite', () => {
  const sample = fc.record({
    x: fc.tuple(fc.double({ min: -6, max: 6, noNaN: true }), fc.double({ min: -6, max: 6, noNaN: true })),
    clicked: fc.boolean(),
    examined: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
      const { weights, covariance } = learnt(samples);
      expect(weights.every(Number.isFinite)).toBe(true);
      START_VARIANCES.forEach((variance, i) => {
        expect(covariance[4 * i]!).toBeGreaterThan(0);
        expect(covariance[4 * i]!).toBeLessThanOrEqual(variance);
      });
    }),
    { numRuns: 100 },
  );
});

test('the parent stays as it was', () => {
  const parent = startContentModel('INCREMENTAL');
  learnt([{ x: [1, 1], clicked: true, examined: 1 }], parent);
  expect([...parent.weights]).toEqual([...START_WEIGHTS]);
  expect(parent.covariance).toEqual(startContentModel('INCREMENTAL').covariance);
});

test('goes on from LOGISTIC’s weights and covariance: the surer they are, the less a sample moves them', () => {
  const learner = new Learner(null, { modelType: 'LOGISTIC', mode: 'ONLINE' });
  learner.learn(batchOf(simulatedRows(1000, [-1, 0.6, 0.3], numbers(72))));
  const logistic = learner.finish().model.content;
  expect(logistic.kind).toBe('LOGISTIC');
  expect(logistic.covariance[0]).toBeLessThan(1 / 10);

  const sample: Sample = { x: [1, -1], clicked: true, examined: 1 };
  const { kind, weights, covariance } = learnt([sample], logistic);
  const rows = [0, 1, 2].map((i) => [...logistic.covariance.slice(3 * i, 3 * i + 3)]);
  const expected = directly({ weights: [...logistic.weights], covariance: rows }, sample);
  expect(kind).toBe('INCREMENTAL');
  expected.weights.forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 10));
  expected.covariance.flat().forEach((value, i) => expect(covariance[i]).toBeCloseTo(value, 10));
  expect(Math.abs(weights[0]! - logistic.weights[0]!)).toBeLessThan(Math.abs(learnt([sample]).weights[0]! - START_WEIGHTS[0]!) / 2);
});
