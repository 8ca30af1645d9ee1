/** SQL of partitions: searches, samples and clicks lie in the same ranges of ids, a table each, made ahead of time; and from which id on anything is left to do. */
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from './transaction.js';
import { uuidFloor, uuidTimeMs } from './uuid-v7.js';

/** How long making or dropping a partition waits for a table: whoever comes later waits behind it for as long. */
const LOCK_TIMEOUT_MS = 250;
/** How long it waits for another process that makes them. */
const MAKING_ELSEWHERE_TIMEOUT_MS = 5_000;
/** How long PostgreSQL may look through the default partition for rows of a new one: meanwhile nothing can be stored there. */
const LOOK_THROUGH_TIMEOUT_MS = 5_000;
/** The advisory lock that makes makers serial. */
const MAKING_LOCK = 72_707_370;
const DAY_MS = 86_400_000;
/** A click is accepted for 24 hours; and a machine's clock may be wrong by hours. */
const OPEN_DAYS = 2;
const CLICKED_HOURS = 25;

export interface Partition {
  /** What follows "search_", "sample_" and "click_" in the names of its tables. */
  name: string;
  /** The lowest id; null: no bound. */
  from: string | null;
  /** The lowest id beyond it; null for the default partition, which takes what no other does. */
  until: string | null;
}

export type RangePartition = Partition & { until: string };

export function isRange(partition: Partition): partition is RangePartition {
  return partition.until !== null;
}

/** Searches first, then samples, then clicks: the order in which everybody locks them. */
export function tablesOf(name: string): [search: string, sample: string, click: string] {
  if (!/^[a-z0-9_]+$/.test(name)) throw new Error(`Not a partition's name: ${name}`);
  return [`search_${name}`, `sample_${name}`, `click_${name}`];
}

/** Whether ids of a partition are of the past alone, by the database's clock. */
export function isOver({ until }: RangePartition, now: Date): boolean {
  return uuidTimeMs(until) <= now.getTime();
}

/** The partitions there are, oldest first, the default one last; read from PostgreSQL's own catalogue, so there is nothing to keep in step. */
export async function listPartitions(db: Pool | PoolClient): Promise<Partition[]> {
  const { rows } = await db.query<Partition>(
    `select substr(relname, length('search_') + 1) as name,
      substring(bound from $$FROM \\('([-0-9a-f]+)'\\)$$) as "from", substring(bound from $$TO \\('([-0-9a-f]+)'\\)$$) as until
    from (select c.relname, pg_get_expr(c.relpartbound, c.oid) as bound
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'search'::regclass) p
    order by 3 nulls last`,
  );
  return rows;
}

export interface Making {
  /** Days in a partition. */
  spanDays: number;
  /** Ids of the next so many days have a partition. */
  aheadDays: number;
}

export interface Made {
  made: string[];
  /** Ranges for which the default partition holds rows already. */
  skipped: string[];
}

/**
 * Makes the partitions that are missing for today (UTC, by the database's clock) and the days ahead, each in a transaction of its own. Processes do so
 * one after the other. A range for which the default partition holds rows is left to it: to move them would take them, for a moment,
 * from a click that looks for its search.
 * @throws when a table is in use for longer than LOCK_TIMEOUT_MS; what was made until then stays
 */
export async function makePartitions(pool: Pool, { spanDays, aheadDays }: Making): Promise<Made> {
  const result: Made = { made: [], skipped: [] };
  let next: number | null = 0;
  while (next !== null) next = await makeNext(pool, next, spanDays, aheadDays, result);
  return result;
}

