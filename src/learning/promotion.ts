/** Whether a challenger may serve, and if not why, in an operator's words. */
import { ANCHOR_SAMPLES, type AnchorEvidence } from './anchor-samples.js';
import { departureOf, type BatchEvidence, type Departure } from './batch-check.js';
import { FEWEST_JUDGED_QUERIES, type GuardEvidence } from './memory-guard.js';

/** What is known about a challenger when its run ends. Evidence that does not exist (null) passes its step. */
export interface PromotionEvidence {
  /** Every weight, memory entry and metric is finite (Learner.finish). */
  finite: boolean;
  /** The clicks of the run against what was predicted; null offline. */
  batch: BatchEvidence | null;
  /** How the online runs directly before departed, newest first. */
  previousDepartures: readonly (Departure | null)[];
  /** null when champion and challenger have learned nothing in common. */
  anchor: AnchorEvidence | null;
  /** null when no query is known well enough, or offline. */
  guard: GuardEvidence | null;
}

/** `departure` is stored with the run whatever was decided: the runs after it ask. */
export type PromotionDecision =
  | { accepted: true; note: string | null; departure: Departure | null }
  | { accepted: false; reason: string; departure: Departure | null };

/** From this run in a row on that departs the same way, it is taken for a real change. */
const RUNS_OF_A_REAL_CHANGE = 3;
/**
 * By how much the challenger's log loss may be above the champion's: 1 % after up to 1,000 new samples, then as their root,
 * and 5 % at most and for a challenger that has learned everything anew. The champion has just fitted what is compared, and
 * honest learning moves on from it: after 1,000 samples by up to .7 %, after 10,000 by 1 to 3 %, and an honest LOGISTIC
 * replay does up to 2 % worse than an INCREMENTAL champion. A lost memory costs 11 % and more, half of it 4 %.
 */
const ALLOWED_LOSS = 0.01;
const ALLOWED_LOSS_SAMPLES = 1_000;
const MOST_ALLOWED_LOSS = 0.05;
/** Paired t of the guard, at least. */
const SMALLEST_GUARD_T = -2;

/**
 * Decides on promotion by the first step that refuses:
 * 1. Finite: a weight, memory entry or metric that is not a finite number.
 * 2. Batch check (see BatchCheckSums): |z| or zl above 4.5. The third run in a row that departs the same way passes, with a
 *    note: what goes on is a change, not an accident.
 * 3. Anchor: log loss more than 1 % worse than the champion's on samples that both learned, 5 % in a run of many new samples or of
 *    everything (see allowedLoss); skipped under 2,000 of them.
 * 4. Guard (see judgeByMemory): t < −2; skipped under 30 queries and where t is null.
 *
 * Example: `{ finite: true, batch: { samples: 1000, clicks: 412, expectedClicks: 96, z: 33.9, zl: 30, zlWithoutOne: 29.9 }, previousDepartures: [],
 * anchor: null, guard: null }` → rejected, "412 clicks where 96 were expected in 1,000 samples (z = 34): …"; with
 * previousDepartures ['MORE_CLICKS', 'MORE_CLICKS'] accepted, with a note.
 */
export function decidePromotion(evidence: PromotionEvidence): PromotionDecision {
  const { finite, batch, previousDepartures, anchor, guard } = evidence;
  const departure = batch === null ? null : departureOf(batch);
  const runs = departure === null ? 0 : 1 + runsBefore(previousDepartures, departure);
  const reason =
    (finite ? null : NOT_FINITE) ??
    (batch === null || departure === null || runs >= RUNS_OF_A_REAL_CHANGE ? null : departureReason(batch, departure)) ??
    anchorReason(anchor) ??
    guardReason(guard);
  if (reason !== null) return { accepted: false, reason, departure };
  return { accepted: true, note: departure === null ? null : realChangeNote(departure, runs), departure };
}

/** How many of the runs directly before departed this way. */
function runsBefore(previous: readonly (Departure | null)[], departure: Departure): number {
  const other = previous.findIndex((earlier) => earlier !== departure);
  return other < 0 ? previous.length : other;
}

