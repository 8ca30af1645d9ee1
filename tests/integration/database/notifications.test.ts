/** LISTEN and NOTIFY between processes, and after the connection was cut. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type pg from 'pg';
import { MAX_PAYLOAD_BYTES, Notifications } from '../../../src/database/notifications.js';
import { createPool } from '../../../src/database/pool.js';
import { createLogger } from '../../../src/logger.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const CHANNEL = 'Rank "loop"';

const logger = createLogger({ level: 'silent', format: 'json' });
let database: TestDatabase;
let pool: pg.Pool;
let notifications: Notifications;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.address, { logger, max: 3 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  notifications = createNotifications();
});
afterEach(async () => {
  await notifications.stop();
});

function createNotifications(): Notifications {
  return new Notifications({ address: database.address, pool, channel: CHANNEL, logger });
}

function next(from: Notifications): Promise<string> {
  return new Promise((resolve) => from.on(resolve));
}

async function cutListener(): Promise<void> {
  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'rankloop listen'`);
}

test('what one process sends, every listening process hears, in order', async () => {
  const other = createNotifications();
  await Promise.all([notifications.start(), other.start()]);
  const heard: string[] = [];
  notifications.on((payload) => heard.push(payload));
  const finished = new Promise((resolve) => other.on((payload) => payload === 'last' && resolve(undefined)));
  const finishedHere = new Promise((resolve) => notifications.on((payload) => payload === 'last' && resolve(undefined)));
  for (const payload of ['first', 'ünïcode ♥', 'last']) await notifications.send(payload);
  await Promise.all([finished, finishedHere]);
  expect(heard).toEqual(['first', 'ünïcode ♥', 'last']);
  await other.stop();
});

test('after its connection is cut it listens again and says so', async () => {
  await notifications.start();
  for (let round = 0; round < 3; round++) {
    const again = new Promise<void>((resolve) => notifications.onReconnect(resolve));
    await cutListener();
    await again;
  }
  const heard = next(notifications);
  await notifications.send('after');
  expect(await heard).toBe('after');
});

test('a payload is as long as PostgreSQL takes, in bytes, and no longer', async () => {
  await notifications.start();
  const heard = next(notifications);
  const longest = 'é'.repeat(Math.floor(MAX_PAYLOAD_BYTES / 2)) + 'x';
  await notifications.send(longest);
  expect(await heard).toBe(longest);
  await expect(notifications.send(`${longest}x`)).rejects.toThrow(RangeError);
});

test('starting fails where there is no server', async () => {
  const astray = new Notifications({ address: { host: '127.0.0.1', port: 1, user: 'nobody', database: 'none' }, pool, channel: CHANNEL, logger });
  await expect(astray.start()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await astray.stop();
});

test('started and stopped twice is started and stopped once', async () => {
  expect(notifications.start()).toBe(notifications.start());
  await notifications.start();
  expect(notifications.stop()).toBe(notifications.stop());
  await notifications.stop();
});

test('stopped while it is connecting again, it leaves no connection', async () => {
  await notifications.start();
  const removed = once(pool, 'acquire');
  await cutListener();
  await removed;
  await notifications.stop();
  const left = `select count(*)::int as connections from pg_stat_activity where datname = current_database() and application_name = 'rankloop listen'`;
  const deadline = performance.now() + 2_000;
  while ((await pool.query(left)).rows[0].connections > 0) expect(performance.now()).toBeLessThan(deadline);
});

test('stopped before it was started, it has nothing to stop', async () => {
  await notifications.stop();
});
