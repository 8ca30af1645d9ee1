/** Two rankings of one query as lines between places. */

export interface Placed {
  position: number;
  document: { id: string; title: string };
}

export interface Slope {
  id: string;
  title: string;
  /** Its place at either side; null where it is beyond what is known. */
  left: number | null;
  right: number | null;
  /** How many places it rises from left to right; null where one of them is not known. */
  risen: number | null;
  direction: 'risen' | 'fallen' | 'equal';
}

/**
 * Every document that either side shows among its first `places`: the left ranking's first, in its order, then what only the right one shows.
 * The rankings may be longer than that: then it is known from where a document came, or where it went.
 */
export function slopesOf(left: readonly Placed[], right: readonly Placed[], places: number): readonly Slope[] {
  const placesRight = new Map(right.map(({ position, document }) => [document.id, position]));
  const placesLeft = new Map(left.map(({ position, document }) => [document.id, position]));
  const shownLeft = left.slice(0, places);
  const onlyRight = right.slice(0, places).filter(({ document }) => (placesLeft.get(document.id) ?? Infinity) > places);
  return [...shownLeft, ...onlyRight].map(({ document: { id, title } }): Slope => {
    const [from, to] = [placesLeft.get(id) ?? null, placesRight.get(id) ?? null];
    const risen = from === null || to === null ? null : from - to;
    const direction = from === null || (risen ?? 0) > 0 ? 'risen' : to === null || (risen ?? 0) < 0 ? 'fallen' : 'equal';
    return { id, title, left: from, right: to, risen, direction };
  });
}
