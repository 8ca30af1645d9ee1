/** SQL of checkpoints: numbers, bytes, retention, and activation by hand. */
import type { Pool, PoolClient } from 'pg';
import type { CheckpointStatus, ReloadReason, TrainingMode } from '../generated/prisma/enums.js';
import { activationInForce, BASE_RANKER_ID, insertActivation, type ActivationInForce, type Target } from './activation-store.js';
import { lockLearningOrder } from './counter-store.js';
import { StaleRunError } from './run-end.js';
import { inTransaction } from './transaction.js';

/**
 * Takes the next number of a mode and writes it to the run's row. `onDisk` is the highest number seen among the files.
 * @throws StaleRunError when the run is no longer held under this fencing number
 */
export async function takeNumber(pool: Pool, run: { id: string; mode: TrainingMode; fencing: number }, onDisk: number): Promise<{ number: number; at: Date }> {
  const { rows } = await pool.query<{ value: number; at: Date }>(
    `with taken as (update checkpoint_number set value = greatest(value, $3) + 1 where mode = $2 returning value)
    update training_run set number = taken.value from taken where id = $1 and fencing = $4 and status = 'RUNNING' returning taken.value, now() as at`,
    [run.id, run.mode, onDisk, run.fencing],
  );
  const row = rows[0];
  if (!row) throw new StaleRunError(false);
  return { number: row.value, at: row.at };
}

export async function readBytes(pool: Pool, checkpointId: string): Promise<Uint8Array | null> {
  const { rows } = await pool.query<{ bytes: Buffer }>('select bytes from checkpoint_bytes where checkpoint_id = $1', [checkpointId]);
  return rows[0]?.bytes ?? null;
}

/** The newest checkpoints that can serve, other than the one named. */
export async function newestServable(pool: Pool, except: string, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from checkpoint where status in ('AVAILABLE', 'ARCHIVED') and id <> $1 order by created_at desc, id desc limit $2`,
    [except, limit],
  );
  return rows.map((row) => row.id);
}

/** Which checkpoints to remove; all given conditions hold together. What serves is never among them. */
export interface RemovalFilter {
  ids?: readonly string[];
  mode?: TrainingMode;
  statuses: readonly CheckpointStatus[];
  olderThan?: Date;
  /** Keep this many of each mode (of both together with `acrossModes`) and of each status, the newest: refused ones never push out others. */
  keepNewest?: number;
  acrossModes?: boolean;
}

// The index checkpoint_kept_idx keeps this quick however many were removed before. $3: what serves.
const REMOVABLE = `ranked as (
  select id, path, mode, number, created_at, row_number() over (partition by case when $7 then null else mode end, status order by created_at desc, id desc) as nth
  from checkpoint where status <> 'REMOVED' and status = any($1::checkpoint_status[]) and ($2::training_mode is null or mode = $2)
), removable as (
  select id, path, number from ranked
  where id <> $3 and ($4::text[] is null or id = any($4)) and ($5::timestamptz is null or created_at < $5) and ($6::bigint is null or nth > $6)
)`;

function removalValues(filter: RemovalFilter, serving: string): unknown[] {
  return [filter.statuses, filter.mode ?? null, serving, filter.ids ?? null, filter.olderThan ?? null, filter.keepNewest ?? null, filter.acrossModes ?? false];
}

/**
 * Marks checkpoints REMOVED and drops their bytes, under the lock that activations take: what serves cannot be removed, what is removed cannot come to serve.
 * @returns the removed rows' ids and paths, oldest first
 */
export function markRemoved(pool: Pool, filter: RemovalFilter): Promise<{ id: string; path: string }[]> {
  return inTransaction(pool, async (client) => {
    await lockLearningOrder(client);
    const inForce = await activationInForce(client);
    const { rows } = await client.query<{ id: string; path: string }>(
      `with ${REMOVABLE}, removed as (
        update checkpoint c set status = 'REMOVED', removed_at = date_trunc('milliseconds', clock_timestamp())
        from removable r where c.id = r.id returning c.id, c.path, c.number
      ), dropped as (
        delete from checkpoint_bytes b using removed r where b.checkpoint_id = r.id
      )
      select id, path from removed order by number`,
      removalValues(filter, inForce.rankerId),
    );
    return rows;
  });
}

/** What markRemoved would remove at this moment: their ids, oldest first. Changes nothing and waits for nobody. */
export async function removable(pool: Pool, filter: RemovalFilter): Promise<string[]> {
  const inForce = await activationInForce(pool);
  const { rows } = await pool.query<{ id: string }>(`with ${REMOVABLE} select id from removable order by number`, removalValues(filter, inForce.rankerId));
  return rows.map(({ id }) => id);
}

export interface ActivationRequest {
  reason: Extract<ReloadReason, 'ACTIVATED' | 'ROLLED_BACK' | 'AUTO_ROLLED_BACK'>;
  evidence: string | null;
  /** Picks the target under the lock; null: there is none. */
  pick: (inForce: ActivationInForce, client: PoolClient) => Target | null | Promise<Target | null>;
}

/**
 * Activates by hand or by rule; learning goes on from the target with what is not yet sealed at this commit.
 * @returns the activation's id, or null without a target that is kept
 */
export function activate(pool: Pool, request: ActivationRequest): Promise<bigint | null> {
  return inTransaction(pool, async (client) => {
    const { lastSeq } = await lockLearningOrder(client);
    const inForce = await activationInForce(client);
    const target = await request.pick(inForce, client);
    if (!target || !(await canServe(client, target.rankerId))) return null;
    return insertActivation(client, {
      rankerId: target.rankerId,
      previousId: inForce.rankerId,
      reason: request.reason,
      evidence: request.evidence,
      returnsTo: target.returnsTo,
      resumesAfter: lastSeq,
    });
  });
}

async function canServe(client: PoolClient, rankerId: string): Promise<boolean> {
  if (rankerId === BASE_RANKER_ID) return true;
  const { rowCount } = await client.query(`select 1 from checkpoint where id = $1 and status in ('AVAILABLE', 'ARCHIVED')`, [rankerId]);
  return rowCount === 1;
}

/** Moves an available checkpoint's row to the archive, under the lock that removals take. @returns false when it is not available */
export function archive(pool: Pool, id: string, path: string): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    await lockLearningOrder(client);
    const { rowCount } = await client.query(`update checkpoint set status = 'ARCHIVED', path = $2 where id = $1 and status = 'AVAILABLE'`, [id, path]);
    return rowCount === 1;
  });
}

type Usage = Record<'online' | 'offline' | 'archived' | 'rejected', { checkpoints: number; bytes: number }>;

/** Kept checkpoints and their bytes; the partial index checkpoint_kept_idx passes over the removed ones. */
export async function storageUsage(pool: Pool): Promise<Usage> {
  const { rows } = await pool.query<{ place: keyof Usage; checkpoints: number; bytes: number }>(
    `select case status when 'ARCHIVED' then 'archived' when 'REJECTED' then 'rejected' else lower(mode::text) end as place,
      count(*)::int as checkpoints, sum(bytes)::float8 as bytes
    from checkpoint where status <> 'REMOVED' group by place`,
  );
  const usage: Usage = {
    online: { checkpoints: 0, bytes: 0 },
    offline: { checkpoints: 0, bytes: 0 },
    archived: { checkpoints: 0, bytes: 0 },
    rejected: { checkpoints: 0, bytes: 0 },
  };
  for (const { place, checkpoints, bytes } of rows) usage[place] = { checkpoints, bytes };
  return usage;
}
