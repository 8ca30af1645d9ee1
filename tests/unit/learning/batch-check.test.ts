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

const evidence = (z: number | null, zl: number | null, zlWithoutOne = zl): BatchEvidence => ({ samples: 100, clicks: 10, expectedClicks: 10, z, zl, zlWithoutOne });

describe('the evidence of a batch', () => {
  test('100 samples with p = .1: a worked example', () => {
    const tenth = (clicks: number): BatchEvidence => evidenceOf(Array.from({ length: 100 }, (_, i) => [0.1, i < clicks] as const));
    const { samples, clicks, expectedClicks, z, zl } = tenth(25);
    expect([samples, clicks]).toEqual([100, 25]);
    expect(expectedClicks).toBeCloseTo(10, 10);
    expect(z).toBeCloseTo(15 / Math.sqrt(9 + 1.08 ** 2), 10);
    expect(zl).toBeCloseTo(z!, 10);
    expect(tenth(5).z).toBeCloseTo(-1.72, 3);
    expect(tenth(0).z).toBeCloseTo(-4.319, 3);
    expect(tenth(10).z).toBeCloseTo(0, 10);
  });

  test('is that of the formulas, written out', () => {
    const random = numbers(3);
    const samples = Array.from({ length: 500 }, () => {
      const p = 0.01 + 0.7 * random() ** 3;
      return [p, random() < p] as const;
    });
    const sum = (term: (p: number, clicked: boolean) => number): number => samples.reduce((total, [p, clicked]) => total + term(p, clicked), 0);
    const entropy = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    const logit = (p: number): number => Math.log(p / (1 - p));
    const expected = sum((p) => p);
    const variance = sum((p) => p * (1 - p));
    const clicks = sum((_, clicked) => Number(clicked));
    expect(clicks).toBeLessThan(expected);
    const { z, zl } = evidenceOf(samples);
    const draws = expected / (1 - variance / expected);
    const deviance = 2 * (clicks * Math.log(clicks / expected) + (draws - clicks) * Math.log((draws - clicks) / (draws - expected)));
    expect(z).toBeCloseTo(-Math.sqrt(deviance / (1 + 0.12 ** 2 * variance)), 10);
    const slope = sum((p) => p * (1 - p) * logit(p)) / variance;
    const excess = sum(sampleLoss) - sum(entropy);
    const joint = excess / Math.sqrt(sum((p) => p * (1 - p) * logit(p) ** 2) + (0.12 * slope * variance) ** 2);
    const left = sum((p) => p * (1 - p) * (logit(p) - slope) ** 2);
    const givenClicks = (excess + slope * (clicks - expected)) / Math.sqrt(left + (0.05 * left) ** 2);
    expect(zl).toBeCloseTo(Math.max(joint, givenClicks), 8);
    expect(departureOf(evidenceOf(samples))).toBeNull();
  });

  test('so few clicks as depart come by chance less often than the deviations say', () => {
    const random = numbers(5);
    const predicted = Array.from({ length: 200 }, () => 0.01 + 0.4 * random() ** 3);
    // The exact distribution of the number of clicks, sample by sample.
    let chances = [1];
    for (const p of predicted) chances = [...chances, 0].map((chance, k) => chance * (1 - p) + (k > 0 ? chances[k - 1]! * p : 0));
    const fewest = (clicks: number): BatchEvidence => evidenceOf(predicted.map((p, i) => [p, i < clicks] as const));
    let atMost = 0;
    let departing = 0;
    for (let clicks = 0; clicks < fewest(0).expectedClicks; clicks++) {
      atMost += chances[clicks]!;
      if (fewest(clicks).z! < -4.5) {
        expect(atMost).toBeLessThan(3.4e-6);
        departing++;
      }
    }
    expect(departing).toBeGreaterThan(0);
  });

  test('predictions that are off by a fifth depart in no batch, however large; half as many clicks do', () => {
    const batch = (samples: number, share: number): BatchEvidence => evidenceOf(Array.from({ length: samples }, (_, i) => [0.1, i < 0.1 * share * samples] as const));
    for (const samples of [100, 1_000, 10_000, 100_000]) {
      expect(departureOf(batch(samples, 0.8))).toBeNull();
      expect(departureOf(batch(samples, 1.2))).toBeNull();
    }
    expect(departureOf(batch(10_000, 0.5))).toBe('FEWER_CLICKS');
    expect(departureOf(batch(10_000, 2))).toBe('MORE_CLICKS');
  });

  test('no samples have no deviation', () => {
    expect(evidenceOf([])).toEqual({ samples: 0, clicks: 0, expectedClicks: 0, z: null, zl: null, zlWithoutOne: null });
  });

  test('where every outcome is as likely, no loss can vary', () => {
    expect(evidenceOf([[0.5, true], [0.5, true]])).toMatchObject({ z: expect.closeTo(1 / Math.sqrt(0.5 + 0.06 ** 2), 12), zl: null });
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
    expect(late.zlWithoutOne).toBeLessThan(late.zl!);
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

  test('one label never decides, however certain it was: enough of z of the loss has to be there without it', () => {
    expect(departureOf(evidence(1, 12, 4.7))).toBeNull();
    expect(departureOf(evidence(1, 12, 4.9))).toBe('UNLIKELY_CLICKS');
    // Five lists whose first result is nearly certain to be clicked, and some of the clicks did not come.
    const lists = (clicked: number): BatchEvidence =>
      evidenceOf(Array.from({ length: 5 }, (_, list) => [0.999, 0.039, 0.03, 0.024, 0.02].map((p, i) => [p, i === 0 && list < clicked] as const)).flat());
    expect(lists(4).zl).toBeGreaterThan(4.5);
    expect(departureOf(lists(4))).toBeNull();
    expect(departureOf(lists(3))).toBe('UNLIKELY_CLICKS');
  });

  test('without the label that costs most: that of the least likely click, or of the likeliest that did not come', () => {
    const zlOf = (samples: (readonly [number, boolean])[]): number[] => {
      const terms = (slope: number): number[] => samples.map(([p, clicked]) => (p - Number(clicked)) * (Math.log(p / (1 - p)) - slope));
      const sum = (of: (p: number, logit: number) => number): number => samples.reduce((total, [p]) => total + of(p * (1 - p), Math.log(p / (1 - p))), 0);
      const [v, l, w] = [sum((vi) => vi), sum((vi, logit) => vi * logit), sum((vi, logit) => vi * logit ** 2)];
      const left = w - l ** 2 / v;
      return ([[0, Math.sqrt(w + (0.12 * l) ** 2)], [l / v, Math.sqrt(left + (0.05 * left) ** 2)]] as const).map(([slope, deviation]) => {
        const of = terms(slope);
        return (of.reduce((a, b) => a + b, 0) - Math.max(0, ...of)) / deviation;
      });
    };
    const probability = fc.integer({ min: 1, max: 999 }).map((thousandths) => thousandths / 1_000);
    fc.assert(
      fc.property(fc.array(fc.tuple(probability, fc.boolean()), { minLength: 3 }), (samples) => {
        fc.pre(new Set(samples.map(([p]) => p)).size > 2);
        const { zl, zlWithoutOne } = evidenceOf(samples);
        const expected = Math.max(...zlOf(samples));
        expect(Math.abs(zlWithoutOne! - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
        expect(zlWithoutOne).toBeLessThanOrEqual(zl!);
      }),
    );
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

  test('clicks that belong to other results are found in 100 samples, honest ones pass', () => {
    const random = numbers(21);
    let found = 0;
    for (let batch = 0; batch < 200; batch++) {
      const predicted = Array.from({ length: 100 }, (_, i) => (1 + (i % 10)) ** -1 * (i % 7 < 2 ? 0.6 : 0.05));
      const clicks = predicted.map((p) => random() < p);
      expect(departureOf(evidenceOf(predicted.map((p, i) => [p, clicks[i]!])))).toBeNull();
      const moved = predicted.map((p, i) => [p, clicks[(i + 41) % 100]!] as const);
      if (departureOf(evidenceOf(moved)) === 'UNLIKELY_CLICKS') found++;
    }
    expect(found).toBeGreaterThan(60);
  });
});
