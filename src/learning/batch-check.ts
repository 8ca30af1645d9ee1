/** Whether the clicks of a run are such as were predicted when its samples were shown. */

/** What was predicted of a run's samples, and what came. All finite. */
export interface BatchEvidence {
  /** Samples with a usable prediction. */
  samples: number;
  /** Σy. */
  clicks: number;
  /** Σp. */
  expectedClicks: number;
  /** How many standard deviations more clicks came than expected; null where nothing could vary (no samples). */
  z: number | null;
  /** The same of the loss: above 0 when clicks came where they were unlikely; null where no loss could vary. */
  zl: number | null;
}

/** How a batch differs from what was predicted. */
export type Departure = 'MORE_CLICKS' | 'FEWER_CLICKS' | 'UNLIKELY_CLICKS';

/** |z| or zl above this is no chance any more: 7 in a million if the figures were normal, 0 of 3,800 honest batches of 100. */
const DEPARTURE_DEVIATIONS = 4.5;

/** Under what a model gives any sample (θ at least .02, α at least 1e-4), so that no single one decides by a division by 0. */
const SMALLEST_PREDICTION = 1e-6;

/**
 * Running sums of the batch check over samples with the probability p stored when they were shown and their label y. Leave
 * out samples that the base ranker served; late clicks count as clicks.
 *
 * Maths: `z = Σ(y − p) / √Σp(1−p)`, the deviation of the number of clicks from the expected one, and
 * `zl = (Σloss − ΣH(p)) / √Σ p(1−p)·logit(p)²`, that of the log loss from its expectation, the entropy; for one sample
 * `loss − H(p) = (p − y)·logit(p)`. Both have mean 0 and variance 1 when labels are drawn with p (a score test and the
 * standardised log score; Spiegelhalter, "Probabilistic prediction in patient management", Statistics in Medicine 1986,
 * does the same to the Brier score). A p within 1e-6 of 0 or 1 is read as that; one that is no probability is left out.
 *
 * Example: 100 samples with p = .1, 25 clicked → 10 expected, z = 15/√9 = 5, zl = 15·2.197/√(9·4.828) = 5.
 */
export class BatchCheckSums {
  #samples = 0;
  #clicks = 0;
  #expectedClicks = 0;
  #variance = 0;
  #excessLoss = 0;
  #lossVariance = 0;

  add(predicted: number, clicked: boolean): void {
    if (!(predicted >= 0 && predicted <= 1)) return;
    const p = Math.min(1 - SMALLEST_PREDICTION, Math.max(SMALLEST_PREDICTION, predicted));
    const y = clicked ? 1 : 0;
    const logit = Math.log(p / (1 - p));
    this.#samples++;
    this.#clicks += y;
    this.#expectedClicks += p;
    this.#variance += p * (1 - p);
    this.#excessLoss += (p - y) * logit;
    this.#lossVariance += p * (1 - p) * logit ** 2;
  }

  /** A click that came after its sample had been learned as not clicked: it counts among the clicks, expected or not by then. */
  addLateClick(predicted: number): void {
    if (!(predicted >= 0 && predicted <= 1)) return;
    const p = Math.min(1 - SMALLEST_PREDICTION, Math.max(SMALLEST_PREDICTION, predicted));
    this.#clicks++;
    this.#excessLoss -= Math.log(p / (1 - p));
  }

  evidence(): BatchEvidence {
    return {
      samples: this.#samples,
      clicks: this.#clicks,
      expectedClicks: this.#expectedClicks,
      z: this.#variance > 0 ? (this.#clicks - this.#expectedClicks) / Math.sqrt(this.#variance) : null,
      zl: this.#lossVariance > 0 ? this.#excessLoss / Math.sqrt(this.#lossVariance) : null,
    };
  }
}

/**
 * How a batch departs from what was predicted: too many or too few clicks (|z| > 4.5), or as many as expected but where
 * they were unlikely (zl > 4.5: labels that belong to other results). null when it does not. Figures that are null or not
 * numbers tell nothing.
 *
 * Example: z = 5 → MORE_CLICKS; z = −5 → FEWER_CLICKS; z = 1, zl = 6 → UNLIKELY_CLICKS; z = 4.4, zl = 4.4 → null.
 */
export function departureOf(evidence: BatchEvidence): Departure | null {
  const { z, zl } = evidence;
  if (z !== null && z > DEPARTURE_DEVIATIONS) return 'MORE_CLICKS';
  if (z !== null && z < -DEPARTURE_DEVIATIONS) return 'FEWER_CLICKS';
  return zl !== null && zl > DEPARTURE_DEVIATIONS ? 'UNLIKELY_CLICKS' : null;
}
