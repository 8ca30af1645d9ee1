/** SQL of training runs: opening (which seals), leases with a fencing number, and ending. */
import type { Pool, PoolClient } from 'pg';
import type { ModelType, TrainingMode, TrainingTrigger } from '../generated/prisma/enums.js';
import type { Departure } from '../learning/batch-check.js';
import { activationInForce, BASE_RANKER_ID } from './activation-store.js';
import { lockLearningOrder } from './counter-store.js';
import { coldAlarmPending } from './proof-store.js';
import { seal } from './sealing.js';
import { inTransaction } from './transaction.js';

/** A process that has not renewed for this long is taken for dead. */
export const LEASE_SECONDS = 15;

/** A range (from, through] of the learning order. */
export type SequenceRange = [from: number, through: number];

export interface OpenRequest {
  runId: string;
  mode: TrainingMode;
  trigger: TrainingTrigger;
  activate: boolean;
  /** Reads what it needs under the lock and says which content model to train, or null when the run is not due after all. */
  decide: (client: PoolClient) => Promise<ModelType | null>;
}

export type OpenResult =
  | { outcome: 'OPENED' }
  | { outcome: 'NOT_DUE' }
  | { outcome: 'ALREADY_OPEN'; runId: string }
  /** Nothing sealed is left to learn, and nothing has settled that could be sealed. */
  | { outcome: 'NOTHING_TO_LEARN' };

/** Opens a run and seals what has settled, in one transaction; openings are serial across processes. */
export function openRun(pool: Pool, request: OpenRequest): Promise<OpenResult> {
  return inTransaction(pool, async (client) => {
    const order = await lockLearningOrder(client);
    const { lastSeq } = order;
    const open = await client.query<{ id: string }>(`select id from training_run where mode = $1 and status in ('QUEUED', 'RUNNING')`, [request.mode]);
    if (open.rows[0]) return { outcome: 'ALREADY_OPEN', runId: open.rows[0].id };
    const modelType = await request.decide(client);
    if (modelType === null) return { outcome: 'NOT_DUE' };
    const sealed = await seal(client, order);
    const inForce = await activationInForce(client);
    const start = request.mode === 'OFFLINE' ? { parentId: null, learnedFrom: 0, setAside: [] } : await onlineStart(client, inForce);
    // Only if nothing was sealed just now: so there is nothing to take back.
    if (start.learnedFrom >= sealed.lastSeq || (request.mode === 'OFFLINE' && !(await anySealed(client)))) return { outcome: 'NOTHING_TO_LEARN' };
    const reset = request.mode === 'ONLINE' && inForce.rankerId !== BASE_RANKER_ID ? await contentReset(client) : null;
    await client.query(
      `insert into training_run (id, mode, model_type, trigger, status, activate, parent_id, learned_from, learned_through, sealed_from, activation_id, set_aside,
        new_samples, capped_samples, content_reset, reason, lowest_search_id, highest_search_id, queued_at, started_at, changed_at, fencing, attempts, lease_until)
      select $1, $2, $3, $4, 'RUNNING', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, t.now, t.now, t.now, 1, 1, t.now + make_interval(secs => $18)
      from (select date_trunc('milliseconds', clock_timestamp()) as now) t`,
      [
        request.runId,
        request.mode,
        modelType,
        request.trigger,
        request.activate,
        start.parentId,
        start.learnedFrom,
        sealed.lastSeq,
        lastSeq,
        inForce.id,
        JSON.stringify(start.setAside),
        sealed.samples,
        sealed.cappedSamples,
        reset !== null,
        reset,
        sealed.ids?.lowest ?? null,
        sealed.ids?.highest ?? null,
        LEASE_SECONDS,
      ],
    );
    return { outcome: 'OPENED' };
  });
}

/** Whether anything sealed is stored still; by the index on learn_seq. */
async function anySealed(client: PoolClient): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from search where learn_seq is not null limit 1');
  return rowCount === 1;
}

/** An online run goes on from what serves: from what that has learned, or from where a rollback said that learning goes on. */
async function onlineStart(
  client: PoolClient,
  inForce: { rankerId: string; resumesAfter: number },
): Promise<{ parentId: string; learnedFrom: number; setAside: SequenceRange[] }> {
  let parentThrough = 0;
  let setAside: SequenceRange[] = [];
  if (inForce.rankerId !== BASE_RANKER_ID) {
    const parent = await client.query<{ learned_through: number; set_aside: SequenceRange[] }>(
      'select learned_through::float8, set_aside from checkpoint where id = $1',
      [inForce.rankerId],
    );
    parentThrough = parent.rows[0]?.learned_through ?? 0;
    setAside = parent.rows[0]?.set_aside ?? [];
  }
  const learnedFrom = Math.max(parentThrough, inForce.resumesAfter);
  if (learnedFrom > parentThrough) setAside = [...setAside, [parentThrough, learnedFrom]];
  return { parentId: inForce.rankerId, learnedFrom, setAside };
}

/** Why an online run that opens now must start its content model again, in words; null when it need not. What it says stands as the run's reason. */
async function contentReset(client: PoolClient): Promise<string | null> {
  const lineage = await coldAlarmPending(client);
  if (!lineage) return null;
  const { wins, losses } = lineage.cold;
  return `Searches about which nothing was known went to the base ranker too often (${losses} of ${wins + losses} head-to-heads): what was learned about features is given up, what is known of clicked results stays.`;
}

/** Runs before this one that the batch check is told of: two decide, more only make the number true that a promoted run's note gives. */
const ASKED_RUNS = 20;

