/** SQL of retention: searches past their days go, with their samples and clicks, once a run has sealed them. */
import type { Pool } from 'pg';
import type { ModelType } from '../generated/prisma/enums.js';
import { activationInForce } from './activation-store.js';
import { lockLearningOrder } from './counter-store.js';
import { countComparisons } from './proof-store.js';
import { countDocuments, seal } from './sealing.js';
import { inTransaction } from './transaction.js';
import { uuidV7 } from './uuid-v7.js';

/**
 * Seals up to `limit` searches past their retention that no run has sealed (learning was off for long), by a run that ends as it opens: so the
 * samples sealed by all runs and those waiting still add up to what has settled.
 * @returns samples sealed; null when there was nothing to seal
 */
export function sealExpired(pool: Pool, { days, limit, modelType }: { days: number; limit: number; modelType: ModelType }): Promise<number | null> {
  return inTransaction(pool, async (client) => {
    const { lastSeq } = await lockLearningOrder(client);
    const unsealed = await client.query(
      `with expired as (select id, learn_seq, settles_at from search where shown_at < now() - make_interval(days => $1))
      select 1 from expired where learn_seq is null and settles_at <= now()
      union all
      select 1 from expired s join click k on k.search_id = s.id where k.late and k.learn_seq is null
      limit 1`,
      [days],
    );
    if (unsealed.rowCount === 0) return null;
    const sealed = await seal(client, lastSeq, { days, searches: limit });
    const runId = uuidV7();
    await countDocuments(client, BigInt(lastSeq), BigInt(sealed.lastSeq));
    await countComparisons(client, runId, BigInt(lastSeq), BigInt(sealed.lastSeq));
    const inForce = await activationInForce(client);
    await client.query(
      `insert into training_run (id, mode, model_type, trigger, status, activate, parent_id, learned_from, learned_through, sealed_from, activation_id,
        new_samples, queued_at, finished_at, changed_at, reason)
      select $1, 'ONLINE', $2, 'THRESHOLD', 'CANCELLED', false, $3, $4, $5, $4, $6, $7, t.now, t.now, t.now, $8
      from (select date_trunc('milliseconds', clock_timestamp()) as now) t`,
      [runId, modelType, inForce.rankerId, lastSeq, sealed.lastSeq, inForce.id, sealed.samples, `Nothing was learned: these samples were older than retention (${days} days) and are deleted.`],
    );
    return sealed.samples;
  });
}

/**
 * Deletes up to `limit` sealed searches shown before `days` days ago, with their samples and clicks. Counters do not fall.
 * Searches are found by the index on shown_at and locked in id order, as sealing and clicks do.
 * @returns how many searches
 */
export async function deleteExpired(pool: Pool, days: number, limit: number): Promise<number> {
  const { rows } = await pool.query<{ searches: number }>(
    `with expired as materialized (
      select id from search where id in (
        select s.id from search s
        where s.shown_at < now() - make_interval(days => $1) and s.learn_seq is not null
          and not exists (select 1 from click k where k.search_id = s.id and k.late and k.learn_seq is null)
        order by s.shown_at limit $2)
      order by id for update
    ), samples as (delete from sample p using expired e where p.search_id = e.id),
    clicks as (delete from click k using expired e where k.search_id = e.id),
    searches as (delete from search s using expired e where s.id = e.id returning 1)
    select count(*)::int as searches from searches`,
    [days, limit],
  );
  return rows[0]?.searches ?? 0;
}
