/** What interleaved searches prove: does learning win over the base ranker, and is that more than luck. */
import type { Comparison } from './interleaving.js';
import { logBeta } from './log-beta.js';

/** Interleaved searches by outcome, seen from the learned ranking. */
export interface ProofCounts {
  wins: number;
  losses: number;
  ties: number;
}

export type ProofVerdict = 'TOO_EARLY' | 'BETTER' | 'WORSE' | 'UNDECIDED';

export interface ProofFigures extends ProofCounts {
  /** wins + losses + ties. */
  comparisons: number;
  /** Wins over wins + losses; 1/2 is chance. null without either. */
  winRate: number | null;
  /** The always-valid interval of the win rate; null without wins or losses. */
  lower: number | null;
  upper: number | null;
  /** The probability that the interval holds the true win rate at every look, however often one looks. */
  confidence: number;
  verdict: ProofVerdict;
}

const CONFIDENCE = 0.95;
/** Wins and losses from which on an interval around 1/2 means that there is no difference to be seen. */
const FEWEST_DECIDED = 30;
/** Halvings of an interval: to the last digit of a double. */
const BISECTIONS = 60;

/** One more comparison. Example: (1 win, 0 losses, 0 ties) with LOSS → (1, 1, 0). */
export function withComparison(counts: ProofCounts, outcome: Comparison): ProofCounts {
  switch (outcome) {
    case 'WIN':
      return { ...counts, wins: counts.wins + 1 };
    case 'LOSS':
      return { ...counts, losses: counts.losses + 1 };
    case 'TIE':
      return { ...counts, ties: counts.ties + 1 };
  }
}

/**
 * Win rate, its always-valid 95 % interval and a verdict: BETTER or WORSE when the interval leaves 1/2, else TOO_EARLY under
 * 30 wins and losses and UNDECIDED from there on. A count that is no whole number from 0 is read as 0.
 *
 * Maths: of w wins and l losses (ties tell nothing) the interval holds every p with
 * `B(w+½, l+½)/B(½, ½) < p^w·(1−p)^l / .05`. The left side over `p^w(1−p)^l` is the prior-posterior ratio at p under
 * Jeffreys' prior: a martingale with mean 1 when p is the truth, which by Ville's inequality ever reaches 20 with probability
 * .05 at most. So one may look after every search and stop when one likes.
 * Waudby-Smith and Ramdas, "Confidence sequences for sampling without replacement", NeurIPS 2020.
 *
 * Example: 14 wins, 6 losses → win rate .7, interval .361 … .930, TOO_EARLY; 70 and 30 → .537 … .834, BETTER.
 */
export function proofFigures(counts: ProofCounts): ProofFigures {
  const [wins, losses, ties] = [countOf(counts.wins), countOf(counts.losses), countOf(counts.ties)];
  const decided = wins + losses;
  const figures = { comparisons: decided + ties, wins, losses, ties, confidence: CONFIDENCE };
  if (decided === 0) return { ...figures, winRate: null, lower: null, upper: null, verdict: 'TOO_EARLY' };
  const winRate = wins / decided;
  const lower = lowerEnd(wins, losses);
  // The larger of both: the difference may round to just under the rate when nearly all are losses.
  const upper = Math.max(winRate, 1 - lowerEnd(losses, wins));
  const undecided = decided < FEWEST_DECIDED ? 'TOO_EARLY' : 'UNDECIDED';
  return { ...figures, winRate, lower, upper, verdict: lower > 0.5 ? 'BETTER' : upper < 0.5 ? 'WORSE' : undecided };
}

/**
 * Whether users have proven the learned ranking worse than the base ranker: the interval lies wholly under 1/2. Looked at
 * after every search, that ever happens to a ranking of equal worth with probability .05 at most (measured: 1.9 % of 2,000
 * pairs of equal rankings within 1,000 wins and losses).
 *
 * Example: 30 wins, 70 losses → true.
 */
export function shouldRollBack(counts: ProofCounts): boolean {
  const { upper } = proofFigures(counts);
  return upper !== null && upper < 0.5;
}

/** Under this many examinations of all that a page shows, the memory knows nothing of it and the content model ranks alone. */
export const COLD_EXAMINATIONS = 1;

/** Whether a search is cold: ΣE of what is shown < 1. Example: .9 → true. */
export function isCold(totalExaminationsShown: number): boolean {
  return totalExaminationsShown < COLD_EXAMINATIONS;
}

/** An alarm as high as this is raised: the content model goes back to its start. */
export const COLD_ALARM = 7_000;
const LOSS_FACTOR = 1.4;
const WIN_FACTOR = 0.6;

/**
 * The alarm over cold searches after one more comparison: `M ← max(1, M·1.4)` when the base ranker won, `max(1, M·.6)` when
 * g did, the same after a tie. M starts at 1 and stays within [1, 7000]; once raised (7000) it stays so until somebody
 * starts again from 1, so it may be looked at as seldom as one likes. An alarm that is not a number reads as 1.
 *
 * Maths: between equal rankings the factor is 1 on average and its logarithm −.087, so M sinks to its floor again and again:
 * an e-detector of the CUSUM kind. Shin, Ramdas, Rinaldo, "E-detectors: a nonparametric framework for sequential change
 * detection", New England Journal of Statistics in Data Science 2023.
 *
 * Why these numbers: false alarms go with the wins and losses seen, and the share of searches that end in one is .33 to .67
 * for the simulated kinds of users. Exactly equal rankings, 5,000 cold searches, 40,000 runs: the factors 1.3 and .7 up to
 * 1,000 give 5 to 11 % false alarms, these 1.2 to 2.7 %. A flipped g is found as soon (after 127 cold searches at the median,
 * users k^−1; with the others after 125); a page merely shuffled after 890 instead of 560.
 *
 * Example: 1 after LOSS → 1.4, then WIN → 1 (.84, under the floor); 27 losses in a row raise it.
 */
export function coldAlarmAfter(alarm: number, outcome: Comparison): number {
  if (isColdAlarm(alarm)) return COLD_ALARM;
  const before = alarm > 1 ? alarm : 1;
  const factor = outcome === 'LOSS' ? LOSS_FACTOR : outcome === 'WIN' ? WIN_FACTOR : 1;
  return Math.min(COLD_ALARM, Math.max(1, before * factor));
}

/** Whether the alarm is raised. */
export function isColdAlarm(alarm: number): boolean {
  return alarm >= COLD_ALARM;
}

/** The lower end of the interval, by bisection between 0 and the win rate, where the likelihood rises. */
function lowerEnd(wins: number, losses: number): number {
  const threshold = logBeta(wins + 0.5, losses + 0.5) - logBeta(0.5, 0.5) + Math.log(1 - CONFIDENCE);
  let outside = 0;
  let inside = wins / (wins + losses);
  for (let step = 0; step < BISECTIONS && wins > 0; step++) {
    const middle = (outside + inside) / 2;
    // Without losses their term is 0, also at p = 1, where its logarithm is not finite.
    const logLikelihood = wins * Math.log(middle) + (losses === 0 ? 0 : losses * Math.log1p(-middle));
    if (logLikelihood > threshold) inside = middle;
    else outside = middle;
  }
  return outside;
}

function countOf(count: number): number {
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
