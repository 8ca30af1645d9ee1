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
  /** zl without the one label that costs most; at most zl. */
  zlWithoutOne: number | null;
}

/** How a batch differs from what was predicted. */
export type Departure = 'MORE_CLICKS' | 'FEWER_CLICKS' | 'UNLIKELY_CLICKS';

/** |z| or zl above this is no chance any more: 7 in a million if the figures were normal. */
const DEPARTURE_DEVIATIONS = 4.5;

/**
 * How wrong honest predictions are: their log odds are off by a common amount (standard deviation .12, some 10 % of the
 * clicks) and stretched by a common factor (standard deviation .05). Without this an honest batch departs once it is large
 * enough, for no model is exactly right: clicks that came were .71 to 1.18 times those predicted, by users and searches
 * learned (what ranks first is partly overrated), and of honest batches of 10,000 samples 55 to 100 % departed.
 */
const SHIFT_DEVIATION = 0.12;
const STRETCH_DEVIATION = 0.05;
/** Less than this share of zl left without one label: that one decides. Not half, for honest labels around it speak for the batch. */
const SMALLEST_SHARE_WITHOUT_ONE = 0.4;
/** Where all predictions are alike, only rounding is left of what varies given the number of clicks. */
const SMALLEST_SHARE = 1e-9;

/** Under what a model gives any sample (θ at least .02, α at least 1e-4), so that nothing is divided by 0. */
const SMALLEST_PREDICTION = 1e-6;

/**
 * Running sums of the batch check over samples with the probability p stored when they were shown and their label y. Leave
 * out samples that the base ranker served; late clicks count as clicks.
 *
 * Maths, with λ = logit(p), m = Σp, V = Σp(1−p), L = Σp(1−p)λ, W = Σp(1−p)λ²; when labels are drawn with p, Σy has mean m
 * and variance V, the excess of the log loss over its expectation (the entropy), X = Σ(p − y)λ, mean 0 and variance W, and
 * their covariance is −L:
 * - `z = (Σy − m) / √(V + (.12·V)²)` for more clicks than expected. Few clicks are far less likely than the normal
 *   distribution says, so for fewer `z = −√(D / (1 + .12²·V))`, D the deviance `2(y·ln(y/m) + (n−y)·ln((n−y)/(n−m)))` of the
 *   binomial with the same mean and variance (chance of a click π = 1 − V/m, n = m/π draws), the logarithm of the likelihood
 *   ratio times 2.
 * - `zl` is the larger of `X / √(W + (.12·L)²)`, the loss against what was expected, and `X' / √(W' + (.05·W')²)`, the loss
 *   against what so many clicks would cost: `X' = X + L/V·(Σy − m)`, `W' = W − L²/V`. The second sees clicks on the wrong
 *   results whatever their number. A label that was nearly certain is
 *   far from normal: where one of p = .999 does not come, zl is 32 by itself. So `zlWithoutOne` tells the same without the
 *   label that costs most (X less the largest of its terms: the least likely click's, or that of the likeliest one that did
 *   not come), and has to be .4 of zl at least. Where more labels than one are wrong this changes nothing.
 *
 * Score tests of a calibration with intercept and slope: Cox, "Two further applications of a model for binary regression",
 * Biometrika 1958; Spiegelhalter, "Probabilistic prediction in patient management", Statistics in Medicine 1986, does the
 * first of zl for the Brier score; the terms with .12 and .05 are the variances of a random intercept and slope. A p within
 * 1e-6 of 0 or 1 is read as that; one that is no probability is left out.
 *
 * Example: 100 samples with p = .1, 25 clicked → 10 expected, z = 15/√(9 + 1.08²) = 4.70; zl the same. 5 clicked →
 * n = 100, D = 3.34, z = −√(3.34/1.13) = −1.72; none clicked → D = 21.07, z = −4.32.
 */
