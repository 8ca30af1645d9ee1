/** The figures by which predictions and rankings are judged; natural logarithms, null where a figure is not defined. */

/** A model's figures on a set of samples. null where a figure is not defined (one class only) or not finite. */
export interface ModelMetrics {
  samples: number;
  positives: number;
  logLoss: number | null;
  normalizedEntropy: number | null;
  auc: number | null;
  accuracy: number | null;
  precision: number | null;
  recall: number | null;
  f1: number | null;
  calibration: number | null;
}

/** Samples whose predicted probability lies in [from, to): how often they were clicked. */
export interface CalibrationBin {
  from: number;
  to: number;
  samples: number;
  meanPredicted: number;
  clickRate: number;
}

/** Probabilities are kept this far from 0 and 1 before a logarithm is taken. */
const SMALLEST_PROBABILITY = 1e-15;

/**
 * Loss of one prediction p for label y: `−ln p` when y, else `−ln(1 − p)`; in nats.
 *
 * Example: p = .8, clicked → .2231; not clicked → 1.6094.
 */
export function sampleLoss(predicted: number, clicked: boolean): number {
  return -Math.log(likelihoodOf(predicted, clicked));
}

/** The probability that was given to what came, at least 1e-15: p when clicked, else 1 − p. Example: p = .8, not clicked → .2. */
export function likelihoodOf(predicted: number, clicked: boolean): number {
  const right = clicked ? predicted : 1 - predicted;
  return right < SMALLEST_PROBABILITY ? SMALLEST_PROBABILITY : right;
}

/**
 * Log loss: the mean of sampleLoss, in nats; smaller is better. null without samples.
 *
 * Example: predicted [.8, .4], labels [1, 0] → (.2231 + .5108)/2 = .3670.
 */
export function logLoss(predicted: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  let sum = 0;
  for (let i = 0; i < predicted.length; i++) sum += sampleLoss(predicted[i]!, labels[i]! > 0);
  return finiteOrNull(sum / predicted.length);
}

/**
 * Normalised entropy: log loss divided by the entropy of the base rate, `H(c) = −c·ln c − (1−c)·ln(1−c)`; 1 is what
 * predicting the base rate everywhere reaches, smaller is better. null on one class.
 * He et al., "Practical lessons from predicting clicks on ads at Facebook", ADKDD 2014.
 *
 * Example: log loss .3670, half clicked → .3670/.6931 = .5295.
 */
export function normalizedEntropy(meanLoss: number, positives: number, samples: number): number | null {
  const rate = positives / samples;
  if (!(rate > 0 && rate < 1)) return null;
  return finiteOrNull(meanLoss / -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate)));
}

