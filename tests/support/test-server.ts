/** The PostgreSQL server of a test run: an embedded one in a temporary folder, or the one TEST_DATABASE_URL names. */
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { applyMigrations } from '../../src/database/migrations.js';
import { makePartitions } from '../../src/database/partition-store.js';
import { addressOf, createPool } from '../../src/database/pool.js';
import { createLogger } from '../../src/logger.js';
import { killEmbedded } from './kill-embedded.js';
import { addressIn, asAdmin, TEST_SERVER_VARIABLE, type TestServer } from './test-admin.js';

interface RunningServer {
  users: number;
  started: Promise<{ server: TestServer; stop: () => Promise<void> }>;
}

/** Setup and teardown load this module each for themselves, and once a project: what they share hangs here. */
const shared = globalThis as { rankloopTestServer?: RunningServer };

const logger = createLogger({ level: 'warn', format: 'json' });
const migrationsDir = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const folderPrefix = 'rankloop-test-';
/** Names carry the machine and process they belong to, so that what a killed run left behind can be told from what another run uses. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);

export async function acquireTestServer(): Promise<void> {
  const running = (shared.rankloopTestServer ??= { users: 0, started: startServer() });
  running.users += 1;
  const { server } = await running.started;
  process.env[TEST_SERVER_VARIABLE] = JSON.stringify(server);
}

export async function releaseTestServer(): Promise<void> {
  const running = shared.rankloopTestServer;
  if (!running || --running.users > 0) return;
  shared.rankloopTestServer = undefined;
  const { stop } = await running.started;
  await stop();
}

async function startServer(): Promise<{ server: TestServer; stop: () => Promise<void> }> {
  const url = process.env.TEST_DATABASE_URL;
  const { address, stop } = url ? { address: addressOf(url), stop: async () => undefined } : await startEmbedded();
  const prefix = `rankloop_test_${machine}_${process.pid}_`;
  const server = { address, prefix, template: `${prefix}template`, templateWithDays: `${prefix}template_days` };
  try {
    await dropDatabases(address, isLeftover);
    await createTemplates(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server,
    stop: async () => {
      // A server of our own goes with all its databases.
      if (url) await dropDatabases(address, (name) => name.startsWith(prefix));
      await stop();
    },
  };
}

async function startEmbedded(): Promise<{ address: pg.PoolConfig; stop: () => Promise<void> }> {
  await removeLeftoverFolders();
  const dataDir = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  // As root PostgreSQL runs as somebody else, who must be able to pass through; what is inside is closed on its own.
  await chmod(dataDir, 0o711);
  // Killed processes lose nothing by it; only a machine that loses its power would, and no test does that.
  const embedded = new EmbeddedPostgres({ dataDir, logger, detached: false, settings: { max_connections: '200', fsync: 'off' } });
  const remove = async (): Promise<void> => {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const forget = onSignals(remove);
  const stop = async (): Promise<void> => {
    forget();
    await remove();
  };
  try {
    return { address: await embedded.start(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Jest runs no teardown when it is told to go; the server would outlive it. */
function onSignals(remove: () => Promise<void>): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const handler = (signal: NodeJS.Signals): void => {
    void remove().finally(() => {
      forget();
      process.kill(process.pid, signal);
    });
  };
  const forget = (): void => signals.forEach((signal) => process.off(signal, handler));
  signals.forEach((signal) => process.on(signal, handler));
  return forget;
}

async function createTemplates({ address, template, templateWithDays }: TestServer): Promise<void> {
  await createDatabase(address, template, '', (pool) => applyMigrations(pool, migrationsDir, logger));
  await createDatabase(address, templateWithDays, `template ${template}`, (pool) => makePartitions(pool, { spanDays: 1, aheadDays: 3 }));
}

async function createDatabase(address: pg.PoolConfig, name: string, like: string, fill: (pool: pg.Pool) => Promise<unknown>): Promise<void> {
  await asAdmin(address, (admin) => admin.query(`create database ${name} ${like}`));
  const pool = createPool(addressIn(address, name), { logger, max: 1, applicationName: 'rankloop test template' });
  try {
    await fill(pool);
  } finally {
    await pool.end();
  }
}

async function removeLeftoverFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    const folder = join(tmpdir(), name);
    try {
      await killEmbedded(folder);
      await rm(folder, { recursive: true, force: true });
    } catch (error) {
      logger.warn({ folder, error }, 'a folder left behind by a killed test run cannot be removed');
    }
  }
}

function isLeftover(name: string): boolean {
  const pid = new RegExp(`^rankloop_test_${machine}_(\\d+)_`).exec(name)?.[1];
  return pid !== undefined && !isAlive(Number(pid));
}

async function dropDatabases(address: pg.PoolConfig, chosen: (name: string) => boolean): Promise<void> {
  await asAdmin(address, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(`select datname from pg_database where datname like 'rankloop\\_test\\_%'`);
    for (const { datname } of rows) {
      if (chosen(datname)) await admin.query(`drop database if exists ${admin.escapeIdentifier(datname)} with (force)`);
    }
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
