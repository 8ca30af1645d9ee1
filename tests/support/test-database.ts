/** A migrated, empty database for one test file, cloned from the run's template, and a guard against leaked connections. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { addressIn, asAdmin, TEST_SERVER_VARIABLE, type TestServer } from './test-admin.js';

/** pool.end() resolves before PostgreSQL has noticed; longer than this is a leak. */
const CLOSING_GRACE_MS = 2_000;

export interface TestDatabase {
  address: pg.PoolConfig;
  /** The same as `address`, as a DATABASE_URL for a process of its own. */
  url: string;
  /** Drops the database; rejects when connections to it were left open, naming them. */
  drop(): Promise<void>;
}

/** @param withDays with the partitions that a start of the server would make first */
export async function createTestDatabase({ withDays = false } = {}): Promise<TestDatabase> {
  const server = testServer();
  const name = `${server.prefix}${process.pid}_${randomBytes(4).toString('hex')}`;
  // The template is small: writing its pages to the log took a fifth of the time of copying its files, which ends in two checkpoints.
  await asAdmin(server.address, (admin) => admin.query(`create database ${name} template ${withDays ? server.templateWithDays : server.template} strategy wal_log`));
  const address = addressIn(server.address, name);
  return { address, url: urlOf(address), drop: () => drop(server, name) };
}

function testServer(): TestServer {
  const json = process.env[TEST_SERVER_VARIABLE];
  if (!json) throw new Error('No test server: run the tests of a jest project whose globalSetup is tests/support/global-setup.js');
  return JSON.parse(json) as TestServer;
}

/** A socket's folder travels in the host's place, percent-encoded. */
function urlOf(address: pg.PoolConfig): string {
  if (address.connectionString) return address.connectionString;
  const password = typeof address.password === 'string' ? `:${encodeURIComponent(address.password)}` : '';
  return `postgresql://${address.user}${password}@${encodeURIComponent(address.host!)}:${address.port}/${address.database}`;
}

async function drop(server: TestServer, name: string): Promise<void> {
  await asAdmin(server.address, async (admin) => {
    const open = await connectionsLeft(admin, name);
    await admin.query(`drop database ${name} with (force)`);
    if (open.length > 0) throw new Error(`The test left ${open.length} database connection(s) open:\n${open.join('\n')}`);
  });
}

async function connectionsLeft(admin: pg.Client, name: string): Promise<string[]> {
  const deadline = performance.now() + CLOSING_GRACE_MS;
  for (;;) {
    const { rows } = await admin.query<{ line: string }>(
      `select format('  %s (%s): %s', application_name, state, left(query, 120)) as line
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || performance.now() > deadline) return rows.map((row) => row.line);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
