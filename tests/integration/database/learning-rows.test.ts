/** Reading what a run learns, over a connection that is lost on the way. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { lastLearnSeq, replayRows } from '../../../src/database/learning-rows.js';
import { createPool } from '../../../src/database/pool.js';
import { createLogger } from '../../../src/logger.js';
import type { RunningApp } from '../../support/running-app.js';
import { startHearts, storeHistory, train, watch } from '../../support/training.js';

const READER = 'rankloop test reader';

let running: RunningApp;
let pool: pg.Pool;

beforeAll(async () => {
  running = await startHearts();
  await storeHistory(running, 300);
  await train(running.client, await watch(running.client));
}, 60_000);

beforeEach(() => {
  pool = createPool(running.database.address, { logger: createLogger({ level: 'fatal', format: 'json' }), max: 1, applicationName: READER });
});

afterAll(() => running.stop());

/** A reader that has read the first of what there is, and has its connection cut. */
async function cutReader(): Promise<ReturnType<typeof replayRows>> {
  const through = await lastLearnSeq(pool);
  const rows = replayRows(pool, 0, through, through);
  expect((await rows.next()).done).toBe(false);
  const [client] = await running.sql('select pg_terminate_backend(pid, 10000) as ended from pg_stat_activity where application_name = $1', [READER]);
  expect(client.ended).toBe(true);
  return rows;
}

test('a reader whose connection is cut is told so, and gives the connection up', async () => {
  const rows = await cutReader();
  await expect(rows.next()).rejects.toThrow(/terminat/i);
  await pool.end();
});

test('a reader that stops after its connection was cut gives it up', async () => {
  const rows = await cutReader();
  await rows.return(undefined);
  await pool.end();
});