const NOT_FINITE =
  'A weight, a memory entry or a metric of the new model is not a finite number: the samples of this run are spoiled. The model before goes on serving; look for broken features or scores in what was shown.';

const REAL_AFTER = `if the change is real, the third such run in a row is accepted.`;

function departureReason(batch: BatchEvidence, departure: Departure): string {
  const { samples, clicks, expectedClicks, z, zl } = batch;
  const counts = `${whole(clicks)} ${clicks === 1 ? 'click' : 'clicks'} where ${approximate(expectedClicks)} were expected in ${whole(samples)} ${samples === 1 ? 'sample' : 'samples'}`;
  switch (departure) {
    case 'MORE_CLICKS':
      return `${counts} (z = ${approximate(z)}): more than chance gives, as from click spam or a client that reports every result. Look who sends the clicks; ${REAL_AFTER}`;
    case 'FEWER_CLICKS':
      return `${counts} (z = ${approximate(z)}): fewer than chance gives, as when clicks do not arrive. Check that the client still calls recordClick; ${REAL_AFTER}`;
    case 'UNLIKELY_CLICKS':
      return `${counts}, but on results where they were unlikely (z of the loss = ${approximate(zl)}), as when clicks are reported for other results. Check the searchId and documentId the client sends; ${REAL_AFTER}`;
  }
}

function realChangeNote(departure: Departure, runs: number): string {
  const what = { MORE_CLICKS: 'more clicks than expected', FEWER_CLICKS: 'fewer clicks than expected', UNLIKELY_CLICKS: 'clicks where they were unlikely' }[departure];
  const which = runs === RUNS_OF_A_REAL_CHANGE ? 'Third run' : `${runs} runs`;
  return `${which} in a row with ${what}: taken for a real change, and learned. If it is none, roll back.`;
}

function anchorReason(anchor: AnchorEvidence | null): string | null {
  if (anchor === null || !(anchor.samples >= ANCHOR_SAMPLES) || !Number.isFinite(anchor.championLogLoss)) return null;
  const { samples, championLogLoss, challengerLogLoss } = anchor;
  const allowed = allowedLoss(anchor);
  // Written so that a loss that is not a number is refused too.
  if (challengerLogLoss <= (1 + allowed) * championLogLoss) return null;
  const worse = approximate(100 * (challengerLogLoss / championLogLoss - 1));
  return `On the newest ${whole(samples)} samples that both had learned, the new model's log loss is ${challengerLogLoss.toFixed(4)}, that of the one that serves ${championLogLoss.toFixed(4)} (${worse} % worse; ${approximate(100 * allowed)} % is allowed): it has lost what was known. The model before goes on serving; if this comes again, train OFFLINE, from everything stored.`;
}

/** Example: 100 new samples → .01, 4,000 → .02, 25,000 and more, or everything anew → .05. */
function allowedLoss({ newSamples }: AnchorEvidence): number {
  if (newSamples === null) return MOST_ALLOWED_LOSS;
  const growth = newSamples > ALLOWED_LOSS_SAMPLES ? Math.sqrt(newSamples / ALLOWED_LOSS_SAMPLES) : 1;
  return Math.min(MOST_ALLOWED_LOSS, ALLOWED_LOSS * growth);
}

function guardReason(guard: GuardEvidence | null): string | null {
  if (guard === null || !(guard.queries >= FEWEST_JUDGED_QUERIES) || guard.t === null || !(guard.t < SMALLEST_GUARD_T)) return null;
  const figures = `nDCG@10 ${guard.ndcg?.toFixed(3)} against ${guard.baseNdcg?.toFixed(3)}, t = ${approximate(guard.t)}`;
  return `By content alone the new model ranks ${whole(guard.queries)} well-known queries worse than the base ranker (${figures}): new queries would suffer. The model before goes on serving; if this comes again, train OFFLINE, from everything stored.`;
}

function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** Whole from 10 on, else with one digit after the point, and a true minus sign. */
function approximate(value: number | null): string {
  if (value === null) return '?';
  return (Math.abs(value) < 9.95 ? value.toFixed(1) : whole(Math.round(value))).replace('-', '−');
}
