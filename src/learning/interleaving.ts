/** Two rankings in one list, and which of them the clicks preferred. */

/** Whose pick a document of an interleaved list was. */
export type Team = 'LEARNED' | 'BASE';

/** Which team's picks got more clicks, seen from the learned ranking. */
export type Comparison = 'WIN' | 'LOSS' | 'TIE';

/**
 * Team draft (Radlinski, Kurup, Joachims, CIKM 2008): in each round a coin says who picks first; each team then picks the best of its
 * ranking that is not yet taken. `learned` and `base` are permutations of the same candidates, best first; the list has at most `limit`.
 *
 * Example: learned [2, 0, 1], base [0, 1, 2], limit 2, a coin for LEARNED → order [2, 0], teams [LEARNED, BASE].
 */
export function interleave(learned: Uint32Array, base: Uint32Array, limit: number, random: () => number): { order: Uint32Array; teams: Team[] } {
  const length = Math.min(limit, learned.length);
  const order = new Uint32Array(length);
  const teams: Team[] = [];
  const taken = new Set<number>();
  const next = { LEARNED: 0, BASE: 0 };
  const rankings = { LEARNED: learned, BASE: base };
  while (teams.length < length) {
    const round: Team[] = random() < 0.5 ? ['LEARNED', 'BASE'] : ['BASE', 'LEARNED'];
    for (const team of round) {
      if (teams.length === length) break;
      while (taken.has(rankings[team][next[team]]!)) next[team]++;
      const pick = rankings[team][next[team]]!;
      taken.add(pick);
      order[teams.length] = pick;
      teams.push(team);
    }
  }
  return { order, teams };
}

/** Example: teams [LEARNED, BASE, BASE], clicked [true, false, false] → WIN. */
export function comparisonOf(teams: readonly Team[], clicked: readonly boolean[]): Comparison {
  let balance = 0;
  teams.forEach((team, place) => {
    if (clicked[place]) balance += team === 'LEARNED' ? 1 : -1;
  });
  return balance > 0 ? 'WIN' : balance < 0 ? 'LOSS' : 'TIE';
}
