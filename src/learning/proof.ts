/** What interleaved comparisons prove, by an interval that is valid however often it is looked at, and the alarm on cold searches. */
import type { Comparison } from './interleaving.js';

/** Numbers of searches. */
export interface ProofCounts {
  wins: number;
  losses: number;
  ties: number;
}

export type ProofVerdict = 'TOO_EARLY' | 'BETTER' | 'WORSE' | 'UNDECIDED';

export interface ProofFigures extends ProofCounts {
  comparisons: number;
  winRate: number | null;
  lower: number | null;
  upper: number | null;
  confidence: number;
  verdict: ProofVerdict;
}

const CONFIDENCE = 0.95;
const FEWEST_DECIDED = 30;
/** A search is cold when the click memory holds fewer examinations than this of all that is shown. */
export const COLD_EXAMINATIONS = 1;
/** The alarm at which the content model is given up. */
export const COLD_ALARM = 1000;

/** Example: no counts and a WIN → { wins: 1, losses: 0, ties: 0 }. */
export function withComparison({ wins, losses, ties }: ProofCounts, outcome: Comparison): ProofCounts {
  return { wins: wins + Number(outcome === 'WIN'), losses: losses + Number(outcome === 'LOSS'), ties: ties + Number(outcome === 'TIE') };
}

/** All p with `B(w+½, l+½)/B(½, ½) < p^w·(1−p)^l/.05` (Waudby-Smith and Ramdas, 2020). */
export function proofFigures(counts: ProofCounts): ProofFigures {
  const { wins, losses, ties } = counts;
  const decided = wins + losses;
  const [lower, upper] = decided === 0 ? [null, null] : interval(wins, losses);
  const contains = lower === null || upper === null || (lower <= 0.5 && upper >= 0.5);
  const verdict = !contains ? (lower > 0.5 ? 'BETTER' : 'WORSE') : decided < FEWEST_DECIDED ? 'TOO_EARLY' : 'UNDECIDED';
  return { comparisons: decided + ties, wins, losses, ties, winRate: decided === 0 ? null : wins / decided, lower, upper, confidence: CONFIDENCE, verdict };
}

/** Users prefer the base ranker: the interval lies wholly under ½. */
export function shouldRollBack(counts: ProofCounts): boolean {
  return proofFigures(counts).verdict === 'WORSE';
}

/** Example: .4 examinations of all that is shown → true. */
export function isCold(totalExaminationsShown: number): boolean {
  return totalExaminationsShown < COLD_EXAMINATIONS;
}

/** M × 1.3 when the base wins, × .7 when the learned ranking does, never under 1. */
export function coldAlarmAfter(alarm: number, outcome: Comparison): number {
  return Math.max(1, alarm * (outcome === 'LOSS' ? 1.3 : outcome === 'WIN' ? 0.7 : 1));
}

/** Example: 1000 → true. */
export function isColdAlarm(alarm: number): boolean {
  return alarm >= COLD_ALARM;
}

function interval(wins: number, losses: number): [lower: number, upper: number] {
  const bound = logBetaOfHalves(wins, losses) + Math.log(1 - CONFIDENCE);
  const inside = (p: number): boolean => (wins === 0 ? 0 : wins * Math.log(p)) + (losses === 0 ? 0 : losses * Math.log(1 - p)) > bound;
  const edge = (outside: number, within: number): number => {
    for (let step = 0; step < 60; step++) {
      const middle = (outside + within) / 2;
      if (inside(middle)) within = middle;
      else outside = middle;
    }
    return within;
  };
  const best = wins / (wins + losses);
  return [wins === 0 ? 0 : edge(0, best), losses === 0 ? 1 : edge(1, best)];
}

/** ln B(w+½, l+½)/B(½, ½), by the recurrence: the product of (i−½)/(…) over wins and losses. */
function logBetaOfHalves(wins: number, losses: number): number {
  let sum = 0;
  for (let i = 1; i <= wins; i++) sum += Math.log(i - 0.5);
  for (let i = 1; i <= losses; i++) sum += Math.log(i - 0.5);
  for (let i = 1; i <= wins + losses; i++) sum -= Math.log(i);
  return sum;
}
