/** How probable it is that a user looks at a position at all. */

/** Positions up to here have a table entry; beyond it the last one holds. */
const TABLE_SIZE = 300;
const FLOOR = 0.02;
const PRIOR_STEEPNESS = 0.7;

/** Places of a page that pairs are learned for: pairs are drawn on first pages, which have at most 100 results. */
export const MOST_PAIRS = 99;

/** The first places whose examination a checkpoint reports. */
export const REPORTED_PLACES = 20;

/** How sure the prior is of the steepness: 1/variance, a standard deviation of .3. */
const STEEPNESS_PRECISION = 1 / 0.3 ** 2;
/** Clicks on a pair with which the curve counts against the pair's own clicks. */
const CURVE_CLICKS = 300;
const NEWTON_STEPS = 8;
const STEEPNESS_RANGE = [0, 4] as const;

/**
 * The prior examination of position k (counted from 1): `θ_k = clamp(k^−.7, .02, 1)`, a probability.
 *
 * Example: θ_1 = 1, θ_2 = .6156, θ_10 = .1995, θ_1000 = .02.
 * Position-based model: Craswell, Zoeter, Taylor, Ramsey, "An experimental comparison of click position-bias models", WSDM 2008.
 */
export function priorExamination(position: number): number {
  if (!(position > 1)) return 1;
  return Math.max(FLOOR, position ** -PRIOR_STEEPNESS);
}

/** Rounding alone stays far under this; what was learned from one click is far above it. */
const SAME = 1e-9;

/**
 * Whether a curve θ_1, θ_2, … is the prior: nothing has been learned of it.
 *
 * Example: [1, .6156, …] as `firstPlaces()` of PRIOR_EXAMINATION gives it → true; [1, .7] → false; [] → true.
 */
export function isPriorCurve(curve: readonly number[]): boolean {
  return curve.every((theta, place) => Math.abs(theta - priorExamination(place + 1)) < SAME);
}

/**
 * Examination of every position, θ_k in [.02, 1], from the clicks on drawn pairs (k, k+1). A drawn pair is swapped with
 * probability ½, so both documents stand above equally often and the clicks on its two places differ by examination alone.
 *
 * Maths, with B_k clicks above and A_k clicks below in pairs (k, k+1): a click on the pair is one below with the odds
 * `r_k = θ_(k+1)/θ_k`. First a curve `r_k = (k/(k+1))^η` is fitted to all pairs, η the posterior mode under N(.7, .3²)
 * (Newton's method). Then `ratio_k = (A_k + 300·r_k)/(B_k + 300)`: a place with many clicks has its own ratio, one with few
 * the curve's. θ is the running product from θ_1 = 1; past the last place with clicks it goes on as the curve. Without any
 * click η = .7, the prior.
 *
 * Example: `PRIOR_EXAMINATION.at(2)` → .6156. B = [60], A = [30]: η = .840, r_1 = .558, ratio = (30 + 167.5)/(60 + 300) = .549.
 * Joachims, Swaminathan, Schnabel, "Unbiased learning-to-rank with biased feedback", WSDM 2017.
 */
export class Examination {
  /** B: clicks at the upper place of drawn pairs (counts), entry 0 for the pair (1, 2). */
  readonly clicksAbove: Float64Array;
  /** A: clicks at the lower place, of the same pairs. */
  readonly clicksBelow: Float64Array;
  readonly #table = new Float64Array(TABLE_SIZE + 1);

  constructor(clicksAbove: Float64Array = new Float64Array(0), clicksBelow: Float64Array = new Float64Array(0)) {
    if (clicksAbove.length !== clicksBelow.length) throw new RangeError('pairs have clicks above and below');
    this.clicksAbove = clicksAbove;
    this.clicksBelow = clicksBelow;
    this.#fill();
  }

  /** Nothing has been learned: θ_k = k^−.7. */
  get isPrior(): boolean {
    return !this.clicksAbove.some((clicks) => clicks > 0) && !this.clicksBelow.some((clicks) => clicks > 0);
  }

  /** θ of a position counted from 1 over the whole ranking; anything under 1, or not a number, reads as the first place. */
  at(position: number): number {
    if (!(position > 1)) return 1;
    return this.#table[position <= TABLE_SIZE ? Math.floor(position) : TABLE_SIZE]!;
  }

  /** θ_1 … θ_20, what a checkpoint reports. */
  firstPlaces(): number[] {
    return Array.from({ length: REPORTED_PLACES }, (_, place) => this.at(place + 1));
  }

  isFinite(): boolean {
    return this.clicksAbove.every(Number.isFinite) && this.clicksBelow.every(Number.isFinite);
  }

  #fill(): void {
    const table = this.#table;
    table[1] = 1;
    if (this.isPrior) {
      for (let k = 2; k <= TABLE_SIZE; k++) table[k] = priorExamination(k);
      return;
    }
    const steepness = fitSteepness(this.clicksAbove, this.clicksBelow);
    let theta = 1;
    for (let k = 1; k < TABLE_SIZE; k++) {
      const ratio = (k / (k + 1)) ** steepness;
      const above = this.clicksAbove[k - 1] ?? 0;
      const below = this.clicksBelow[k - 1] ?? 0;
      theta *= (below + CURVE_CLICKS * ratio) / (above + CURVE_CLICKS);
      table[k + 1] = Math.min(1, Math.max(FLOOR, theta));
    }
  }
}

/** The examination of a new lineage: nothing learned, θ_k = k^−.7. */
export const PRIOR_EXAMINATION: Examination = new Examination();

/** η of the curve k^−η, by Newton's method on the log posterior, which is concave. */
function fitSteepness(clicksAbove: Float64Array, clicksBelow: Float64Array): number {
  let steepness = PRIOR_STEEPNESS;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    let slope = (PRIOR_STEEPNESS - steepness) * STEEPNESS_PRECISION;
    let curvature = STEEPNESS_PRECISION;
    for (let pair = 0; pair < clicksAbove.length; pair++) {
      const below = clicksBelow[pair]!;
      const clicks = clicksAbove[pair]! + below;
      if (clicks === 0) continue;
      // The log odds of a click below are η·x.
      const x = Math.log((pair + 1) / (pair + 2));
      const p = 1 / (1 + Math.exp(-steepness * x));
      slope += (below - clicks * p) * x;
      curvature += clicks * p * (1 - p) * x * x;
    }
    steepness = Math.min(STEEPNESS_RANGE[1], Math.max(STEEPNESS_RANGE[0], steepness + slope / curvature));
  }
  return steepness;
}
