/** Batch logistic regression with the pitfalls of its library handled. */
import { describe, expect, test } from '@jest/globals';
import { fitLogistic, posteriorCovariance, type FitRow } from '../../../src/learning/logistic-regression.js';
import { numbers } from './random-numbers.js';

type Weights = readonly [number, number, number];

function rows(n: number, weights: Weights, seed: number, feature: (u: number) => number = (u) => 4 * u - 1): FitRow[] {
  const random = numbers(seed);
  return Array.from({ length: n }, () => {
    const x = [feature(random()), 4 * random() - 2] as const;
    const score = weights[0] + weights[1] * x[0] + weights[2] * x[1];
    return { features: Float32Array.from(x), clicked: random() < 1 / (1 + Math.exp(-score)) };
  });
}

describe('fitLogistic', () => {
  test('finds the weights that looked-at samples were drawn with', () => {
    const [intercept, slope, feedback] = fitLogistic(rows(2000, [-1, 0.5, 0.3], 2))!;
    expect(Math.abs(intercept! + 1)).toBeLessThan(0.15);
    expect(Math.abs(slope! - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(feedback! - 0.3)).toBeLessThan(0.1);
  });

  test('is not disturbed by features far from 0', () => {
    const [intercept, slope] = fitLogistic(rows(1500, [-4, 1, 0], 2, (u) => 3 + u))!;
    for (const x of [3.2, 3.8]) {
      const fitted = 1 / (1 + Math.exp(-(intercept! + slope! * x)));
      expect(Math.abs(fitted - 1 / (1 + Math.exp(4 - x)))).toBeLessThan(0.05);
    }
  });

  test('a few samples move the start weights [−2, .7, 0] a little and do not turn the order round', () => {
    // One click below, none above: alone this would be fitted with a slope of minus infinity.
    const few = [-1, 0, 1, 2].map((x) => ({ features: Float32Array.of(x, -x), clicked: x === -1 }));
    const [intercept, slope, feedback] = fitLogistic(few)!;
    expect(Math.abs(intercept! + 2)).toBeLessThan(0.4);
    expect(slope!).toBeGreaterThan(0.4);
    expect(Math.abs(feedback!)).toBeLessThan(0.2);
  });

  test('samples that agree with the start weights leave them where they are', () => {
    // Half of those clicked at σ⁻¹(½) = −2 + .7·x.
    const agreeing = [true, false].map((clicked) => ({ features: Float32Array.of(2 / 0.7, 1), clicked }));
    const weights = fitLogistic(agreeing)!;
    [-2, 0.7, 0].forEach((start, i) => expect(weights[i]).toBeCloseTo(start, 6));
  });

  test('waits for both classes', () => {
    const one = rows(50, [-1, 0.5, 0], 3).map((row) => ({ ...row, clicked: false }));
    expect(fitLogistic(one)).toBeNull();
    expect(fitLogistic(one.map((row) => ({ ...row, clicked: true })))).toBeNull();
    expect(fitLogistic([])).toBeNull();
  });

  test('samples that are all the same document are fitted to finite weights', () => {
    const same = Array.from({ length: 500 }, (_, i) => ({ features: Float32Array.of(2, 1), clicked: i % 4 === 0 }));
    const [intercept, slope, feedback] = fitLogistic(same)!;
    expect(1 / (1 + Math.exp(-(intercept! + 2 * slope! + feedback!)))).toBeCloseTo(0.25, 1);
  });

  test('columns that its prior does not know are refused', () => {
    const wide = [true, false].map((clicked) => ({ features: Float32Array.of(1, 2, 3), clicked }));
    expect(() => fitLogistic(wide)).toThrow('prior rows are for 2 features, not 3');
  });
});

describe('posteriorCovariance', () => {
  test('is the prior without rows', () => {
    const covariance = posteriorCovariance(2, 0, () => ({ information: 0, features: Float32Array.of(0, 0) }))!;
    [1 / 3, 0, 0, 0, 1 / 30, 0, 0, 0, 1 / 30].forEach((value, i) => expect(covariance[i]).toBeCloseTo(value, 12));
  });

  test('shrinks by e·p(1−p)·x·xᵀ: a worked example', () => {
    // Precision diag(3, 30, 30) + 2·[1, 3, 0]·[1, 3, 0]ᵀ: [[5, 6], [6, 48]] for the first two, whose inverse is [[48, −6], [−6, 5]]/204.
    const covariance = posteriorCovariance(2, 1, () => ({ information: 2, features: Float32Array.of(3, 0) }))!;
    [48 / 204, -6 / 204, 0, -6 / 204, 5 / 204, 0, 0, 0, 1 / 30].forEach((value, i) => expect(covariance[i]).toBeCloseTo(value, 12));
  });

  test('is null when it would not be finite', () => {
    expect(posteriorCovariance(2, 1, () => ({ information: NaN, features: Float32Array.of(1, 1) }))).toBeNull();
  });
});
