/** The pool under lost connections, what counts as unavailable, server versions, and the guard of the test databases. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { addressOf, assertSupportedServer, checkServerVersion, createPool } from '../../../src/database/pool.js';
import { isDatabaseUnavailable } from '../../../src/database/unavailable.js';
import { PrismaClient } from '../../../src/generated/prisma/client.js';
import { createLogger } from '../../../src/logger.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const logger = createLogger({ level: 'silent', format: 'json' });
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

describe('a pool', () => {
  test('reaches the database by its address and by its URL', async () => {
    for (const address of [database.address, addressOf(database.url)]) {
      const pool = createPool(address, { logger });
      const { rows } = await pool.query('select count(*)::int as rows from catalog');
      await pool.end();
      expect(rows).toEqual([{ rows: 1 }]);
    }
  });

  test('a checked-out connection that is cut rejects its statement and ends nothing', async () => {
    const pool = createPool(database.address, { logger });
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const failure = client.query('select pg_sleep(30)').catch((error: unknown) => error);
    await pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    expect(isDatabaseUnavailable(await failure)).toBe(true);
    client.release(true);
    await expect(pool.query('select 1')).resolves.toMatchObject({ rowCount: 1 });
    await pool.end();
  });

  test('an idle connection that is cut is replaced by the next query', async () => {
    const pool = createPool(database.address, { logger, max: 1 });
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const removed = new Promise((resolve) => pool.once('remove', resolve));
    const other = createPool(database.address, { logger, max: 1 });
    await other.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    await removed;
    await expect(pool.query('select 1')).resolves.toMatchObject({ rowCount: 1 });
    await Promise.all([pool.end(), other.end()]);
  });

  test('an exhausted pool says so within two seconds', async () => {
    const pool = createPool(database.address, { logger, max: 1 });
    const client = await pool.connect();
    const startedAt = performance.now();
    const error = await pool.query('select 1').catch((reason: unknown) => reason);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(isDatabaseUnavailable(error)).toBe(true);
    client.release();
    await pool.end();
  });

  test('a wrong statement is not taken for an unavailable database', async () => {
    const pool = createPool(database.address, { logger, max: 1 });
    const error = await pool.query('select no_such_column').catch((reason: unknown) => reason);
    await pool.end();
    expect(error).toBeInstanceOf(pg.DatabaseError);
    expect(isDatabaseUnavailable(error)).toBe(false);
  });

  test('a server that is not there is unavailable, through Prisma too', async () => {
    for (const host of ['127.0.0.1', '/no such folder']) {
      const pool = createPool({ host, port: 1, user: 'nobody', database: 'none' }, { logger });
      const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
      const errors = [await pool.query('select 1').catch((reason: unknown) => reason), await prisma.document.count().catch((reason: unknown) => reason)];
      await prisma.$disconnect();
      await pool.end();
      expect(errors.map(isDatabaseUnavailable)).toEqual([true, true]);
    }
  });

  test('a connection that is cut under Prisma is unavailable, a table that is missing is not', async () => {
    const pool = createPool(database.address, { logger, max: 2 });
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
    const cut = await prisma.$queryRaw`select pg_terminate_backend(pg_backend_pid())`.catch((reason: unknown) => reason);
    expect(isDatabaseUnavailable(cut)).toBe(true);
    const missing = await prisma.$queryRaw`select from no_such_table`.catch((reason: unknown) => reason);
    expect(missing).toHaveProperty('code', 'P2010');
    expect(isDatabaseUnavailable(missing)).toBe(false);
    await prisma.$disconnect();
    await pool.end();
  });
});

describe('the server version', () => {
  test('of the test server is accepted', async () => {
    const pool = createPool(database.address, { logger, max: 1 });
    await expect(checkServerVersion(pool)).resolves.toBeUndefined();
    await pool.end();
  });

  test('15.0 is accepted, 14.99 is refused with the way out', () => {
    expect(() => assertSupportedServer(150_000, '15.0')).not.toThrow();
    expect(() => assertSupportedServer(140_099, '14.99')).toThrow(/PostgreSQL 14\.99; Rankloop needs 15 or later.*DATABASE_URL/s);
  });
});

describe('the guard of the test databases', () => {
  test('a test that leaves a connection open is told which', async () => {
    const leaky = await createTestDatabase();
    const pool = createPool(leaky.address, { logger, applicationName: 'the leak' });
    await pool.query('select 42');
    await expect(leaky.drop()).rejects.toThrow(/1 database connection\(s\) open:\n {2}the leak \(idle\): select 42/);
    await pool.end();
  });
});

test('where it is asked for, statements are planned each time, on every connection from its first statement on', async () => {
  const planning = createPool(addressOf(database.url), { logger, max: 3, planEachTime: true });
  try {
    const modes = await Promise.all([1, 2, 3].map(async () => (await planning.query<{ plan_cache_mode: string }>('show plan_cache_mode')).rows[0]?.plan_cache_mode));
    expect(modes).toEqual(['force_custom_plan', 'force_custom_plan', 'force_custom_plan']);
  } finally {
    await planning.end();
  }
});
