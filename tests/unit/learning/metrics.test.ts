/** Every metric by a worked example, the important ones against an independent computation. */
import { describe, expect, test } from '@jest/globals';
import {
  accuracy,
  calibration,
  calibrationBins,
  confusion,
  f1,
  logLoss,
  ndcg,
  normalizedEntropy,
  precision,
  recall,
  rocAuc,
  sampleLoss,
} from '../../../src/learning/metrics.js';
import { AucCounter } from '../../../src/learning/auc-counter.js';
import { ClickScorer } from '../../../src/learning/click-scorer.js';
import { numbers } from './random-numbers.js';

describe('worked examples', () => {
  test('the loss of a prediction is the negative logarithm of the probability of what happened', () => {
    expect(sampleLoss(0.8, true)).toBeCloseTo(0.2231, 4);
    expect(sampleLoss(0.8, false)).toBeCloseTo(1.6094, 4);
    expect(sampleLoss(0, true)).toBeCloseTo(34.54, 2);
  });

  test('log loss is the mean loss', () => {
    expect(logLoss([0.8, 0.4], [1, 0])).toBeCloseTo(0.367, 4);
    expect(logLoss([], [])).toBeNull();
  });

  test('normalised entropy is log loss over the entropy of the base rate, null on one class', () => {
    expect(normalizedEntropy(0.367, 1, 2)).toBeCloseTo(0.5295, 4);
    expect(normalizedEntropy(Math.LN2, 1, 2)).toBeCloseTo(1, 12);
    expect(normalizedEntropy(0.3, 0, 2)).toBeNull();
    expect(normalizedEntropy(0.3, 2, 2)).toBeNull();
  });

  test('AUC counts ties half and is null on one class', () => {
    expect(rocAuc([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0])).toBe(0.875);
    expect(rocAuc([0.9, 0.1], [1, 0])).toBe(1);
    expect(rocAuc([0.5, 0.5], [1, 0])).toBe(0.5);
    expect(rocAuc([0.5, 0.6], [1, 1])).toBeNull();
    expect(rocAuc([NaN, 0.6], [1, 0])).toBeNull();
  });

  test('accuracy, precision, recall and F1 count predictions at .5', () => {
    // 3 true positives, 1 false positive, 3 false negatives, 3 true negatives.
    const counts = confusion([0.9, 0.8, 0.5, 0.6, 0.4, 0.3, 0.2, 0.1, 0.1, 0.49], [1, 1, 1, 0, 1, 1, 1, 0, 0, 0]);
    expect(accuracy(counts)).toBeCloseTo(0.6, 12);
    expect(precision(counts)).toBeCloseTo(0.75, 12);
    expect(recall(counts)).toBeCloseTo(0.5, 12);
    expect(f1(counts)).toBeCloseTo(0.6, 12);
  });

  test('precision is null when nothing was predicted clicked, recall when nothing was clicked', () => {
    expect(precision(confusion([0.1], [1]))).toBeNull();
    expect(recall(confusion([0.9], [0]))).toBeNull();
    expect(f1(confusion([0.1], [0]))).toBeNull();
  });

  test('calibration is clicks predicted for each click seen', () => {
    expect(calibration(12, 10)).toBeCloseTo(1.2, 12);
    expect(calibration(12, 0)).toBeNull();
  });

  test('reliability bins group by tenths and leave empty ones out', () => {
    const bins = calibrationBins([0.02, 0.04, 0.55, 1], [0, 1, 1, 1]);
    expect(bins.map(({ from, to, samples, clickRate }) => [from, to, samples, clickRate])).toEqual([
      [0, 0.1, 2, 0.5],
      [0.5, 0.6, 1, 1],
      [0.9, 1, 1, 1],
    ]);
    expect(bins[0]!.meanPredicted).toBeCloseTo(0.03, 12);
  });

  test('nDCG divides by the best order of what was judged', () => {
    expect(ndcg([3, 0, 2], 3)).toBeCloseTo(0.9558, 4);
    expect(ndcg([3, 2, 0], 3)).toBe(1);
    expect(ndcg([0, 3], 1)).toBe(0);
    expect(ndcg([1], 10, [1, 3])).toBeCloseTo(1 / (7 + 1 / Math.log2(3)), 12);
    expect(ndcg([0, 0], 10)).toBeNull();
  });
});

