/** SQL of a run's end: the checkpoint's rows, the run's last state and, when promoted, the activation, in one transaction under the fencing number. */
import type { Pool, PoolClient } from 'pg';
import type { CheckpointStatus, ModelType, TrainingMode } from '../generated/prisma/enums.js';
import type { Departure } from '../learning/batch-check.js';
import { proofFigures, shouldRollBack } from '../learning/proof.js';
import { activationInForce, BASE_RANKER_ID, insertActivation, moveResumesAfter, type ActivationInForce } from './activation-store.js';
import { lockLearningOrder } from './counter-store.js';
import { countComparisons, lineageInForce, resetColdAlarm, type Lineage } from './proof-store.js';
import { ACTOR_CAP, countDocuments, type SealedRange } from './sealing.js';
import { inTransaction } from './transaction.js';

export interface CheckpointInsert {
  id: string;
  mode: TrainingMode;
  number: number;
  modelType: ModelType;
  status: CheckpointStatus;
  path: string;
  bytes: Uint8Array;
  sha256: string;
  examination: readonly number[];
  calibrationBins: unknown;
}

export interface RunEnd {
  runId: string;
  fencing: number;
  status: 'SUCCEEDED' | 'REJECTED' | 'FAILED' | 'CANCELLED';
  reason: string | null;
  /** How the run's clicks departed from those predicted: the runs after it ask. */
  departure: Departure | null;
  samples: number;
  metrics: unknown;
  servedMetrics: unknown;
  checkpoint: CheckpointInsert | null;
}

/** The run was taken over, has ended, or was cancelled while it was being saved: its result is refused and nothing of it is stored. */
export class StaleRunError extends Error {
  constructor(readonly cancelled: boolean) {
    super(cancelled ? 'The run was cancelled while its result was being saved.' : 'The run is held by another process or has ended: this result is refused.');
    this.name = 'StaleRunError';
  }
}

interface RunRow {
  mode: TrainingMode;
  activate: boolean;
  parent_id: string | null;
  activation_id: string | null;
  sealed_from: string;
  lowest_search_id: string | null;
  highest_search_id: string | null;
  learned_from: string;
  learned_through: string;
  set_aside: unknown;
  /** Of what it sealed. */
  capped_samples: number;
  queued_at: Date;
  cancel_requested: boolean;
  content_reset: boolean;
  reason: string | null;
}

/**
 * Ends a run, and counts what it sealed. A succeeded challenger is activated unless what serves has changed since the run opened, or users
 * turn out to prefer the base ranker's results: then that serves from now on.
 * @returns the run's reason as stored, and whether its checkpoint now serves
 * @throws StaleRunError when the fencing number is no longer the run's
 */
export function endRun(pool: Pool, end: RunEnd): Promise<{ activated: boolean; reason: string | null }> {
  return inTransaction(pool, async (client) => {
    // The bytes go in before the lock is taken: they may take a while, and the lock is everybody's.
    if (end.checkpoint) {
      await client.query('insert into checkpoint_bytes (checkpoint_id, bytes) values ($1, $2)', [end.checkpoint.id, end.checkpoint.bytes]);
    }
    const { lastSeq } = await lockLearningOrder(client);
    const run = await lockRun(client, end);
    const inForce = await activationInForce(client);
    if (end.checkpoint) await insertCheckpoint(client, end, end.checkpoint, run);
    const sealed = sealedBy(run);
    await countComparisons(client, end.runId, sealed);
    const lineage = await lineageInForce(client);
    const rolledBack = await rollBackIfWorse(client, inForce, lineage, lastSeq);
    let reason = end.reason;
    let activated = false;
    if (end.status === 'SUCCEEDED' && end.checkpoint) {
      const obstacle = rolledBack ? `Kept without serving: ${rolledBack}. The base ranker serves from now on.` : await activationObstacle(client, run, inForce);
      if (obstacle === null) {
        activated = true;
        await insertActivation(client, {
          rankerId: end.checkpoint.id,
          previousId: inForce.rankerId,
          reason: 'TRAINED',
          evidence: null,
          returnsTo: inForce.id,
          resumesAfter: 0,
        });
        if (run.content_reset) await resetColdAlarm(client, lineage.activationId);
      }
      reason = sentences(run.content_reset ? run.reason : null, end.reason, obstacle);
    } else if (!rolledBack && (end.status === 'REJECTED' || end.status === 'FAILED')) {
      reason = await passOverTwiceRefused(client, end, run, inForce);
    }
    if (end.status === 'SUCCEEDED' || end.status === 'REJECTED') reason = sentences(reason, cappedNote(run));
    await countDocuments(client, sealed);
    await client.query(
      `update training_run set status = $2::training_status, reason = $3, samples = $4, metrics = $5, served_metrics = $6, checkpoint_id = $7, departure = $8,
        progress = case when $2::training_status in ('SUCCEEDED', 'REJECTED') then 1 else progress end, lease_until = null, finished_at = now.t, changed_at = now.t
      from (select date_trunc('milliseconds', clock_timestamp()) as t) now where id = $1`,
      [end.runId, end.status, reason, end.samples, JSON.stringify(end.metrics), JSON.stringify(end.servedMetrics), end.checkpoint?.id ?? null, end.departure],
    );
    return { activated, reason };
  });
}

async function lockRun(client: PoolClient, end: RunEnd): Promise<RunRow> {
  const { rows } = await client.query<RunRow>(
    `select mode, activate, parent_id, activation_id, sealed_from, lowest_search_id, highest_search_id, learned_from, learned_through, set_aside, capped_samples::float8, queued_at, cancel_requested, content_reset, reason
    from training_run where id = $1 and fencing = $2 and status = 'RUNNING' for update`,
    [end.runId, end.fencing],
  );
  const run = rows[0];
  if (!run) throw new StaleRunError(false);
  if (run.cancel_requested && end.status !== 'CANCELLED') throw new StaleRunError(true);
  return run;
}