/**
 * ROC AUC: the probability that a random positive scores above a random negative, ties counted half; larger is better, .5
 * is chance. null on one class or when a score is not a number. Exact; sorts, O(n log n).
 * Hanley and McNeil, "The meaning and use of the area under a ROC curve", Radiology 1982.
 *
 * Example: scores [.9, .5, .5, .1], labels [1, 1, 0, 0] → (1 + 1 + ½ + 1)/4 = .875.
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const positives: number[] = [];
  const negatives: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i]!)) return null;
    (labels[i]! > 0 ? positives : negatives).push(scores[i]!);
  }
  const above = Float64Array.from(positives).sort();
  const below = Float64Array.from(negatives).sort();
  let wins = 0;
  let smaller = 0;
  let notLarger = 0;
  for (const score of above) {
    while (smaller < below.length && below[smaller]! < score) smaller++;
    while (notLarger < below.length && below[notLarger]! <= score) notLarger++;
    wins += (smaller + notLarger) / 2;
  }
  return finiteOrNull(wins / (above.length * below.length));
}

/** Predictions at .5 against labels: what accuracy, precision, recall and F1 count. */
export interface Confusion {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

/** Counts a set of predictions, p ≥ .5 read as "clicked". Example: [.8, .6, .1], [1, 0, 0] → 1 true and 1 false positive, 1 true negative. */
export function confusion(predicted: ArrayLike<number>, labels: ArrayLike<number>): Confusion {
  const counts: Confusion = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (let i = 0; i < predicted.length; i++) count(counts, predicted[i]!, labels[i]! > 0);
  return counts;
}

/** Adds one prediction. */
export function count(counts: Confusion, predicted: number, clicked: boolean): void {
  // Written out: a property chosen by its name would be the slowest step of scoring a sample.
  if (predicted >= 0.5) {
    if (clicked) counts.truePositives++;
    else counts.falsePositives++;
  } else if (clicked) counts.falseNegatives++;
  else counts.trueNegatives++;
}

/** Share of predictions at .5 that are right; null without samples. Example: 8 of 10 right → .8. */
export function accuracy(c: Confusion): number | null {
  return finiteOrNull((c.truePositives + c.trueNegatives) / (c.truePositives + c.falsePositives + c.trueNegatives + c.falseNegatives));
}

/** Of those predicted clicked, the share that was; null when none was predicted. Example: 3 right of 4 → .75. */
export function precision(c: Confusion): number | null {
  return finiteOrNull(c.truePositives / (c.truePositives + c.falsePositives));
}

/** Of those clicked, the share predicted so; null without clicks. Example: 3 of 6 → .5. */
export function recall(c: Confusion): number | null {
  return finiteOrNull(c.truePositives / (c.truePositives + c.falseNegatives));
}

/** Harmonic mean of precision and recall, `2tp/(2tp + fp + fn)`; null when nothing was clicked or predicted so. Example: .75 and .5 → .6. */
export function f1(c: Confusion): number | null {
  return finiteOrNull((2 * c.truePositives) / (2 * c.truePositives + c.falsePositives + c.falseNegatives));
}

/** Calibration `Σp/Σy`: clicks predicted for each click seen; 1 is right, above 1 too many. null without clicks. Example: Σp = 12, 10 clicks → 1.2. */
export function calibration(predictedSum: number, positives: number): number | null {
  return finiteOrNull(predictedSum / positives);
}

/** Bins of equal width in which reliability is counted. */
export const CALIBRATION_BINS = 10;

/**
 * Reliability bins: predictions grouped by tenths of probability; empty bins are left out. What a reliability diagram draws.
 * Predictions outside [0, 1] are left out.
 *
 * Example: predicted [.02, .04, .55], labels [0, 1, 1] → [0, .1): 2 samples, mean .03, rate .5; [.5, .6): 1 sample, mean .55, rate 1.
 */
export function calibrationBins(predicted: ArrayLike<number>, labels: ArrayLike<number>): CalibrationBin[] {
  const sums = new ReliabilitySums();
  for (let i = 0; i < predicted.length; i++) sums.add(predicted[i]!, labels[i]! > 0);
  return sums.bins();
}

/** Running sums of calibrationBins, for samples that come one by one. */
export class ReliabilitySums {
  readonly #samples = new Float64Array(CALIBRATION_BINS);
  readonly #predicted = new Float64Array(CALIBRATION_BINS);
  readonly #clicks = new Float64Array(CALIBRATION_BINS);

  add(predicted: number, clicked: boolean): void {
    if (!(predicted >= 0 && predicted <= 1)) return;
    const bin = Math.min(CALIBRATION_BINS - 1, Math.floor(predicted * CALIBRATION_BINS));
    this.#samples[bin]!++;
    this.#predicted[bin]! += predicted;
    if (clicked) this.#clicks[bin]!++;
  }

  bins(): CalibrationBin[] {
    const bins: CalibrationBin[] = [];
    for (let bin = 0; bin < CALIBRATION_BINS; bin++) {
      const samples = this.#samples[bin]!;
      if (samples === 0) continue;
      const from = bin / CALIBRATION_BINS;
      const to = (bin + 1) / CALIBRATION_BINS;
      bins.push({ from, to, samples, meanPredicted: this.#predicted[bin]! / samples, clickRate: this.#clicks[bin]! / samples });
    }
    return bins;
  }
}

/**
 * nDCG@k of a ranking: `DCG@k = Σ (2^grade − 1)/log2(place + 1)`, divided by that of the best order of `judged`, in [0, 1].
 * `grades` in ranked order; `judged` all grades known for the query, in any order (left out: those ranked). null when none is above 0.
 * Burges et al., "Learning to rank using gradient descent", ICML 2005; Järvelin and Kekäläinen, TOIS 2002.
 *
 * Example: grades [3, 0, 2], k = 3 → (7 + 0 + 1.5)/(7 + 1.8928 + 0) = .9558.
 */
export function ndcg(grades: ArrayLike<number>, k: number, judged: ArrayLike<number> = grades): number | null {
  const ideal = Float64Array.from(judged).sort().reverse();
  return finiteOrNull(dcg(grades, k) / dcg(ideal, k));
}

function dcg(grades: ArrayLike<number>, k: number): number {
  let sum = 0;
  for (let place = 0; place < Math.min(k, grades.length); place++) sum += (2 ** grades[place]! - 1) / Math.log2(place + 2);
  return sum;
}

/** The number, or null when it is not finite: what "not defined" looks like to a client. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
