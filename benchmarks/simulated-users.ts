/** Simulated users who look at a page of results from the top and click by how good a document is. */

/** `pbm:e` looks at position k with probability k^−e; `cascade` looks at every place until content; `noise` clicks at random too. */
export const USER_KINDS = ['pbm:1', 'pbm:.5', 'pbm:1.5', 'cascade', 'noise'] as const;
export type UserKind = (typeof USER_KINDS)[number];

/** Probability of a click by somebody who looks, by grade 0 … 4. */
const CLICK_PROBABILITIES = [0.05, 0.2, 0.4, 0.7, 0.9];

const CONTENTING_GRADE = 3;
const CONTENTED_STOP_PROBABILITY = 0.7;
const NOISE = 0.2;

/** Which places of a page (grades in the order shown) a user clicks. */
export function clicksOf(users: UserKind, grades: readonly number[], random: () => number): boolean[] {
  const exponent = users === 'pbm:.5' ? 0.5 : users === 'pbm:1.5' ? 1.5 : 1;
  let contented = false;
  return grades.map((grade, index) => {
    if (contented) return false;
    const looked = users === 'cascade' || random() < (index + 1) ** -exponent;
    const byGrade = CLICK_PROBABILITIES[grade]!;
    const clicked = looked && random() < (users === 'noise' ? NOISE + (1 - NOISE) * byGrade : byGrade);
    contented = users === 'cascade' && clicked && grade >= CONTENTING_GRADE && random() < CONTENTED_STOP_PROBABILITY;
    return clicked;
  });
}