function sealedBy({ sealed_from: from, learned_through: through, lowest_search_id: lowest, highest_search_id: highest }: RunRow): SealedRange {
  return { sealedFrom: BigInt(from), sealedThrough: BigInt(through), ids: lowest !== null && highest !== null ? { lowest, highest } : null };
}

async function insertCheckpoint(client: PoolClient, end: RunEnd, checkpoint: CheckpointInsert, run: RunRow): Promise<void> {
  await client.query(
    `insert into checkpoint (id, mode, number, model_type, status, path, bytes, sha256, created_at, parent_id, run_id, learned_through, set_aside, metrics, examination, calibration_bins)
    values ($1, $2, $3, $4, $5, $6, $7, $8, date_trunc('milliseconds', clock_timestamp()), $9, $10, $11, $12, $13, $14, $15)`,
    [
      checkpoint.id,
      checkpoint.mode,
      checkpoint.number,
      checkpoint.modelType,
      checkpoint.status,
      checkpoint.path,
      checkpoint.bytes.byteLength,
      checkpoint.sha256,
      run.parent_id,
      end.runId,
      run.learned_through,
      JSON.stringify(run.set_aside),
      JSON.stringify(end.metrics),
      checkpoint.examination,
      JSON.stringify(checkpoint.calibrationBins),
    ],
  );
}

/**
 * The alarm over all comparisons: when users prefer the base ranker's results to the lineage's, the base ranker serves from now on, and what is
 * sealed by now does not come back by itself.
 * @returns the evidence, in words; null while there is none, or the base ranker serves already
 */
async function rollBackIfWorse(client: PoolClient, inForce: ActivationInForce, { all }: Lineage, lastSeq: number): Promise<string | null> {
  if (inForce.rankerId === BASE_RANKER_ID || !shouldRollBack(all)) return null;
  const { wins, losses, ties, lower, upper, confidence } = proofFigures(all);
  const percent = (share: number | null): string => (100 * (1 - (share ?? 0))).toFixed(1);
  const evidence =
    `users preferred the base ranker's results in ${losses} of ${wins + losses} head-to-heads ` +
    `(${percent(upper)}–${percent(lower)} % with ${100 * confidence} % confidence; ${ties} ${ties === 1 ? 'tie' : 'ties'} besides)`;
  await insertActivation(client, {
    rankerId: BASE_RANKER_ID,
    previousId: inForce.rankerId,
    reason: 'AUTO_ROLLED_BACK',
    evidence,
    returnsTo: inForce.returnsTo,
    resumesAfter: lastSeq,
  });
  return evidence;
}

/** Why a succeeded challenger must not serve, in words; null when it may. */
async function activationObstacle(client: PoolClient, run: RunRow, inForce: ActivationInForce): Promise<string | null> {
  if (!run.activate) return 'Kept without serving, as asked (activate: false). Activate it by hand to serve with it.';
  const opened = run.activation_id === null ? null : BigInt(run.activation_id);
  if (run.mode === 'ONLINE') {
    return inForce.id === opened
      ? null
      : `Kept without serving: it went on from ${run.parent_id}, and ${inForce.rankerId} was activated meanwhile. The next run goes on from ${inForce.rankerId}.`;
  }
  const byHand = await client.query<{ ranker_id: string }>(
    `select ranker_id from activation where id > $1 and reason in ('ACTIVATED', 'ROLLED_BACK') order by id desc limit 1`,
    [opened ?? 0],
  );
  return byHand.rows[0]
    ? `Kept without serving: ${byHand.rows[0].ranker_id} was activated by hand while it trained. Activate it by hand to serve with it.`
    : null;
}

/** An online run refused directly after another refused one: the earlier one's range is passed over, so that one bad batch cannot stop learning for ever. */
async function passOverTwiceRefused(client: PoolClient, end: RunEnd, run: RunRow, inForce: ActivationInForce): Promise<string | null> {
  if (run.mode !== 'ONLINE') return end.reason;
  const { rows } = await client.query<{ id: string; status: string; learned_through: number }>(
    `select id, status, learned_through::float8 from training_run
    where mode = 'ONLINE' and status <> 'CANCELLED' and id <> $1 and queued_at <= $2 order by queued_at desc limit 1`,
    [end.runId, run.queued_at],
  );
  const earlier = rows[0];
  if (!earlier || !['REJECTED', 'FAILED'].includes(earlier.status)) return end.reason;
  // What this run no longer offered (a replay was promoted in between, or it is set aside already) needs no passing over.
  if (earlier.learned_through <= Math.max(inForce.resumesAfter, Number(run.learned_from))) return end.reason;
  await moveResumesAfter(client, inForce, earlier.learned_through);
  return sentences(end.reason, `The run before it was refused too: what that one had taken (up to ${earlier.learned_through} in the learning order) is set aside.`);
}

function cappedNote({ capped_samples: samples }: RunRow): string | null {
  if (samples === 0) return null;
  return `${samples} ${samples === 1 ? 'sample was' : 'samples were'} passed over: one user, session or address teaches at most ${100 / ACTOR_CAP.oneIn} % of what a run seals (or ${ACTOR_CAP.searches} searches).`;
}

/** One reason of several; null of none. */
function sentences(...reasons: readonly (string | null)[]): string | null {
  const given = reasons.filter((reason) => reason !== null && reason !== '');
  if (given.length < 2) return given[0] ?? null;
  return given.map((reason) => reason?.replace(/\.?$/, '.')).join(' ');
}
