/** Applies prisma/migrations at start, keeping Prisma's own lock and table so that `prisma migrate deploy` stays usable. */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { Logger } from '../logger.js';

/** The advisory lock Prisma Migrate takes, so that we and it never migrate at once. */
const PRISMA_MIGRATE_LOCK = 72_707_369;

/** How long to wait for another process that migrates. */
const MIGRATING_ELSEWHERE_TIMEOUT_MS = 300_000;
/** How long a statement of a migration may wait for a table in use; everybody else queues behind it meanwhile. */
const TABLE_LOCK_TIMEOUT_MS = 30_000;

const CREATE_MIGRATIONS_TABLE = `
  create table if not exists _prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`;

interface Migration {
  name: string;
  sql: string;
}

interface AppliedMigration {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/**
 * Brings the database to the newest migration in `migrationsDir`. Several processes may call it at once: one applies,
 * the others wait and find nothing left to do. Each migration is one transaction, recorded in it, so a failed or killed
 * one leaves no trace and is tried again at the next start. Refuses a database that a newer Rankloop has migrated.
 */
export async function applyMigrations(pool: pg.Pool, migrationsDir: string, logger: Logger): Promise<void> {
  const migrations = await readMigrations(migrationsDir);
  const client = await pool.connect();
  try {
    await prepareSession(client);
    await takeLock(client, logger);
    await client.query(CREATE_MIGRATIONS_TABLE);
    const applied = await readApplied(client);
    refuseFailed(applied);
    refuseUnknown(applied, migrations);
    const checksums = new Map(applied.map((row) => [row.migration_name, row.checksum]));
    for (const migration of migrations) {
      const checksum = checksums.get(migration.name);
      if (checksum === undefined) await applyOne(client, migration, logger);
      else if (!checksumMatches(migration.sql, checksum)) {
        logger.warn({ migration: migration.name }, 'a migration file was changed after it had been applied; the change has no effect on this database');
      }
    }
  } finally {
    // Ending the connection gives back the lock and everything set for the session.
    client.release(true);
  }
}

async function readMigrations(migrationsDir: string): Promise<Migration[]> {
  const entries = await readdir(migrationsDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.length === 0) throw new Error(`No migrations in ${migrationsDir}: the installation is incomplete`);
  names.sort();
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(migrationsDir, name, 'migration.sql'), 'utf8') })));
}

async function prepareSession(client: pg.PoolClient): Promise<void> {
  // Prisma's client names the schema "public" in every query, so that is where tables go, whatever the role's own path.
  await client.query(`
    select set_config('statement_timeout', '0', false),
           set_config('idle_in_transaction_session_timeout', '0', false),
           set_config('lock_timeout', '${MIGRATING_ELSEWHERE_TIMEOUT_MS}', false),
           set_config('search_path', concat_ws(', ', 'public', nullif(current_setting('search_path'), '')), false)`);
}

async function takeLock(client: pg.PoolClient, logger: Logger): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [PRISMA_MIGRATE_LOCK]);
  if (!rows[0]!.taken) {
    logger.info('another process is migrating the database; waiting for it');
    await client.query('select pg_advisory_lock($1)', [PRISMA_MIGRATE_LOCK]);
  }
  await client.query(`select set_config('lock_timeout', '${TABLE_LOCK_TIMEOUT_MS}', false)`);
}

async function readApplied(client: pg.PoolClient): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null order by started_at',
  );
  return rows;
}

function refuseFailed(applied: AppliedMigration[]): void {
  const failed = applied.find((row) => row.finished_at === null);
  if (!failed) return;
  throw new Error(
    `Migration "${failed.migration_name}" was started by Prisma Migrate and did not finish. ` +
      `Repair the database, then run: npx prisma migrate resolve --rolled-back "${failed.migration_name}" (or --applied)`,
  );
}

function refuseUnknown(applied: AppliedMigration[], migrations: Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = applied.filter((row) => !known.has(row.migration_name)).map((row) => row.migration_name);
  if (unknown.length === 0) return;
  throw new Error(
    `The database is newer than this Rankloop: it has the migration${unknown.length > 1 ? 's' : ''} ${unknown.join(', ')}, ` +
      'which this version does not know. Start the newer version, or use another database (DATABASE_URL or RANKLOOP_DATA_DIR).',
  );
}

async function applyOne(client: pg.PoolClient, { name, sql }: Migration, logger: Logger): Promise<void> {
  const startedAt = performance.now();
  const id = randomUUID();
  await client.query('begin');
  try {
    await client.query(
      'insert into _prisma_migrations (id, checksum, migration_name, started_at) values ($1, $2, $3, clock_timestamp())',
      [id, sha256(sql), name],
    );
    await client.query(sql);
    await client.query('update _prisma_migrations set finished_at = clock_timestamp(), applied_steps_count = 1 where id = $1', [id]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new Error(`Migration "${name}" failed and was undone: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  logger.info({ migration: name, tookMs: Math.round(performance.now() - startedAt) }, 'migration applied');
}

/** As Prisma does: git may have changed the line ends between the machine that applied it and this one. */
function checksumMatches(sql: string, checksum: string): boolean {
  const unix = sql.replaceAll('\r\n', '\n');
  return [sql, unix, unix.replaceAll('\n', '\r\n')].some((text) => sha256(text) === checksum);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
