/** What plots make of their figures before anything is drawn. */
import { expect, test } from '@jest/globals';
import { lastPoint, rangeOf, spreadLabels } from '../../../dashboard/src/plots/plot-data.js';
import { binCounts, calibrationData, examinationData, priorExamination } from '../../../dashboard/src/pages/models/checkpoint-curves.js';
import { placeOn, proofScale } from '../../../dashboard/src/pages/live/proof-scale.js';

test('labels that would overlap are moved apart in their order, and stay within bounds', () => {
  expect(spreadLabels([50, 10], 14, 0, 100)).toEqual([50, 10]);
  expect(spreadLabels([50, 51, 49], 14, 0, 100)).toEqual([63, 77, 49]);
  expect(spreadLabels([99, 100], 14, 0, 100)).toEqual([86, 100]);
});

test('a label stands at the last value there is', () => {
  expect(lastPoint({ label: '', values: [1, 2, null], tone: 'accent', kind: 'line' }, [10, 20, 30])).toEqual({ x: 20, y: 2 });
  expect(lastPoint({ label: '', values: [null], tone: 'accent', kind: 'line' }, [10])).toBeNull();
});

test('a range has air, is never flat, and keeps to its bounds', () => {
  const [least, most] = rangeOf([0.2, null, 0.4]);
  expect(least).toBeLessThan(0.2);
  expect(most).toBeGreaterThan(0.4);
  const [low, high] = rangeOf([0.3, 0.3]);
  expect(high).toBeGreaterThan(low);
  expect(rangeOf([0.01, 1], 0, 1)).toEqual([0, 1]);
  expect(rangeOf([], 0, 1)).toEqual([0, 1]);
});

test('the calibration plot ends where its bins do, with a diagonal from corner to corner', () => {
  const bins = [
    { from: 0, to: 0.1, samples: 900, meanPredicted: 0.05, clickRate: 0.04 },
    { from: 0.2, to: 0.3, samples: 100, meanPredicted: 0.22, clickRate: 0.31 },
  ];
  const { data, range } = calibrationData(bins, 'clicked');
  expect(range).toEqual([0, 0.4]);
  expect(data.x).toEqual([0, 0.05, 0.22, 0.4]);
  expect(data.series.map(({ values }) => values)).toEqual([
    [0, 0.05, 0.22, 0.4],
    [null, 0.04, 0.31, null],
  ]);
  expect(binCounts(bins, 'samples').x).toEqual([0.05, 0.25]);
});

test('examination shows the prior, and the learned curve only when there is one', () => {
  expect([1, 2, 10, 1_000].map((place) => Number(priorExamination(place).toFixed(4)))).toEqual([1, 0.6156, 0.1995, 0.02]);
  const words = { learned: 'learned', prior: 'prior' };
  expect(examinationData([1, 0.5], true, words).series.map(({ label }) => label)).toEqual(['prior']);
  expect(examinationData([1, 0.5], false, words).series.map(({ label }) => label)).toEqual(['prior', 'learned']);
});

test('the proof stands on a scale from 40 to 60 %, wider only when its interval needs it', () => {
  expect(proofScale(0.53, 0.59)).toMatchObject({ from: 0.4, to: 0.6, ticks: [0.4, 0.45, 0.5, 0.55, 0.6] });
  expect(proofScale(null, null)).toMatchObject({ from: 0.4, to: 0.6 });
  expect(proofScale(0.58, 0.66)).toMatchObject({ from: 0.3, to: 0.7 });
  expect(proofScale(0, 0.98)).toMatchObject({ from: 0, to: 1 });
  expect(placeOn(proofScale(0.45, 0.55), 0.55)).toBeCloseTo(0.75);
});
