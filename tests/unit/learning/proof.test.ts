/** The proof on users: the always-valid interval against an integral, verdicts, and the alarm. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { logBeta } from '../../../src/learning/log-beta.js';
import { COLD_ALARM, coldAlarmAfter, isCold, isColdAlarm, proofFigures, shouldRollBack, withComparison, type ProofCounts } from '../../../src/learning/proof.js';
import { anyNumber, expectFinite } from './any-number.js';
import { numbers } from './random-numbers.js';

const counts = (wins: number, losses: number, ties = 0): ProofCounts => ({ wins, losses, ties });

/**
 * ∫ p^w·(1−p)^l over Jeffreys' prior, with p = sin²φ: (2/π)·∫ sin^2w φ·cos^2l φ dφ over a quarter turn, by the trapezoid rule
 * (right to the last digits, for the integrand repeats).
 */
function marginalLikelihood(wins: number, losses: number): number {
  const steps = 4 * (wins + losses) + 16;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const angle = ((Math.PI / 2) * step) / steps;
    sum += (step === 0 || step === steps ? 0.5 : 1) * Math.sin(angle) ** (2 * wins) * Math.cos(angle) ** (2 * losses);
  }
  return sum / steps;
}

describe('the beta function', () => {
  test('worked examples', () => {
    expect(logBeta(0.5, 0.5)).toBeCloseTo(Math.log(Math.PI), 13);
    expect(logBeta(2, 3)).toBeCloseTo(-Math.log(12), 13);
  });

  test('of whole numbers is that of factorials', () => {
    const logFactorial = (n: number): number => Array.from({ length: n }, (_, i) => Math.log(i + 1)).reduce((sum, term) => sum + term, 0);
    for (const [a, b] of [[1, 1], [5, 9], [10, 10], [40, 3], [300, 500]] as const) {
      expect(logBeta(a, b)).toBeCloseTo(logFactorial(a - 1) + logFactorial(b - 1) - logFactorial(a + b - 1), 9);
    }
  });

  test('of halves is the integral of the likelihood', () => {
    for (const [wins, losses] of [[0, 0], [1, 0], [3, 4], [20, 5]] as const) {
      expect(logBeta(wins + 0.5, losses + 0.5) - logBeta(0.5, 0.5)).toBeCloseTo(Math.log(marginalLikelihood(wins, losses)), 10);
    }
  });
});

