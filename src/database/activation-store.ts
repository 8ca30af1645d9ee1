/** SQL of activations: what serves, what it goes back to, and from where learning goes on. Writers hold the lock on learning_order. */
import type { Pool, PoolClient } from 'pg';
import type { ReloadReason } from '../generated/prisma/enums.js';

/** The id that stands for the text ranking wherever a ranker is named. */
export const BASE_RANKER_ID = 'base';

export interface ActivationInForce {
  /** null: nothing was ever activated. */
  id: bigint | null;
  rankerId: string;
  returnsTo: bigint | null;
  resumesAfter: number;
}

interface Row {
  id: string;
  ranker_id: string;
  returns_to: string | null;
  resumes_after: number;
}

/** The activation in force: the newest row, else the base ranker. */
export async function activationInForce(db: Pool | PoolClient): Promise<ActivationInForce> {
  const { rows } = await db.query<Row>('select id, ranker_id, returns_to, resumes_after::float8 from activation order by id desc limit 1');
  if (rows[0]) return toActivation(rows[0]);
  const order = await db.query<{ resumes_after: number }>('select resumes_after::float8 from learning_order');
  return { id: null, rankerId: BASE_RANKER_ID, returnsTo: null, resumesAfter: order.rows[0]?.resumes_after ?? 0 };
}

export interface Target {
  rankerId: string;
  returnsTo: bigint | null;
}

// Goes along the primary key, an activation a step: each stores the one that a rollback from it goes back to, always an older one.
const GO_BACK = `
with recursive back as (
  select ranker_id, returns_to, 1 as steps from activation where id = $1
  union all
  select a.ranker_id, a.returns_to, b.steps + 1 from back b join activation a on a.id = b.returns_to
)
select ranker_id, returns_to from back b
where ranker_id <> $2 and ranker_id <> all($3::text[])
  and (ranker_id = '${BASE_RANKER_ID}' or exists (select 1 from checkpoint c where c.id = b.ranker_id and c.status in ('AVAILABLE', 'ARCHIVED')))
order by steps limit 1`;

/**
 * Where a rollback leads: back through what served to the first that is another ranker, is kept, and is none of `except`; in the end the base
 * ranker. null: the base ranker serves, and nothing that is kept served before it.
 */
export async function rollbackTarget(db: Pool | PoolClient, inForce: ActivationInForce, except: readonly string[]): Promise<Target | null> {
  const { rows } = await db.query<Pick<Row, 'ranker_id' | 'returns_to'>>(GO_BACK, [inForce.returnsTo, inForce.rankerId, except]);
  if (rows[0]) return { rankerId: rows[0].ranker_id, returnsTo: rows[0].returns_to === null ? null : BigInt(rows[0].returns_to) };
  return inForce.rankerId === BASE_RANKER_ID ? null : { rankerId: BASE_RANKER_ID, returnsTo: null };
}

function toActivation(row: Row): ActivationInForce {
  return {
    id: BigInt(row.id),
    rankerId: row.ranker_id,
    returnsTo: row.returns_to === null ? null : BigInt(row.returns_to),
    resumesAfter: row.resumes_after,
  };
}

export interface NewActivation {
  rankerId: string;
  previousId: string;
  reason: ReloadReason;
  evidence: string | null;
  returnsTo: bigint | null;
  resumesAfter: number;
}

/** @returns the new activation's id */
export async function insertActivation(client: PoolClient, activation: NewActivation): Promise<bigint> {
  const { rows } = await client.query<{ id: string }>(
    `insert into activation (ranker_id, previous_id, reason, evidence, at, returns_to, resumes_after)
    values ($1, $2, $3, $4, date_trunc('milliseconds', clock_timestamp()), $5, $6) returning id`,
    [activation.rankerId, activation.previousId, activation.reason, activation.evidence, activation.returnsTo, activation.resumesAfter],
  );
  return BigInt(rows[0]?.id ?? 0);
}

/** Moves the point from which learning goes on, for the activation in force. */
export async function moveResumesAfter(client: PoolClient, inForce: ActivationInForce, resumesAfter: number): Promise<void> {
  if (inForce.id === null) await client.query('update learning_order set resumes_after = greatest(resumes_after, $1)', [resumesAfter]);
  else await client.query('update activation set resumes_after = greatest(resumes_after, $2) where id = $1', [inForce.id, resumesAfter]);
}
