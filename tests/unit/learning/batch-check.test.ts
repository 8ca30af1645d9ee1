/** The batch check: worked examples, the formulas as written in the specification, and what spoiled samples do. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BatchCheckSums, departureOf, type BatchEvidence } from '../../../src/learning/batch-check.js';
import { sampleLoss } from '../../../src/learning/metrics.js';
import { anyNumber, expectFinite } from './any-number.js';
import { numbers } from './random-numbers.js';

function evidenceOf(samples: readonly (readonly [predicted: number, clicked: boolean])[]): BatchEvidence {
  const sums = new BatchCheckSums();
  for (const [predicted, clicked] of samples) sums.add(predicted, clicked);
  return sums.evidence();
}

const evidence = (z: number | null, zl: number | null): BatchEvidence => ({ samples: 100, clicks: 10, expectedClicks: 10, z, zl });

describe('the evidence of a batch', () => {
  test('25 clicks on 100 samples with p = .1: a worked example', () => {
    const { samples, clicks, expectedClicks, z, zl } = evidenceOf(Array.from({ length: 100 }, (_, i) => [0.1, i < 25] as const));
    expect([samples, clicks]).toEqual([100, 25]);
    expect(expectedClicks).toBeCloseTo(10, 10);
    expect(z).toBeCloseTo(5, 10);
    expect(zl).toBeCloseTo(5, 10);
  });

  test('is that of the formulas, written out', () => {
    const random = numbers(3);
    const samples = Array.from({ length: 500 }, () => {
      const p = 0.01 + 0.7 * random() ** 3;
      return [p, random() < p] as const;
    });
    const sum = (term: (p: number, clicked: boolean) => number): number => samples.reduce((total, [p, clicked]) => total + term(p, clicked), 0);
    const entropy = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    const { z, zl } = evidenceOf(samples);
    expect(z).toBeCloseTo(sum((p, clicked) => Number(clicked) - p) / Math.sqrt(sum((p) => p * (1 - p))), 10);
    expect(zl).toBeCloseTo((sum(sampleLoss) - sum(entropy)) / Math.sqrt(sum((p) => p * (1 - p) * Math.log(p / (1 - p)) ** 2)), 10);
    expect(departureOf(evidenceOf(samples))).toBeNull();
  });

  test('no samples have no deviation', () => {
    expect(evidenceOf([])).toEqual({ samples: 0, clicks: 0, expectedClicks: 0, z: null, zl: null });
  });

  test('where every outcome is as likely, no loss can vary', () => {
    expect(evidenceOf([[0.5, true], [0.5, true]])).toMatchObject({ z: expect.closeTo(Math.SQRT2, 12), zl: null });
  });

  test('a prediction that is no probability is left out and disturbs nothing', () => {
    const sound = [[0.2, true], [0.1, false]] as const;
    const spoiled = [NaN, -0.1, 1.1, Infinity].map((p) => [p, true] as const);
    expect(evidenceOf([...spoiled, ...sound])).toEqual(evidenceOf(sound));
  });

  test('a late click is its sample clicked', () => {
    const sums = new BatchCheckSums();
    for (const p of [0.2, 0.1]) sums.add(p, false);
    sums.addLateClick(0.2);
    sums.addLateClick(NaN);
    const [late, onTime] = [sums.evidence(), evidenceOf([[0.2, true], [0.1, false]])];
    expect([late.samples, late.clicks]).toEqual([2, 1]);
    expect(late.z).toBeCloseTo(onTime.z!, 12);
    expect(late.zl).toBeCloseTo(onTime.zl!, 12);
  });

  test('what was certain and did not come departs; what came does not', () => {
    expect(departureOf(evidenceOf([[1, true], [0, false]]))).toBeNull();
    expect(departureOf(evidenceOf([[0, true]]))).toBe('MORE_CLICKS');
    expect(departureOf(evidenceOf([[1, false]]))).toBe('FEWER_CLICKS');
  });

  test('whatever comes, counts are finite and deviations are null or finite', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyNumber, fc.boolean())), (samples) => {
        const found = evidenceOf(samples);
        expectFinite(found);
        expect(found.samples).toBeLessThanOrEqual(samples.length);
        expect(found.clicks).toBeLessThanOrEqual(found.samples);
        departureOf(found);
      }),
    );
  });
});

describe('a departure', () => {
  test.each([
    [5, 0, 'MORE_CLICKS'],
    [-5, 0, 'FEWER_CLICKS'],
    [1, 6, 'UNLIKELY_CLICKS'],
    [-5, 6, 'FEWER_CLICKS'],
    [4.4, 4.4, null],
    [-4.4, -9, null],
    [null, null, null],
    [NaN, NaN, null],
  ])('z = %p and zl = %p is %p', (z, zl, departure) => {
    expect(departureOf(evidence(z, zl))).toBe(departure);
  });

  test('flipped labels and clicks on everything are found in 100 samples, honest ones pass', () => {
    const random = numbers(12);
    const honest = Array.from({ length: 100 }, (_, i) => {
      const p = 0.3 * (1 + (i % 10)) ** -0.7;
      return [p, random() < p] as const;
    });
    expect(departureOf(evidenceOf(honest))).toBeNull();
    expect(departureOf(evidenceOf(honest.map(([p, clicked]) => [p, !clicked])))).toBe('MORE_CLICKS');
    expect(departureOf(evidenceOf(honest.map(([p]) => [p, true])))).toBe('MORE_CLICKS');
  });

  test('clicks on the results where they were least likely are found though their number is right', () => {
    const samples = Array.from({ length: 400 }, (_, i) => (i < 40 ? ([0.5, false] as const) : ([0.02, i < 67] as const)));
    expect(departureOf(evidenceOf(samples))).toBe('UNLIKELY_CLICKS');
  });
});
