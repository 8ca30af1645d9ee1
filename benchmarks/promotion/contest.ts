/** Two rankings interleaved, search after search, until one of the rules about them speaks. */
import { comparisonOf, interleave, type Comparison } from '../../src/learning/interleaving.js';
import { coldAlarmAfter, isColdAlarm, proofFigures, withComparison, type ProofCounts, type ProofVerdict } from '../../src/learning/proof.js';
import type { PageVisitor } from '../../src/simulation/simulated-user.js';
import { gradesOf, PAGE_SIZE, type PreparedQuery } from '../cranfield-queries.js';

/** What two rankings make of one query. */
export interface Contest {
  learned: Uint32Array;
  base: Uint32Array;
  /** People's grades by candidate. */
  grades: readonly number[];
}

/** `learned` against the base ranker. */
export function contestOf(query: PreparedQuery, learned: Uint32Array): Contest {
  return { learned, base: Uint32Array.from(learned.keys()), grades: gradesOf(query, query.input.documentIds) };
}

/** One more search, and what it says. */
export type Search = () => Comparison;

/** Searches of queries drawn uniformly. */
export function searchesOf(contests: readonly Contest[], visit: PageVisitor, random: () => number): Search {
  return () => {
    const { learned, base, grades } = contests[Math.floor(random() * contests.length)]!;
    const { order, teams } = interleave(learned, base, PAGE_SIZE, random);
    return comparisonOf(teams, visit(Array.from(order, (candidate) => grades[candidate]!)));
  };
}

/** Searches that are won at a rate, and never tied. */
export function winsAt(rate: number): (random: () => number) => Search {
  return (random) => () => (random() < rate ? 'WIN' : 'LOSS');
}

export interface Reached {
  verdict: ProofVerdict;
  /** Comparisons until the interval first left 1/2; null: it did not. */
  after: number | null;
}

/** Looks at the proof after every comparison, until it says that one ranking is better. */
export function untilProven(search: Search, most: number): Reached {
  let counts: ProofCounts = { wins: 0, losses: 0, ties: 0 };
  let verdict: ProofVerdict = 'TOO_EARLY';
  for (let i = 1; i <= most; i++) {
    const outcome = search();
    counts = withComparison(counts, outcome);
    // A tie moves nothing.
    if (outcome === 'TIE') continue;
    verdict = proofFigures(counts).verdict;
    if (verdict === 'BETTER' || verdict === 'WORSE') return { verdict, after: i };
  }
  return { verdict, after: null };
}

/** Cold searches until the alarm is raised; null: it is not. */
export function untilAlarm(search: Search, most: number): number | null {
  let alarm = 1;
  for (let i = 1; i <= most; i++) {
    alarm = coldAlarmAfter(alarm, search());
    if (isColdAlarm(alarm)) return i;
  }
  return null;
}
