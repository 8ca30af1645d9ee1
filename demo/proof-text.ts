/** What the head-to-heads of learning against the base ranker say, in a line. */
import { counted, wholePercent } from './format.js';
import type { ProofFigures } from './operations.js';

/**
 * Example: 52 wins and 32 losses with the interval .51 … .73 → "learning wins 62 % of 84 head-to-heads (51–73 %)"; while the
 * interval contains 50 %, "too early: 12 head-to-heads", then "undecided: learning wins 56 % of 41 head-to-heads (34–77 %)".
 */
export function proofText({ wins, losses, winRate, lower, upper, verdict }: ProofFigures): string {
  const headToHeads = counted(wins + losses, 'head-to-head', 'head-to-heads');
  if (verdict === 'TOO_EARLY' || winRate === null || lower === null || upper === null) return `too early: ${headToHeads}`;
  const figures = `wins ${wholePercent(winRate)} of ${headToHeads} (${Math.round(lower * 100)}–${wholePercent(upper)})`;
  if (verdict === 'BETTER') return `learning ${figures}`;
  return verdict === 'WORSE' ? `learning loses: it ${figures}` : `undecided: learning ${figures}`;
}