describe('against an independent computation', () => {
  const random = numbers(11);
  const labels = Array.from({ length: 2000 }, () => (random() < 0.2 ? 1 : 0));
  // Two decimals: many ties.
  const predicted = labels.map((label) => Math.round((0.02 + 0.6 * random() + 0.3 * label * random()) * 100) / 100);

  test('log loss equals the negative logarithm of the likelihood of all labels, over their number', () => {
    const logLikelihood = predicted.reduce((sum, p, i) => sum + Math.log(labels[i] === 1 ? p : 1 - p), 0);
    expect(logLoss(predicted, labels)).toBeCloseTo(-logLikelihood / labels.length, 10);
  });

  test('AUC equals the share of right pairs, counted pair by pair', () => {
    let right = 0;
    let pairs = 0;
    for (let i = 0; i < labels.length; i++) {
      for (let j = 0; j < labels.length; j++) {
        if (labels[i] !== 1 || labels[j] !== 0) continue;
        pairs++;
        right += predicted[i]! > predicted[j]! ? 1 : predicted[i] === predicted[j] ? 0.5 : 0;
      }
    }
    expect(rocAuc(predicted, labels)).toBeCloseTo(right / pairs, 12);
  });

  test('the area under the ROC curve by the trapezoid rule is the same AUC', () => {
    const thresholds = [...new Set(predicted)].sort((a, b) => b - a);
    const positives = labels.filter((label) => label === 1).length;
    let area = 0;
    let before = { fpr: 0, tpr: 0 };
    for (const threshold of thresholds) {
      const tp = predicted.filter((p, i) => p >= threshold && labels[i] === 1).length;
      const fp = predicted.filter((p, i) => p >= threshold && labels[i] === 0).length;
      const now = { fpr: fp / (labels.length - positives), tpr: tp / positives };
      area += ((now.fpr - before.fpr) * (now.tpr + before.tpr)) / 2;
      before = now;
    }
    expect(rocAuc(predicted, labels)).toBeCloseTo(area, 10);
  });
});

describe('scoring one by one', () => {
  test('gives the figures of the whole set', () => {
    const scorer = new ClickScorer();
    scorer.add(0.8, true);
    scorer.add(0.4, false);
    expect(scorer.metrics()).toEqual({
      samples: 2,
      positives: 1,
      logLoss: logLoss([0.8, 0.4], [1, 0]),
      normalizedEntropy: normalizedEntropy(logLoss([0.8, 0.4], [1, 0])!, 1, 2),
      auc: 1,
      accuracy: 1,
      precision: 1,
      recall: 1,
      f1: 1,
      calibration: expect.closeTo(1.2, 12),
    });
  });

  test('AUC in bounded memory stays within 1e-4 of the exact one', () => {
    const random = numbers(5);
    const counter = new AucCounter();
    const scores: number[] = [];
    const labels: number[] = [];
    for (let i = 0; i < 60_000; i++) {
      const label = random() < 0.1 ? 1 : 0;
      const score = random() ** 3 * 0.7 + 0.1 * label * random();
      counter.add(score, label === 1);
      scores.push(score);
      labels.push(label);
    }
    expect(Math.abs(counter.result()! - rocAuc(scores, labels)!)).toBeLessThan(1e-4);
  });

  test('AUC of many samples of one class is null', () => {
    const counter = new AucCounter();
    for (let i = 0; i < 10_000; i++) counter.add(0.5, false);
    expect(counter.result()).toBeNull();
  });

  test('a prediction that is not a number makes every figure null', () => {
    const scorer = new ClickScorer();
    scorer.add(NaN, true);
    scorer.add(0.4, false);
    expect(scorer.isFinite()).toBe(false);
    const { samples, positives, ...figures } = scorer.metrics();
    expect([samples, positives]).toEqual([2, 1]);
    expect(Object.values(figures).every((figure) => figure === null)).toBe(true);
  });

  test('no samples have no figures, and that is not a fault', () => {
    const scorer = new ClickScorer();
    expect(scorer.isFinite()).toBe(true);
    expect(scorer.metrics().logLoss).toBeNull();
  });
});
