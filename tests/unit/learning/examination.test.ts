/** Examination from the clicks on drawn pairs. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Examination, MOST_PAIRS, PRIOR_EXAMINATION, priorExamination } from '../../../src/learning/examination.js';
import { ExaminationLearner } from '../../../src/learning/examination-learner.js';
import { DRAWN_PAIR } from '../../../src/learning/learning-batch.js';
import { numbers } from './random-numbers.js';

const of = (above: number[], below: number[]): Examination => new Examination(Float64Array.from(above), Float64Array.from(below));

/**
 * η by bisection on the slope of the log posterior: what Newton's method must find. Clicks above and below as in Examination.
 */
function steepnessOf(above: readonly number[], below: readonly number[]): number {
  const slope = (steepness: number): number =>
    above.reduce((sum, clicks, pair) => {
      const ratio = ((pair + 1) / (pair + 2)) ** steepness;
      const expectedBelow = ((clicks + below[pair]!) * ratio) / (1 + ratio);
      return sum + (below[pair]! - expectedBelow) * Math.log((pair + 1) / (pair + 2));
    }, (0.7 - steepness) / 0.3 ** 2);
  let [low, high] = [0, 4];
  if (slope(low) < 0) return low;
  if (slope(high) > 0) return high;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (slope(middle) > 0) low = middle;
    else high = middle;
  }
  return low;
}

/** Clicks on drawn pairs by users who look at place k with probability k^−η, on documents of any attractiveness. */
function simulated(steepness: number, pairsDrawn: number, seed: number): Examination {
  const random = numbers(seed);
  const learner = new ExaminationLearner(PRIOR_EXAMINATION);
  for (let draw = 0; draw < pairsDrawn; draw++) {
    const upper = 1 + Math.floor(random() * 9);
    const attractiveness = [0.6 * random(), 0.6 * random()];
    if (random() < 0.5) attractiveness.reverse();
    if (random() < upper ** -steepness * attractiveness[0]!) learner.learnClick(upper, DRAWN_PAIR.upper);
    if (random() < (upper + 1) ** -steepness * attractiveness[1]!) learner.learnClick(upper + 1, DRAWN_PAIR.lower);
  }
  return learner.finish();
}

describe('the curve', () => {
  test('is the prior k^−.7 without clicks', () => {
    for (const examination of [PRIOR_EXAMINATION, of([], []), of([0, 0], [0, 0])]) {
      expect(examination.isPrior).toBe(true);
      for (let k = 1; k <= 400; k++) expect(examination.at(k)).toBe(priorExamination(Math.min(k, 300)));
    }
  });

  test('is no longer the prior with one click, above or below', () => {
    expect(of([1], [0]).isPrior).toBe(false);
    expect(of([0], [1]).isPrior).toBe(false);
  });

  test('moves with the clicks of one pair: a worked example', () => {
    const steepness = steepnessOf([60], [30]);
    expect(steepness).toBeCloseTo(0.84, 3);
    const examination = of([60], [30]);
    expect(examination.at(1)).toBe(1);
    expect(examination.at(2)).toBeCloseTo((30 + 300 * 2 ** -steepness) / 360, 10);
    expect(examination.at(2)).toBeCloseTo(0.549, 3);
    // Past the last place with clicks it goes on as the curve.
    expect(examination.at(3)).toBeCloseTo(examination.at(2) * (2 / 3) ** steepness, 10);
    expect(examination.at(30) / examination.at(15)).toBeCloseTo(2 ** -steepness, 10);
  });

  test('is the posterior mode, held against bisection', () => {
    const random = numbers(81);
    for (let round = 0; round < 60; round++) {
      const places = 1 + Math.floor(random() * 12);
      const scale = 10 ** (4 * random());
      const above = Array.from({ length: places }, () => Math.floor(scale * random()));
      const below = Array.from({ length: places }, () => Math.floor(scale * random()));
      above.push(0);
      below.push(0);
      // The ratio of a pair without clicks is the curve's own.
      const examination = of(above, below);
      const [upper, lower] = [examination.at(places + 1), examination.at(places + 2)];
      if (upper >= 1 || lower <= 0.02 || lower >= 1) continue;
      expect(lower / upper).toBeCloseTo(((places + 1) / (places + 2)) ** steepnessOf(above, below), 8);
    }
  });

  test.each([
    [0.5, 82],
    [1, 83],
    [1.5, 84],
  ])('of users who look by k^−%f is found from their clicks', (steepness, seed) => {
    const examination = simulated(steepness, 200_000, seed);
    // Some 5,000 clicks a pair: each ratio is known within about .02, and places further down rest on the product of theirs.
    for (let k = 1; k <= 10; k++) expect(Math.abs(examination.at(k) - k ** -steepness)).toBeLessThan(0.05);
  });

  test('few clicks move it little, many a great deal: the prior counts', () => {
    const few = of([4], [0]).at(2);
    const many = of([4000], [0]).at(2);
    expect(Math.abs(few - priorExamination(2))).toBeLessThan(0.05);
    expect(many).toBeLessThan(0.05);
  });

  test('a place with many clicks departs from it, one with few does not', () => {
    // All pairs as k^−1, but the second: as many clicks on the third place as on the second.
    const above = [2000, 2000, 2000, 2000];
    const below = above.map((clicks, pair) => (clicks * (pair + 1)) / (pair + 2));
    const curve = of(above, below);
    const bent = of(above, below.map((clicks, pair) => (pair === 1 ? 2000 : clicks)));
    const few = of([...above.slice(0, 1), 4, ...above.slice(2)], [...below.slice(0, 1), 4, ...below.slice(2)]);
    expect(curve.at(3) / curve.at(2)).toBeCloseTo(2 / 3, 1);
    expect(bent.at(3) / bent.at(2)).toBeGreaterThan(0.93);
    expect(few.at(3) / few.at(2)).toBeCloseTo(2 / 3, 1);
  });

  test('is clamped only when read: a place after one that is looked at more than the first goes on from the true product', () => {
    const examination = of([0, 3000], [3000, 1000]);
    const steepness = steepnessOf([0, 3000], [3000, 1000]);
    const second = (3000 + 300 * 0.5 ** steepness) / 300;
    const third = (second * (1000 + 300 * (2 / 3) ** steepness)) / 3300;
    expect(examination.at(2)).toBe(1);
    expect(examination.at(3)).toBeCloseTo(Math.min(1, third), 10);
  });

  test('never leaves [.02, 1], whatever the counts', () => {
    const count = fc.oneof(fc.nat(20), fc.nat(1_000_000), fc.constantFrom(0, Number.MAX_SAFE_INTEGER), fc.double({ min: 0, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { maxLength: MOST_PAIRS }), fc.oneof(fc.integer({ min: -5, max: 400 }), fc.double()), (pairs, position) => {
        const examination = of(pairs.map(([above]) => above), pairs.map(([, below]) => below));
        expect(examination.at(1)).toBe(1);
        expect(examination.at(position)).toBeGreaterThanOrEqual(0.02);
        expect(examination.at(position)).toBeLessThanOrEqual(1);
        for (const theta of examination.firstPlaces()) expect(theta >= 0.02 && theta <= 1).toBe(true);
      }),
    );
  });

  test('of pairs that all agree never rises from place to place', () => {
    const clicks = fc.tuple(fc.nat(5000), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(clicks, { minLength: 1, maxLength: 20 }), (pairs) => {
        // No more clicks below than above on any pair: every ratio is at most 1.
        const examination = of(pairs.map(([above]) => above), pairs.map(([above, share]) => Math.floor(above * share)));
        for (let k = 1; k < 310; k++) expect(examination.at(k + 1)).toBeLessThanOrEqual(examination.at(k));
      }),
    );
  });

  test('columns of two lengths are refused', () => {
    expect(() => of([1, 2], [1])).toThrow(RangeError);
  });
});

