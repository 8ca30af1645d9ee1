/** Migrations at start: once, in order, by one process at a time, in step with Prisma Migrate. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { applyMigrations } from '../../../src/database/migrations.js';
import { listPartitions, makePartitions } from '../../../src/database/partition-store.js';
import { createPool } from '../../../src/database/pool.js';
import { uuidFloor, uuidV7 } from '../../../src/database/uuid-v7.js';
import { createLogger } from '../../../src/logger.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const FIRST = 'create table shelf (id integer primary key);\ninsert into shelf values (1);\n';
const SECOND = 'alter table shelf add column label text;';
/** Those of the service itself. */
const OURS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

const logger = createLogger({ level: 'silent', format: 'json' });
let database: TestDatabase;
let pool: pg.Pool;
let dir: string;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool(database.address, { logger, max: 5 });
  // Migrations of the test's own, on a database without any.
  await pool.query('drop schema public cascade; create schema public');
  dir = await mkdtemp(join(tmpdir(), 'rankloop-migrations-'));
  await write('20260101000000_shelf', FIRST);
});
afterEach(async () => {
  await pool.end();
  await database.drop();
  await rm(dir, { recursive: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, name, 'migration.sql'), sql);
}

async function recorded(): Promise<unknown[]> {
  const { rows } = await pool.query(
    `select migration_name as name, checksum, finished_at >= started_at as finished, rolled_back_at, logs, applied_steps_count as steps
       from _prisma_migrations order by started_at`,
  );
  return rows;
}

test('migrations are applied once, in order, and recorded as Prisma records them', async () => {
  await write('20260102000000_label', SECOND);
  await applyMigrations(pool, dir, logger);
  await applyMigrations(pool, dir, logger);
  const row = (name: string, sql: string): object => ({
    name,
    checksum: createHash('sha256').update(sql).digest('hex'),
    finished: true,
    rolled_back_at: null,
    logs: null,
    steps: 1,
  });
  expect(await recorded()).toEqual([row('20260101000000_shelf', FIRST), row('20260102000000_label', SECOND)]);
  expect((await pool.query('select * from shelf')).rows).toEqual([{ id: 1, label: null }]);
});

test('five processes that migrate at once apply each migration once', async () => {
  await write('20260102000000_label', SECOND);
  await Promise.all(Array.from({ length: 5 }, () => applyMigrations(pool, dir, logger)));
  expect(await recorded()).toHaveLength(2);
});

test('whoever migrates waits for what holds the lock of Prisma Migrate', async () => {
  const other = await pool.connect();
  await other.query('select pg_advisory_lock(72707369)');
  let done = false;
  const applying = applyMigrations(pool, dir, logger).then(() => (done = true));
  const waiting = `select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted
                    and database = (select oid from pg_database where datname = current_database())`;
  while ((await other.query(waiting)).rows[0].waiting === 0) expect(done).toBe(false);
  expect((await other.query(`select to_regclass('shelf') as shelf`)).rows).toEqual([{ shelf: null }]);
  await other.query('select pg_advisory_unlock(72707369)');
  other.release();
  await applying;
  expect(await recorded()).toHaveLength(1);
});

test('a migration that fails leaves nothing behind and is tried again', async () => {
  await write('20260102000000_broken', 'create table half (id integer); select no_such_function();');
  await expect(applyMigrations(pool, dir, logger)).rejects.toThrow(/"20260102000000_broken" failed and was undone: function no_such_function\(\) does not exist/);
  expect(await recorded()).toHaveLength(1);
  expect((await pool.query(`select to_regclass('half') as half`)).rows).toEqual([{ half: null }]);
  await write('20260102000000_broken', 'create table half (id integer);');
  await applyMigrations(pool, dir, logger);
  expect(await recorded()).toHaveLength(2);
});

test('a database with a migration this code does not know is refused, and named', async () => {
  await write('20270101000000_later', SECOND);
  await applyMigrations(pool, dir, logger);
  await rm(join(dir, '20270101000000_later'), { recursive: true });
  await expect(applyMigrations(pool, dir, logger)).rejects.toThrow(/newer than this Rankloop: it has the migration 20270101000000_later/);
});

test('a migration that Prisma Migrate left unfinished is refused, one it rolled back is applied', async () => {
  await applyMigrations(pool, dir, logger);
  await write('20260102000000_label', SECOND);
  await pool.query(`insert into _prisma_migrations (id, checksum, migration_name) values ('x', '', '20260102000000_label')`);
  await expect(applyMigrations(pool, dir, logger)).rejects.toThrow(/npx prisma migrate resolve/);
  await pool.query(`update _prisma_migrations set rolled_back_at = now() where id = 'x'`);
  await applyMigrations(pool, dir, logger);
  expect(await recorded()).toHaveLength(3);
});

test('a migration changed after it was applied is warned of; other line ends are no change', async () => {
  const warnings: string[] = [];
  const listening = { ...logger, info: () => undefined, warn: (fields: { migration: string }) => void warnings.push(fields.migration) } as unknown as typeof logger;
  await applyMigrations(pool, dir, listening);
  await write('20260101000000_shelf', FIRST.replaceAll('\n', '\r\n'));
  await applyMigrations(pool, dir, listening);
  expect(warnings).toEqual([]);
  await write('20260101000000_shelf', `${FIRST}insert into shelf values (2);`);
  await applyMigrations(pool, dir, listening);
  expect(warnings).toEqual(['20260101000000_shelf']);
  expect((await pool.query('select id from shelf')).rows).toEqual([{ id: 1 }]);
});

test('tables go into the schema "public", whatever path the role has', async () => {
  await pool.query(`create schema private; alter database ${(await pool.query('select current_database() as name')).rows[0].name} set search_path = private`);
  const fresh = createPool(database.address, { logger, max: 1 });
  await applyMigrations(fresh, dir, logger);
  await fresh.end();
  expect((await pool.query(`select to_regclass('public.shelf') is not null as there`)).rows).toEqual([{ there: true }]);
});

test('an empty folder of migrations is an incomplete installation', async () => {
  await rm(join(dir, '20260101000000_shelf'), { recursive: true });
  await expect(applyMigrations(pool, dir, logger)).rejects.toThrow(/incomplete/);
});

/** The service's own migrations as far as the one named. */
async function upgradeTo(last: string): Promise<void> {
  await rm(join(dir, '20260101000000_shelf'), { recursive: true, force: true });
  for (const name of (await readdir(OURS)).filter((entry) => /^\d/.test(entry)).sort()) {
    await cp(join(OURS, name), join(dir, name), { recursive: true });
    if (name.endsWith(`_${last}`)) break;
  }
  await applyMigrations(pool, dir, logger);
}

describe('an upgrade from the loop to the learner', () => {
  const SETTINGS = 'select model_type, proof_rate, training_threshold, revision from online_learning_config';

  test('settings that nobody has changed get the new defaults', async () => {
    await upgradeTo('loop');
    expect((await pool.query(SETTINGS)).rows).toEqual([{ model_type: 'LOGISTIC', proof_rate: 0, training_threshold: 100, revision: 1 }]);
    await upgradeTo('learner');
    expect((await pool.query(SETTINGS)).rows).toEqual([{ model_type: 'INCREMENTAL', proof_rate: 0.05, training_threshold: 100, revision: 1 }]);
    await pool.query('delete from online_learning_config; insert into online_learning_config default values');
    expect((await pool.query(SETTINGS)).rows).toEqual([{ model_type: 'INCREMENTAL', proof_rate: 0.05, training_threshold: 100, revision: 1 }]);
  });

  test('settings that somebody has changed keep their content model; the proof begins', async () => {
    await upgradeTo('loop');
    await pool.query('update online_learning_config set training_threshold = 20, revision = 2');
    await upgradeTo('learner');
    expect((await pool.query(SETTINGS)).rows).toEqual([{ model_type: 'LOGISTIC', proof_rate: 0.05, training_threshold: 20, revision: 2 }]);
  });

  test('what was stored before was not interleaved, and belongs to no team', async () => {
    await upgradeTo('loop');
    await pool.query(`insert into search (id, query, query_key, "limit", "offset", ranker_id, swapped, sample_count, shown_at, settles_at)
      values ('0190163d-8694-739b-aea5-966c26f8ad91', 'heart', 'heart', 1, 0, 'base', false, 1, now(), now())`);
    await pool.query(`insert into sample (search_id, position, document_id, base_position, base_score, score, click_probability, propensity, feature_set, features)
      values ('0190163d-8694-739b-aea5-966c26f8ad91', 1, 'red', 1, 1, 1, 0.1, 1, 1, '{0}')`);
    await pool.query(`insert into training_run (id, mode, model_type, trigger, status, activate, learned_from, learned_through, sealed_from, new_samples, queued_at, changed_at)
      values ('0190163d-8694-739b-aea5-966c26f8ad92', 'ONLINE', 'LOGISTIC', 'MANUAL', 'FAILED', true, 0, 1, 0, 1, now(), now())`);
    await upgradeTo('learner');
    expect((await pool.query('select interleaved, cold, team from search s join sample p on p.search_id = s.id')).rows).toEqual([{ interleaved: false, cold: false, team: null }]);
    expect((await pool.query('select departure, content_reset from training_run')).rows).toEqual([{ departure: null, content_reset: false }]);
    expect((await pool.query('select * from proof_lineage')).rows).toEqual([]);
  });
});

describe('an upgrade to day partitions', () => {
  const PLACES = `select tableoid::regclass::text as place, count(*)::int from search group by 1 union all select tableoid::regclass::text, count(*)::int from sample group by 1
    union all select tableoid::regclass::text, count(*)::int from click group by 1 order by 1`;
  const STORED = [`select * from search order by id`, `select * from sample order by search_id, position`, `select * from click order by search_id`];
  const stored = (): Promise<unknown[]> => Promise.all(STORED.map(async (statement) => (await pool.query(statement)).rows));

  async function store(id: string): Promise<void> {
    await pool.query(`insert into search (id, query, query_key, "limit", "offset", ranker_id, swapped, sample_count, shown_at, settles_at, learn_seq, interleaved) values ($1, 'heart', 'heart', 2, 0, 'base', false, 2, now(), now(), 7, true)`, [id]);
    await pool.query(`insert into sample (search_id, position, document_id, base_position, base_score, score, click_probability, feature_set, features, team, click_count)
      select $1, n, 'red ' || n, n, 1, 1, 0.1, 1, '{0.5}', 'BASE', n - 1 from generate_series(1, 2) n`, [id]);
    await pool.query(`insert into click (search_id, document_id, event_id, position, clicked_at, late) values ($1, 'red 2', 'e', 2, now(), false)`, [id]);
  }

  test('what was stored stays as it was, in one partition up to midnight; ids beyond that lie in the default one', async () => {
    await upgradeTo('catalogue_identity');
    const old = [uuidV7(), '0190163d-8694-739b-aea5-966c26f8ad91', '00000000-0000-4000-8000-000000000000'];
    const odd = ['f47ac10b-58cc-4372-a567-0e02b2c3d479', uuidFloor(Date.now() + 2 * 86_400_000)];
    for (const id of [...old, ...odd]) await store(id);
    const before = await stored();
    await upgradeTo('day_partitions');
    expect(await stored()).toEqual(before);
    expect((await pool.query(PLACES)).rows).toEqual([
      { place: 'click_before', count: 3 },
      { place: 'click_default', count: 2 },
      { place: 'sample_before', count: 6 },
      { place: 'sample_default', count: 4 },
      { place: 'search_before', count: 3 },
      { place: 'search_default', count: 2 },
    ]);
    const [tomorrow] = (await pool.query(`select (extract(epoch from date_trunc('day', now() at time zone 'UTC')) * 1000)::float8 + 86400e3 as ms`)).rows;
    expect((await listPartitions(pool))[0]).toEqual({ name: 'before', from: null, until: uuidFloor(tomorrow.ms) });
    // The old indexes are the partition's, none was built anew, and keys still hold.
    const left = await pool.query(`select i.indexrelid::regclass::text as index from pg_index i join pg_class c on c.oid = i.indrelid where (c.relname like '%\\_before') and (not c.relispartition or not indisvalid
      or not exists (select from pg_inherits h where h.inhrelid = i.indexrelid))`);
    expect(left.rows).toEqual([]);
    const indexes = await pool.query(`select count(*)::int from pg_index i join pg_class c on c.oid = i.indrelid where c.relname like '%\\_before'`);
    expect(indexes.rows).toEqual([{ count: 11 }]);
    for (const id of [old[1], odd[0]]) await expect(store(id!)).rejects.toMatchObject({ code: '23505' });
    // Upkeep goes on where it ends; what is of a day to come, but stored already, keeps that day in the default partition.
    const { made, skipped } = await makePartitions(pool, { spanDays: 1, aheadDays: 3 });
    expect([made.length, skipped.length]).toEqual([2, 1]);
    expect(await stored()).toEqual(before);
  });

  test('an empty database has no partition of what was before', async () => {
    await upgradeTo('catalogue_identity');
    await upgradeTo('day_partitions');
    expect((await listPartitions(pool)).map(({ name }) => name)).toEqual(['default']);
    expect((await pool.query(`select relname from pg_class where relname like '%before%'`)).rows).toEqual([]);
  });

  test('a search of a former version that runs during the upgrade goes on afterwards', async () => {
    await upgradeTo('catalogue_identity');
    const running = await pool.connect();
    const insert = { name: 'insert', text: `insert into click (search_id, document_id, event_id, position, clicked_at, late) values ($1, 'red', 'e', 1, now(), false)` };
    await running.query({ ...insert, values: [uuidV7()] });
    await upgradeTo('day_partitions');
    await running.query({ ...insert, values: [uuidV7()] });
    running.release();
    expect((await pool.query('select count(*)::int from click')).rows).toEqual([{ count: 2 }]);
  });
});
