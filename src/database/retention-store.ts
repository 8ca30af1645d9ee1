/** SQL of retention: searches past their days go, with their samples and clicks, once a run has sealed them: whole partitions, or row by row. */
import type { Pool, PoolClient } from 'pg';
import type { ModelType } from '../generated/prisma/enums.js';
import { activationInForce } from './activation-store.js';
import { lockLearningOrder } from './counter-store.js';
import { lockForDropping, tablesOf, type Partition, type RangePartition } from './partition-store.js';
import { countComparisons } from './proof-store.js';
import { countDocuments, seal } from './sealing.js';
import { inTransaction } from './transaction.js';
import { uuidTimeMs, uuidV7 } from './uuid-v7.js';

/**
 * Seals up to `limit` searches past their retention that no run has sealed (learning was off for long), by a run that ends as it opens: so the
 * samples sealed by all runs and those waiting still add up to what has settled.
 * @returns samples sealed; null when there was nothing to seal
 */
export function sealExpired(pool: Pool, { days, limit, modelType }: { days: number; limit: number; modelType: ModelType }): Promise<number | null> {
  return inTransaction(pool, async (client) => {
    const order = await lockLearningOrder(client);
    const { lastSeq, openFrom } = order;
    const unsealed = await client.query(
      `with expired as (select id, learn_seq, settles_at from search where id >= $2 and shown_at < now() - make_interval(days => $1))
      select 1 from expired where learn_seq is null and settles_at <= now()
      union all
      select 1 from expired s join click k on k.search_id = s.id where k.search_id >= $2 and k.late and k.learn_seq is null
      limit 1`,
      [days, openFrom],
    );
    if (unsealed.rowCount === 0) return null;
    const sealed = await seal(client, order, { days, searches: limit });
    const runId = uuidV7();
    const range = { sealedFrom: BigInt(lastSeq), sealedThrough: BigInt(sealed.lastSeq), ids: sealed.ids };
    await countDocuments(client, range);
    await countComparisons(client, runId, range);
    const inForce = await activationInForce(client);
    await client.query(
      `insert into training_run (id, mode, model_type, trigger, status, activate, parent_id, learned_from, learned_through, sealed_from, activation_id,
        new_samples, capped_samples, queued_at, finished_at, changed_at, reason, lowest_search_id, highest_search_id)
      select $1, 'ONLINE', $2, 'THRESHOLD', 'CANCELLED', false, $3, $4, $5, $4, $6, $7, $8, t.now, t.now, t.now, $9, $10, $11
      from (select date_trunc('milliseconds', clock_timestamp()) as now) t`,
      [
        runId,
        modelType,
        inForce.rankerId,
        lastSeq,
        sealed.lastSeq,
        inForce.id,
        sealed.samples,
        sealed.cappedSamples,
        `Nothing was learned: these samples were older than retention (${days} days) and are deleted.`,
        sealed.ids?.lowest ?? null,
        sealed.ids?.highest ?? null,
      ],
    );
    return sealed.samples;
  });
}

/**
 * Deletes from one partition up to `limit` sealed searches shown before `days` days ago, with their samples and clicks. Counters do not fall.
 * Searches are found by the index on shown_at and locked in id order, as sealing and clicks do; their samples and clicks lie in the same partition.
 * @returns how many searches
 */
export async function deleteExpired(pool: Pool, { name }: Partition, days: number, limit: number): Promise<number> {
  const [search, sample, click] = tablesOf(name);
  const { rows } = await pool.query<{ searches: number }>(
    `with expired as materialized (
      select id from ${search} where id in (
        select s.id from ${search} s
        where s.shown_at < now() - make_interval(days => $1) and s.learn_seq is not null
          and not exists (select 1 from ${click} k where k.search_id = s.id and k.late and k.learn_seq is null)
        order by s.shown_at limit $2)
      order by id for update
    ), samples as (delete from ${sample} p using expired e where p.search_id = e.id),
    clicks as (delete from ${click} k using expired e where k.search_id = e.id),
    searches as (delete from ${search} s using expired e where s.id = e.id returning 1)
    select count(*)::int as searches from searches`,
    [days, limit],
  );
  return rows[0]?.searches ?? 0;
}

/**
 * Drops a partition, with all that is in it, if its day is over and everything in it was shown more than `days` days ago, is sealed, and belongs to
 * no run that is still open: such a run counts it when it ends. Counters do not fall. The tables are locked at once, searches first as
 * everywhere: whoever comes meanwhile waits for some milliseconds, and we for LOCK_TIMEOUT_MS at most. Files go after the locks.
 * @returns whether it was dropped
 */
export function dropExpired(pool: Pool, partition: RangePartition, days: number): Promise<boolean> {
  const [search, sample, click] = tablesOf(partition.name);
  return inTransaction(pool, async (client) => {
    if (!(await lockForDropping(client, partition))) return false;
    // Asked first without the lock on everything: hardly ever is there anything to do.
    if (!(await isExpired(client, partition, days))) return false;
    await client.query(`lock table only search, only sample, only click, ${search}, ${sample}, ${click} in access exclusive mode`);
    if (!(await isExpired(client, partition, days))) return false;
    await client.query(`drop table ${search}, ${sample}, ${click}`);
    return true;
  });
}

/** By the indexes on shown_at and learn_seq and the partial ones of what is not sealed. An empty partition has expired when its days have. */
async function isExpired(client: PoolClient, { name, until }: RangePartition, days: number): Promise<boolean> {
  const [search, , click] = tablesOf(name);
  const { rows } = await client.query<{ expired: boolean }>(
    `select $2::float8 <= extract(epoch from now()) * 1000 - case when newest is null then $1::int * 86400e3 else 0 end
      and coalesce(newest < now() - make_interval(days => $1), true)
      and not exists (select from ${search} where learn_seq is null)
      and not exists (select from ${click} where late and learn_seq is null)
      and not exists (select from training_run where status in ('QUEUED', 'RUNNING') and sealed_from < last_seq) as expired
    from (select (select max(shown_at) from ${search}) as newest,
      greatest((select max(learn_seq) from ${search}), (select max(learn_seq) from ${click})) as last_seq) p`,
    [days, uuidTimeMs(until)],
  );
  return rows[0]?.expired ?? false;
}
