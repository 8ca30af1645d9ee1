/** A user who looks less and less far down, and clicks what is good among what was looked at. */

export interface PositionBasedUserOptions {
  /** Position k is looked at with probability `k^−steepness`: 0 looks at everything, 1 is usual, 1.5 hardly scrolls. */
  steepness: number;
  /** Numbers in [0, 1). */
  random: () => number;
}

/** P(click) of somebody who looks, by relevance grade 0 (does not fit) … 4 (exactly that). */
const CLICK_PROBABILITIES = [0.05, 0.2, 0.4, 0.7, 0.9] as const;

/** The highest grade. */
export const BEST_GRADE = CLICK_PROBABILITIES.length - 1;

/** P(click) of somebody who looks at a result of this grade. Example: grade 3 → .7. */
export function clickProbabilityOfGrade(grade: number): number {
  return CLICK_PROBABILITIES[Math.max(0, Math.min(BEST_GRADE, Math.round(grade)))]!;
}

/**
 * The position-based model of users: `P(click) = k^−steepness · P(click | looked, grade)`, places independent.
 * Positions count from 1 over the whole ranking.
 *
 * Example: `new PositionBasedUser({ steepness: 1, random }).clicks([4, 0, 2])` → whether each of three results was clicked.
 */
export class PositionBasedUser {
  readonly #steepness: number;
  readonly #random: () => number;

  constructor({ steepness, random }: PositionBasedUserOptions) {
    this.#steepness = steepness;
    this.#random = random;
  }

  /** Whether the user looks at this position. */
  looks(position: number): boolean {
    return this.#random() < position ** -this.#steepness;
  }

  /** Whether a result of this grade is clicked at this position: looked at, and liked. */
  clicksAt(position: number, grade: number): boolean {
    return this.looks(position) && this.#random() < clickProbabilityOfGrade(grade);
  }

  /** Which results of a page are clicked; grades in the order shown. */
  clicks(grades: readonly number[], firstPosition = 1): boolean[] {
    return grades.map((grade, place) => this.clicksAt(firstPosition + place, grade));
  }
}
