/** How probable it is that a user looks at a position at all. */

/** Positions up to here have a table entry; k^−.7 falls under the floor of .02 at 268. */
const TABLE_SIZE = 300;
const FLOOR = 0.02;
const PRIOR_EXPONENT = -0.7;

/** The first places whose examination a checkpoint reports. */
export const REPORTED_PLACES = 20;

/**
 * The prior examination of position k (counted from 1): `θ_k = clamp(k^−.7, .02, 1)`, a probability.
 *
 * Example: θ_1 = 1, θ_2 = .6156, θ_10 = .1995, θ_1000 = .02.
 * Position-based model: Craswell, Zoeter, Taylor, Ramsey, "An experimental comparison of click position-bias models", WSDM 2008.
 */
export function priorExamination(position: number): number {
  if (!(position > 1)) return 1;
  return Math.max(FLOOR, position ** PRIOR_EXPONENT);
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
 * Examination of every position, θ_k in [.02, 1]. In this form it is the prior. The two count columns are what learning
 * from drawn pairs will fill (B: clicks at k of pairs (k, k+1), A: clicks at k+1); a checkpoint stores them, empty now.
 *
 * Example: `PRIOR_EXAMINATION.at(2)` → .6156.
 */
export class Examination {
  /** B by place, clicks at the upper place of drawn pairs (a count). */
  readonly clicksAbove: Float64Array;
  /** A by place, clicks at the lower place of drawn pairs (a count). */
  readonly clicksBelow: Float64Array;
  readonly #table: Float64Array;

  constructor(clicksAbove: Float64Array = new Float64Array(0), clicksBelow: Float64Array = new Float64Array(0)) {
    this.clicksAbove = clicksAbove;
    this.clicksBelow = clicksBelow;
    this.#table = Float64Array.from({ length: TABLE_SIZE + 1 }, (_, position) => priorExamination(position));
  }

  /** θ of a position counted from 1 over the whole ranking; anything under 1, or not a number, reads as the first place. */
  at(position: number): number {
    if (!(position > 1)) return 1;
    return position <= TABLE_SIZE ? this.#table[Math.floor(position)]! : FLOOR;
  }

  /** θ_1 … θ_20, what a checkpoint reports. */
  firstPlaces(): number[] {
    return Array.from({ length: REPORTED_PLACES }, (_, place) => this.at(place + 1));
  }

  isFinite(): boolean {
    return this.clicksAbove.every(Number.isFinite) && this.clicksBelow.every(Number.isFinite);
  }
}

/** The examination of a new lineage: nothing learned, θ_k = k^−.7. */
export const PRIOR_EXAMINATION: Examination = new Examination();
