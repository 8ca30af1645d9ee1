/** The kinds of users the benchmark runs with: position-based ones as everywhere, and two that the model does not expect. */
import { clickProbabilityOfGrade, PositionBasedUser } from '../src/simulation/position-based-user.js';

/** `pbm:e` looks at position k with probability k^−e; `cascade` looks at every place until content; `noise` clicks at random too. */
export const USER_KINDS = ['pbm:1', 'pbm:.5', 'pbm:1.5', 'cascade', 'noise'] as const;
export type UserKind = (typeof USER_KINDS)[number];

const CONTENTING_GRADE = 3;
const CONTENTED_STOP_PROBABILITY = 0.7;
const NOISE = 0.2;

/** Which places of a page (grades in the order shown) a user clicks. */
export function clicksOf(users: UserKind, grades: readonly number[], random: () => number): boolean[] {
  const user = new PositionBasedUser({ steepness: users === 'pbm:.5' ? 0.5 : users === 'pbm:1.5' ? 1.5 : 1, random });
  if (users !== 'cascade' && users !== 'noise') return user.clicks(grades);
  let contented = false;
  return grades.map((grade, index) => {
    if (contented) return false;
    const looked = users === 'cascade' || user.looks(index + 1);
    const byGrade = clickProbabilityOfGrade(grade);
    const clicked = looked && random() < (users === 'noise' ? NOISE + (1 - NOISE) * byGrade : byGrade);
    contented = users === 'cascade' && clicked && grade >= CONTENTING_GRADE && random() < CONTENTED_STOP_PROBABILITY;
    return clicked;
  });
}