/**
 * How the online runs directly before an online run departed from what was predicted, newest first; cancelled ones do not count, nor those
 * before somebody activated or rolled back: a change that was rolled back was none, and what serves since predicts otherwise.
 */
export async function previousDepartures(pool: Pool, run: { id: string; mode: TrainingMode; queuedAt: Date }): Promise<(Departure | null)[]> {
  if (run.mode !== 'ONLINE') return [];
  const { rows } = await pool.query<{ departure: Departure | null }>(
    `select departure from training_run
    where mode = 'ONLINE' and status in ('SUCCEEDED', 'REJECTED', 'FAILED') and id <> $1 and queued_at <= $2
      and coalesce(activation_id, 0) >= coalesce((select id from activation where reason <> 'TRAINED' order by id desc limit 1), 0)
    order by queued_at desc limit $3`,
    [run.id, run.queuedAt, ASKED_RUNS],
  );
  return rows.map(({ departure }) => departure);
}

export interface ClaimedRun {
  runId: string;
  mode: TrainingMode;
  fencing: number;
  /** The checkpoint number it had taken: a file may lie under it. */
  number: number | null;
  cancelRequested: boolean;
  /** No attempts are left. */
  exhausted: boolean;
}

/**
 * Takes a run that waits or whose holder's lease has run out, raising its fencing number. An expired lease counts as a crash: an attempt.
 * @returns the run, or null when there is none to take
 */
export async function claimRun(pool: Pool, maxAttempts: number): Promise<ClaimedRun | null> {
  const { rows } = await pool.query<{ id: string; mode: TrainingMode; fencing: number; number: number | null; cancel_requested: boolean; attempts: number }>(
    `update training_run r set status = 'RUNNING', fencing = r.fencing + 1, attempts = r.attempts + (r.status = 'RUNNING')::int,
      lease_until = now() + make_interval(secs => $1), started_at = coalesce(r.started_at, now()), progress = 0, samples_done = 0, changed_at = now()
    where r.id = (
      select id from training_run
      where status = 'QUEUED' or (status = 'RUNNING' and lease_until < now())
      order by queued_at limit 1 for update skip locked
    )
    returning r.id, r.mode, r.fencing, r.number, r.cancel_requested, r.attempts`,
    [LEASE_SECONDS],
  );
  const row = rows[0];
  if (!row) return null;
  const { id, mode, fencing, number, cancel_requested, attempts } = row;
  return { runId: id, mode, fencing, number, cancelRequested: cancel_requested, exhausted: attempts > maxAttempts };
}

/**
 * Another try by the same process: after a crash of its worker thread it counts as an attempt (`costs` 1).
 * @returns the new fencing number, or null when the run is no longer ours
 */
export async function retryRun(pool: Pool, runId: string, fencing: number, costs: 0 | 1): Promise<number | null> {
  const { rows } = await pool.query<{ fencing: number }>(
    `update training_run set fencing = fencing + 1, attempts = attempts + $4, progress = 0, samples_done = 0,
      lease_until = now() + make_interval(secs => $3), changed_at = now()
    where id = $1 and fencing = $2 and status = 'RUNNING' returning fencing`,
    [runId, fencing, LEASE_SECONDS, costs],
  );
  return rows[0]?.fencing ?? null;
}

export interface LeaseProgress {
  progress: number;
  samplesDone: number;
  logLoss: number | null;
}

export interface LeaseState {
  held: boolean;
  cancelRequested: boolean;
}

/** Renews the lease and reports progress. Not held: the run was taken over or has ended. */
export async function renewLease(
  pool: Pool,
  runId: string,
  fencing: number,
  progress: LeaseProgress | null,
): Promise<LeaseState> {
  const { rows } = await pool.query<{ cancel_requested: boolean }>(
    `update training_run set lease_until = now() + make_interval(secs => $3),
      progress = coalesce($4, progress), samples_done = coalesce($5, samples_done), log_loss = coalesce($6, log_loss),
      changed_at = case when $4::float8 is null then changed_at else now() end
    where id = $1 and fencing = $2 and status = 'RUNNING' returning cancel_requested`,
    [runId, fencing, LEASE_SECONDS, progress?.progress ?? null, progress?.samplesDone ?? null, progress?.logLoss ?? null],
  );
  return { held: rows.length === 1, cancelRequested: rows[0]?.cancel_requested ?? false };
}

/** Gives a run back at a shutdown, for the next process to take; not counted as a crash. */
export async function releaseRun(pool: Pool, runId: string, fencing: number): Promise<void> {
  await pool.query(
    `update training_run set status = 'QUEUED', lease_until = null, changed_at = now() where id = $1 and fencing = $2 and status = 'RUNNING'`,
    [runId, fencing],
  );
}

/** @returns false when the run has already ended */
export async function requestCancel(pool: Pool, runId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update training_run set cancel_requested = true, changed_at = now() where id = $1 and status in ('QUEUED', 'RUNNING')`,
    [runId],
  );
  return rowCount === 1;
}

/** Milliseconds until an open run can be taken up: at once for one that waits, else when its lease ends; null when none is open. */
export async function nextTakeUpMs(pool: Pool): Promise<number | null> {
  const { rows } = await pool.query<{ ms: number | null }>(
    `select (extract(epoch from min(coalesce(lease_until, now())) - now()) * 1000)::float8 as ms from training_run where status in ('QUEUED', 'RUNNING')`,
  );
  return rows[0]?.ms ?? null;
}