/** @returns where the one after it begins at the earliest; null: that is beyond the days ahead */
function makeNext(pool: Pool, earliestMs: number, spanDays: number, aheadDays: number, result: Made): Promise<number | null> {
  return inTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = ${MAKING_ELSEWHERE_TIMEOUT_MS}; set local statement_timeout = ${LOOK_THROUGH_TIMEOUT_MS + LOCK_TIMEOUT_MS}`);
    await client.query('select pg_advisory_xact_lock($1)', [MAKING_LOCK]);
    await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    const { rows } = await client.query<{ today: number }>(`select (extract(epoch from date_trunc('day', now() at time zone 'UTC')) * 1000)::float8 as today`);
    const today = rows[0]?.today ?? 0;
    const newest = (await listPartitions(client)).filter(isRange).at(-1);
    const fromMs = Math.max(today, earliestMs, newest ? uuidTimeMs(newest.until) : 0);
    if (fromMs > today + aheadDays * DAY_MS) return null;
    const untilMs = fromMs + spanDays * DAY_MS;
    const name = new Date(fromMs).toISOString().slice(0, 10).replaceAll('-', '');
    if (await makeOne(client, name, uuidFloor(fromMs), uuidFloor(untilMs))) {
      result.made.push(name);
      return untilMs;
    }
    result.skipped.push(name);
    return fromMs + DAY_MS;
  });
}

/** Made apart and then attached: so nobody who reads or writes the other partitions waits. @returns false when the default partition has rows of that range */
async function makeOne(client: PoolClient, name: string, from: string, until: string): Promise<boolean> {
  const taken = await client.query(
    `select 1 from search_default where id >= $1 and id < $2
    union all select 1 from sample_default where search_id >= $1 and search_id < $2
    union all select 1 from click_default where search_id >= $1 and search_id < $2 limit 1`,
    [from, until],
  );
  if (taken.rowCount !== 0) return false;
  const [search, sample, click] = tablesOf(name);
  await client.query(
    `create table ${search} (like search including all); create table ${sample} (like sample including all); create table ${click} (like click including all);
    alter table search attach partition ${search} for values from ('${from}') to ('${until}');
    alter table sample attach partition ${sample} for values from ('${from}') to ('${until}');
    alter table click attach partition ${click} for values from ('${from}') to ('${until}')`,
  );
  return true;
}

/** Begins a transaction that may drop the partition: one process at a time, and none waits long. @returns false when another is at it, or has dropped it */
export async function lockForDropping(client: PoolClient, { name }: RangePartition): Promise<boolean> {
  await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [MAKING_LOCK]);
  if (!rows[0]?.locked) return false;
  return (await client.query('select 1 where to_regclass($1) is not null', [tablesOf(name)[0]])).rowCount === 1;
}

// Each by a partial index, or the one on shown_at, of the days between the two bounds.
const LOWEST_OPEN = `
select least($2::uuid,
  (select min(id::text)::uuid from search where id >= $1 and id < $2 and learn_seq is null),
  (select min(search_id::text)::uuid from click where search_id >= $1 and search_id < $2 and late and learn_seq is null),
  (select min(id::text)::uuid from search where id >= $1 and id < $2 and shown_at > now() - make_interval(hours => $3))) as lowest`;

/**
 * Raises open_from to the lowest id with something left to do: unsealed, late clicks unsealed, or shown within the time for clicks; two days ago
 * at the latest. Under a lock that waits for inserts under way and holds up new ones for some milliseconds: one that comes later sees the
 * new figure, and lowers it if its own id is lower (search-store.ts). So it is true at every moment, whatever the clocks are.
 */
export async function raiseOpenFrom(pool: Pool): Promise<void> {
  // While learning is off the lowest stays where it is, many days back: that is found without holding up anybody.
  if ((await lowestOpen(pool)) === null) return;
  await inTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('select from learning_order for update');
    await client.query('lock table only search in share mode');
    const lowest = await lowestOpen(client);
    if (lowest !== null) await client.query('update learning_order set open_from = $1', [lowest]);
  });
}

/** @returns null when open_from is that already */
async function lowestOpen(db: Pool | PoolClient): Promise<string | null> {
  const { rows } = await db.query<{ open_from: string; now_ms: number }>(
    'select open_from, (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms from learning_order',
  );
  if (!rows[0]) return null;
  const { open_from: openFrom, now_ms: nowMs } = rows[0];
  const latest = uuidFloor(nowMs - OPEN_DAYS * DAY_MS);
  if (openFrom >= latest) return null;
  const { rows: found } = await db.query<{ lowest: string }>(LOWEST_OPEN, [openFrom, latest, CLICKED_HOURS]);
  const lowest = found[0]?.lowest ?? openFrom;
  return lowest > openFrom ? lowest : null;
}
