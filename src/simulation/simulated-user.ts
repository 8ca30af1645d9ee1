/** Users of several kinds, by name: those the ranking expects, and those it does not. */
import { clickProbabilityOfGrade, PositionBasedUser } from './position-based-user.js';

/**
 * `pbm:E` looks at position k with probability k^−E and clicks what it looked at by its grade; `cascade` looks at every place
 * from the top until content; `noise` is `pbm:1`, but clicks at random, too; `spam` clicks on everything.
 */
export type UserKind = `pbm:${number}` | 'cascade' | 'noise' | 'spam';

/** Which places of a page, grades in the order shown, are clicked. */
export type PageVisitor = (grades: readonly number[]) => boolean[];

const CONTENTING_GRADE = 3;
const CONTENTED_STOP_PROBABILITY = 0.7;
const NOISE = 0.2;
const STEEPEST = 10;

/** The kind a text names, or null. Example: 'pbm:.5' → look at position k with probability k^−.5. */
export function userKind(text: string): UserKind | null {
  if (text === 'cascade' || text === 'noise' || text === 'spam') return text;
  const steepness = /^pbm:(\d*\.?\d+)$/.exec(text)?.[1];
  return steepness !== undefined && Number(steepness) <= STEEPEST ? `pbm:${Number(steepness)}` : null;
}

/** E of `pbm:E` and 1 of `noise`: position k is looked at with probability k^−E. null for users who do not go by position alone. */
export function steepnessOf(kind: UserKind): number | null {
  if (kind === 'noise') return 1;
  return kind.startsWith('pbm:') ? Number(kind.slice('pbm:'.length)) : null;
}

/** A user of a kind; each call is one page. `random` yields numbers in [0, 1). */
export function simulatedUser(kind: UserKind, random: () => number): PageVisitor {
  if (kind === 'spam') return (grades) => grades.map(() => true);
  if (kind === 'cascade') return (grades) => cascade(grades, random);
  const user = new PositionBasedUser({ steepness: steepnessOf(kind) ?? 1, random });
  if (kind === 'noise') {
    return (grades) => grades.map((grade, place) => user.looks(place + 1) && random() < NOISE + (1 - NOISE) * clickProbabilityOfGrade(grade));
  }
  return (grades) => user.clicks(grades);
}

/** Craswell, Zoeter, Taylor, Ramsey, WSDM 2008; here a click on a good result ends the search only mostly. */
function cascade(grades: readonly number[], random: () => number): boolean[] {
  let contented = false;
  return grades.map((grade) => {
    if (contented) return false;
    const clicked = random() < clickProbabilityOfGrade(grade);
    contented = clicked && grade >= CONTENTING_GRADE && random() < CONTENTED_STOP_PROBABILITY;
    return clicked;
  });
}
