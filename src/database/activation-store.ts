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

export async function readActivation(db: PoolClient, id: bigint): Promise<ActivationInForce | null> {
  const { rows } = await db.query<Row>('select id, ranker_id, returns_to, resumes_after::float8 from activation where id = $1', [id]);
  return rows[0] ? toActivation(rows[0]) : null;
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