export class BatchCheckSums {
  #samples = 0;
  #clicks = 0;
  #expectedClicks = 0;
  #variance = 0;
  #excessLoss = 0;
  #lossVariance = 0;
  /** Σp(1−p)·logit(p): the covariance of clicks and excess loss, and what a common shift of the log odds changes. */
  #covariance = 0;
  /** The least p that was clicked and the largest that was not (no probability: none yet): one of the two costs most in every sum over (p − y)·(λ − c). */
  #leastClicked = 2;
  #largestUnclicked = -1;

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
    this.#covariance += p * (1 - p) * logit;
    if (clicked) {
      if (p < this.#leastClicked) this.#leastClicked = p;
    } else if (p > this.#largestUnclicked) this.#largestUnclicked = p;
  }

  /** A click that came after its sample had been learned as not clicked: it counts among the clicks, expected or not by then. */
  addLateClick(predicted: number): void {
    if (!(predicted >= 0 && predicted <= 1)) return;
    const p = Math.min(1 - SMALLEST_PREDICTION, Math.max(SMALLEST_PREDICTION, predicted));
    this.#clicks++;
    this.#excessLoss -= Math.log(p / (1 - p));
    this.#leastClicked = Math.min(this.#leastClicked, p);
  }

  evidence(): BatchEvidence {
    return { samples: this.#samples, clicks: this.#clicks, expectedClicks: this.#expectedClicks, z: this.#clickDeviations(), ...this.#lossDeviations() };
  }

  #clickDeviations(): number | null {
    const clicks = this.#clicks;
    const expected = this.#expectedClicks;
    const variance = this.#variance;
    if (!(variance > 0)) return null;
    if (clicks >= expected) return (clicks - expected) / Math.sqrt(variance + (SHIFT_DEVIATION * variance) ** 2);
    const draws = expected / (1 - variance / expected);
    const deviance = 2 * (likelihoodTerm(clicks, expected) + likelihoodTerm(draws - clicks, draws - expected));
    return -Math.sqrt(Math.max(0, deviance) / (1 + SHIFT_DEVIATION ** 2 * variance));
  }

  #lossDeviations(): Pick<BatchEvidence, 'zl' | 'zlWithoutOne'> {
    const variance = this.#lossVariance;
    if (!(variance > 0)) return { zl: null, zlWithoutOne: null };
    const covariance = this.#covariance;
    const deviation = Math.sqrt(variance + (SHIFT_DEVIATION * covariance) ** 2);
    const joint = this.#excessLoss / deviation;
    const jointWithoutOne = joint - this.#largestTerm(0) / deviation;
    const left = variance - covariance ** 2 / this.#variance;
    if (!(left > SMALLEST_SHARE * variance)) return { zl: joint, zlWithoutOne: jointWithoutOne };
    const slope = covariance / this.#variance;
    const deviationGivenClicks = Math.sqrt(left + (STRETCH_DEVIATION * left) ** 2);
    const givenClicks = (this.#excessLoss + slope * (this.#clicks - this.#expectedClicks)) / deviationGivenClicks;
    const givenClicksWithoutOne = givenClicks - this.#largestTerm(slope) / deviationGivenClicks;
    return { zl: Math.max(joint, givenClicks), zlWithoutOne: Math.max(jointWithoutOne, givenClicksWithoutOne) };
  }

  /** The largest of the terms (p − y)·(λ − slope) that the excess loss is the sum of; at least 0. */
  #largestTerm(slope: number): number {
    const term = (p: number, y: number): number => (p >= 0 && p <= 1 ? (p - y) * (Math.log(p / (1 - p)) - slope) : 0);
    return Math.max(0, term(this.#leastClicked, 1), term(this.#largestUnclicked, 0));
  }
}

/** count·ln(count/expected), 0 for none. */
function likelihoodTerm(count: number, expected: number): number {
  return count > 0 ? count * Math.log(count / expected) : 0;
}

/**
 * How a batch departs from what was predicted: too many or too few clicks (|z| > 4.5), or as many as expected but where
 * they were unlikely (zl > 4.5, and zlWithoutOne at least .4 of it: labels that belong to other results). null when it does not. Figures that are null or not
 * numbers tell nothing.
 *
 * Example: z = 5 → MORE_CLICKS; z = −5 → FEWER_CLICKS; z = 1, zl = 7 of which
 * 6 are left without one → UNLIKELY_CLICKS; z = 4.4, zl = 4.4 → null.
 */
export function departureOf(evidence: BatchEvidence): Departure | null {
  const { z, zl, zlWithoutOne } = evidence;
  if (z !== null && z > DEPARTURE_DEVIATIONS) return 'MORE_CLICKS';
  if (z !== null && z < -DEPARTURE_DEVIATIONS) return 'FEWER_CLICKS';
  return zl !== null && zl > DEPARTURE_DEVIATIONS && zlWithoutOne !== null && zlWithoutOne >= SMALLEST_SHARE_WITHOUT_ONE * zl ? 'UNLIKELY_CLICKS' : null;
}
