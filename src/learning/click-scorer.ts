/** Progressive scoring: one prediction and its label at a time, all figures at the end. */
import { AucCounter } from './auc-counter.js';
import {
  accuracy,
  calibration,
  count,
  f1,
  finiteOrNull,
  likelihoodOf,
  normalizedEntropy,
  precision,
  recall,
  ReliabilitySums,
  type CalibrationBin,
  type Confusion,
  type ModelMetrics,
} from './metrics.js';

/**
 * Accumulates ModelMetrics and CalibrationBins over any number of samples in constant memory (see AucCounter).
 *
 * Example: `scorer.add(.8, true); scorer.add(.4, false); scorer.metrics().logLoss` → .3670.
 */
export class ClickScorer {
  #samples = 0;
  #positives = 0;
  #lossSum = 0;
  /** Of the probabilities given to what came since the sum was last brought up to date: one logarithm for many samples. */
  #likelihood = 1;
  #predictedSum = 0;
  readonly #confusion: Confusion = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  readonly #auc = new AucCounter();
  readonly #reliability = new ReliabilitySums();

  add(predicted: number, clicked: boolean): void {
    this.#samples++;
    if (clicked) this.#positives++;
    // Not below 1e-200: with one more factor of at least 1e-15 it is still a normal number.
    if (!((this.#likelihood *= likelihoodOf(predicted, clicked)) >= 1e-200)) {
      this.#lossSum = this.#sumOfLosses();
      this.#likelihood = 1;
    }
    this.#predictedSum += predicted;
    count(this.#confusion, predicted, clicked);
    this.#auc.add(predicted, clicked);
    this.#reliability.add(predicted, clicked);
  }

  /** Leaves everything as it is: figures do not depend on who asked for them on the way. */
  #sumOfLosses(): number {
    return this.#lossSum - Math.log(this.#likelihood);
  }

  /** Whether every prediction was a finite number. */
  isFinite(): boolean {
    return Number.isFinite(this.#sumOfLosses()) && Number.isFinite(this.#predictedSum);
  }

  /** The mean loss so far, null without samples or when a prediction was not a number. */
  logLoss(): number | null {
    return finiteOrNull(this.#sumOfLosses() / this.#samples);
  }

  /** All figures; when a prediction was not a finite number they are all null, for none would mean anything. */
  metrics(): ModelMetrics {
    const sound = this.isFinite() && this.#samples > 0;
    const meanLoss = this.#sumOfLosses() / this.#samples;
    return {
      samples: this.#samples,
      positives: this.#positives,
      logLoss: sound ? meanLoss : null,
      normalizedEntropy: sound ? normalizedEntropy(meanLoss, this.#positives, this.#samples) : null,
      auc: sound ? this.#auc.result() : null,
      accuracy: sound ? accuracy(this.#confusion) : null,
      precision: sound ? precision(this.#confusion) : null,
      recall: sound ? recall(this.#confusion) : null,
      f1: sound ? f1(this.#confusion) : null,
      calibration: sound ? calibration(this.#predictedSum, this.#positives) : null,
    };
  }

  calibrationBins(): CalibrationBin[] {
    return this.#reliability.bins();
  }
}
