/** Two rankings on one page, so that one user's clicks compare them: team draft interleaving. */

/** Whose pick a place of an interleaved page is: the served ranking's or the base ranker's. */
export type Team = 'LEARNED' | 'BASE';

/** What one interleaved search says: more clicks on the learned ranking's picks, fewer, or as many (often none). */
export type Comparison = 'WIN' | 'LOSS' | 'TIE';

export interface InterleavedPage {
  /** The candidate at each place. */
  order: Uint32Array;
  /** Whose pick it is, by place. */
  teams: Team[];
}

/**
 * Interleaves two rankings of the same candidates into a page of at most `limit` results. In each round both take their
 * highest candidate not yet taken, and a coin (`random`, in [0, 1)) says who goes first. Each ranking so has as many picks as
 * the other (one more or less on an odd page), at places as good, and users cannot tell them apart: between equal rankings a
 * click is as likely to count for one as for the other. Teams are drawn also where the two agree; such clicks only dilute.
 * A ranking that has run out of candidates takes no more.
 *
 * Example: learned [a, b, c], base [c, b, a], coins LEARNED, BASE → page [a, c, b] of teams [LEARNED, BASE, BASE].
 * Radlinski, Kurup, Joachims, "How does clickthrough data reflect retrieval quality?", CIKM 2008.
 */
export function interleave(learned: Uint32Array, base: Uint32Array, limit: number, random: () => number): InterleavedPage {
  const page: number[] = [];
  const teams: Team[] = [];
  const taken = new Set<number>();
  const next = { LEARNED: 0, BASE: 0 };

  const pick = (team: Team): boolean => {
    const ranking = team === 'LEARNED' ? learned : base;
    while (next[team] < ranking.length && taken.has(ranking[next[team]]!)) next[team]++;
    if (!(page.length < limit) || next[team] >= ranking.length) return false;
    const candidate = ranking[next[team]]!;
    taken.add(candidate);
    page.push(candidate);
    teams.push(team);
    return true;
  };

  for (;;) {
    const first: Team = random() < 0.5 ? 'LEARNED' : 'BASE';
    const firstPicked = pick(first);
    const secondPicked = pick(first === 'LEARNED' ? 'BASE' : 'LEARNED');
    if (!firstPicked && !secondPicked) return { order: Uint32Array.from(page), teams };
  }
}

/**
 * Whose picks were clicked more, seen from the learned ranking; `clicked` by place, a result counts once.
 *
 * Example: teams [LEARNED, BASE, BASE], clicked [true, false, false] → WIN; nothing clicked → TIE.
 */
export function comparisonOf(teams: readonly Team[], clicked: readonly boolean[]): Comparison {
  const lead = teams.reduce((sum, team, place) => sum + (clicked[place] ? (team === 'LEARNED' ? 1 : -1) : 0), 0);
  return lead > 0 ? 'WIN' : lead < 0 ? 'LOSS' : 'TIE';
}