describe('learning it', () => {
  test('counts clicks by the pair’s upper place, on top of the parent’s, which stays as it was', () => {
    const parent = of([3, 1], [2, 0]);
    const learner = new ExaminationLearner(parent);
    learner.learnClick(1, DRAWN_PAIR.upper);
    learner.learnClick(2, DRAWN_PAIR.lower);
    learner.learnClick(2, DRAWN_PAIR.upper);
    learner.learnClick(6, DRAWN_PAIR.lower);
    const { clicksAbove, clicksBelow } = learner.finish();
    expect([...clicksAbove]).toEqual([4, 2, 0, 0, 0]);
    expect([...clicksBelow]).toEqual([3, 0, 0, 0, 1]);
    expect([[...parent.clicksAbove], [...parent.clicksBelow]]).toEqual([[3, 1], [2, 0]]);
  });

  test('without a click gives back the parent itself', () => {
    const parent = of([3], [2]);
    expect(new ExaminationLearner(parent).finish()).toBe(parent);
  });

  test('looks at the curve every 50 clicks, and at the end', () => {
    const learner = new ExaminationLearner(PRIOR_EXAMINATION);
    for (let click = 0; click < 49; click++) learner.learnClick(1, DRAWN_PAIR.upper);
    expect(learner.at(2)).toBe(priorExamination(2));
    learner.learnClick(1, DRAWN_PAIR.upper);
    expect(learner.at(2)).toBe(of([50], [0]).at(2));
    learner.learnClick(1, DRAWN_PAIR.upper);
    expect(learner.at(2)).toBe(of([50], [0]).at(2));
    expect(learner.finish().at(2)).toBe(of([51], [0]).at(2));
  });

  test('places that no pair can have are passed over', () => {
    const learner = new ExaminationLearner(PRIOR_EXAMINATION);
    for (const [position, place] of [[0, 1], [1, 2], [100, 1], [101, 2], [65_535, 1], [NaN, 1]]) learner.learnClick(position!, place!);
    expect(learner.finish().isPrior).toBe(true);
    learner.learnClick(MOST_PAIRS, DRAWN_PAIR.upper);
    expect(learner.finish().clicksAbove).toHaveLength(MOST_PAIRS);
  });
});