describe('the figures of the proof', () => {
  test('14 wins and 6 losses: a worked example', () => {
    expect(proofFigures(counts(14, 6, 30))).toEqual({
      comparisons: 50,
      wins: 14,
      losses: 6,
      ties: 30,
      winRate: 0.7,
      lower: expect.closeTo(0.361, 3),
      upper: expect.closeTo(0.93, 3),
      confidence: 0.95,
      verdict: 'TOO_EARLY',
    });
  });

  test('one win alone: p > .05·B(1.5, .5)/B(.5, .5) = .025', () => {
    expect(proofFigures(counts(1, 0))).toMatchObject({ winRate: 1, lower: expect.closeTo(0.025, 12), upper: 1 });
    expect(proofFigures(counts(0, 1))).toMatchObject({ winRate: 0, lower: 0, upper: expect.closeTo(0.975, 12) });
  });

  test.each([
    [3, 2],
    [9, 0],
    [0, 25],
    [70, 30],
    [120, 131],
  ])('%i wins and %i losses: the interval is that of a search over a grid', (wins, losses) => {
    const threshold = Math.log(marginalLikelihood(wins, losses)) + Math.log(0.05);
    const cells = 20_000;
    const inside = Array.from({ length: cells }, (_, cell) => (cell + 0.5) / cells).filter((p) => wins * Math.log(p) + losses * Math.log(1 - p) > threshold);
    const { lower, upper } = proofFigures(counts(wins, losses));
    expect(Math.abs(lower! - inside[0]!)).toBeLessThan(1 / cells);
    expect(Math.abs(upper! - inside.at(-1)!)).toBeLessThan(1 / cells);
  });

  test.each([
    [0, 0, 'TOO_EARLY'],
    [15, 14, 'TOO_EARLY'],
    [15, 15, 'UNDECIDED'],
    [9, 0, 'BETTER'],
    [70, 30, 'BETTER'],
    [30, 70, 'WORSE'],
    [0, 9, 'WORSE'],
  ])('%i wins and %i losses: %s', (wins, losses, verdict) => {
    expect(proofFigures(counts(wins, losses)).verdict).toBe(verdict);
    expect(shouldRollBack(counts(wins, losses))).toBe(verdict === 'WORSE');
  });

  test('without a win or a loss there is no rate and no interval, however many ties', () => {
    expect(proofFigures(counts(0, 0, 500))).toMatchObject({ comparisons: 500, winRate: null, lower: null, upper: null, verdict: 'TOO_EARLY' });
  });

  test('comparisons add up', () => {
    const all = (['WIN', 'TIE', 'LOSS', 'WIN'] as const).reduce(withComparison, counts(0, 0));
    expect(all).toEqual({ wins: 2, losses: 1, ties: 1 });
  });

  test('a win rate of .7 is seen after about 48 wins and losses at the median', () => {
    const random = numbers(7);
    const seenAfter = Array.from({ length: 101 }, () => {
      let seen = counts(0, 0);
      while (proofFigures(seen).verdict !== 'BETTER') seen = withComparison(seen, random() < 0.7 ? 'WIN' : 'LOSS');
      return seen.wins + seen.losses;
    }).sort((a, b) => a - b);
    expect(seenAfter[50]).toBeGreaterThan(38);
    expect(seenAfter[50]).toBeLessThan(58);
  });

  test('whatever the counts, figures are finite, and the interval holds the win rate and lies within [0, 1]', () => {
    const count = fc.oneof(anyNumber, fc.nat(), fc.constantFrom(Number.MAX_SAFE_INTEGER, 1e9));
    fc.assert(
      fc.property(count, count, count, (wins, losses, ties) => {
        const figures = proofFigures(counts(wins, losses, ties));
        expectFinite(figures);
        if (figures.winRate !== null) {
          expect(figures.lower).toBeGreaterThanOrEqual(0);
          expect(figures.lower).toBeLessThanOrEqual(figures.winRate);
          expect(figures.upper).toBeGreaterThanOrEqual(figures.winRate);
          expect(figures.upper).toBeLessThanOrEqual(1);
        }
        expect(shouldRollBack(counts(wins, losses, ties))).toBe(figures.verdict === 'WORSE');
      }),
    );
  });

  test('wins for losses turn the interval round', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (wins, losses) => {
        const { lower } = proofFigures(counts(wins, losses));
        const { upper } = proofFigures(counts(losses, wins));
        expect((lower ?? 0) + (upper ?? 1)).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe('the alarm on cold searches', () => {
  test('rises by 1.4, falls by .6, never under 1', () => {
    expect(coldAlarmAfter(1, 'LOSS')).toBeCloseTo(1.4, 12);
    expect(coldAlarmAfter(1.4, 'WIN')).toBe(1);
    expect(coldAlarmAfter(10, 'WIN')).toBeCloseTo(6, 12);
    expect(coldAlarmAfter(10, 'TIE')).toBe(10);
  });

  test('is raised by 27 losses in a row, and stays so', () => {
    let alarm = 1;
    for (let loss = 0; loss < 26; loss++) alarm = coldAlarmAfter(alarm, 'LOSS');
    expect(isColdAlarm(alarm)).toBe(false);
    alarm = coldAlarmAfter(alarm, 'LOSS');
    expect(isColdAlarm(alarm)).toBe(true);
    expect(coldAlarmAfter(alarm, 'WIN')).toBe(COLD_ALARM);
  });

  test('stays within [1, 7000] whatever it was', () => {
    fc.assert(
      fc.property(anyNumber, fc.constantFrom('WIN', 'LOSS', 'TIE'), (before, outcome) => {
        const alarm = coldAlarmAfter(before, outcome);
        expect(alarm).toBeGreaterThanOrEqual(1);
        expect(alarm).toBeLessThanOrEqual(COLD_ALARM);
      }),
    );
  });

  test('a search is cold when less than one examination is known of what it shows', () => {
    expect([0, 0.9, 1, 30, NaN].map(isCold)).toEqual([true, true, false, false, false]);
  });
});
