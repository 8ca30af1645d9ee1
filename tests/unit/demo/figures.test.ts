/** Figures, bars and lines as the demo's terminal shows them. */
import { describe, expect, test } from '@jest/globals';
import { bar, counted, decimal, elapsed, milliseconds, percent, sparkline, wholePercent } from '../../../demo/format.js';
import { History } from '../../../demo/history.js';
import type { ProofFigures } from '../../../demo/operations.js';
import { proofText } from '../../../demo/proof-text.js';
import { shortReason } from '../../../demo/short-reason.js';

test('figures are short and have their units', () => {
  expect([0.314, 1.2, 0, -0.05, null].map(decimal)).toEqual(['.31', '1.20', '.00', '-.05', '–']);
  expect([counted(1, 'search', 'searches'), counted(1240, 'search', 'searches')]).toEqual(['1 search', '1,240 searches']);
  expect(percent(0.1134)).toBe('11.3 %');
  expect(wholePercent(0.616)).toBe('62 %');
  expect([0.2, 3.4, 1234].map(milliseconds)).toEqual(['under 1 ms', '3 ms', '1,234 ms']);
  expect([0, 83_400, 3_600_000].map(elapsed)).toEqual(['0:00', '1:23', '60:00']);
});

test('a bar shows what is ready, then what is coming, and never outgrows its width', () => {
  expect(bar(50, 25, 100)).toBe('████████▒▒▒▒░░░░');
  expect(bar(0, 0, 100)).toBe('░'.repeat(16));
  expect(bar(0, 500, 100)).toBe('▒'.repeat(16));
  expect(bar(250, 40, 100)).toBe('█'.repeat(16));
});

test('a line of values spans from the lowest to the highest, and small changes look small', () => {
  expect(sparkline([0.4, 0.5, 0.6])).toBe('▁▅█');
  expect(sparkline([0.5, 0.51])).toBe('▁▂');
  expect(sparkline([0.5])).toBe('▁');
  expect(sparkline([])).toBe('');
});

describe('a history', () => {
  test('keeps the first and the newest value, and few between', () => {
    const history = new History();
    for (let value = 0; value <= 1_000; value++) {
      history.add(value);
      expect(history.points.at(-1)).toBe(value);
      expect(history.points.length).toBeLessThanOrEqual(25);
    }
    expect(history.first).toBe(0);
    expect(history.newest).toBe(1_000);
    expect([...history.points]).toEqual([...history.points].sort((a, b) => a - b));
    expect(history.points.length).toBeGreaterThan(10);
  });

  test('is empty at first', () => {
    const history = new History();
    expect([history.first, history.newest, history.points]).toEqual([null, null, []]);
  });
});

test.each<[string, ProofFigures]>([
  ['too early: 0 head-to-heads', { wins: 0, losses: 0, winRate: null, lower: null, upper: null, verdict: 'TOO_EARLY' }],
  ['too early: 1 head-to-head', { wins: 1, losses: 0, winRate: 1, lower: 0.01, upper: 1, verdict: 'TOO_EARLY' }],
  ['learning wins 62 % of 84 head-to-heads (51–73 %)', { wins: 52, losses: 32, winRate: 0.619, lower: 0.508, upper: 0.732, verdict: 'BETTER' }],
  ['undecided: learning wins 56 % of 41 head-to-heads (34–77 %)', { wins: 23, losses: 18, winRate: 0.561, lower: 0.338, upper: 0.767, verdict: 'UNDECIDED' }],
  ['learning loses: it wins 30 % of 100 head-to-heads (17–46 %)', { wins: 30, losses: 70, winRate: 0.3, lower: 0.166, upper: 0.463, verdict: 'WORSE' }],
])('the proof in a line: %s', (line, proof) => expect(proofText(proof)).toBe(line));

test.each([
  ['12 clicks where 40 were expected in 120 samples (z = −4.9): fewer than chance gives, as when clicks do not arrive.', '12 clicks where 40 were expected in 120 samples (z = −4.9)'],
  ['30 clicks where 28 were expected in 100 samples, but on results where they were unlikely (z of the loss = 5.1), as when clicks are reported for other results.', '30 clicks where 28 were expected in 100 samples, but on results where they were unlikely (z of the loss = 5.1)'],
  ['A metric is not a finite number.', 'A metric is not a finite number'],
  ['refused', 'refused'],
])('a rejection is told by its finding: %s', (reason, short) => expect(shortReason(reason)).toBe(short));
