/** Partitions: which day a row lies in, who makes them and when, what a day that cannot be made does, and from which id on anything is open. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { lockLearningOrder } from '../../../src/database/counter-store.js';
import { insertClicks } from '../../../src/database/click-store.js';
import { idsSealedIn } from '../../../src/database/id-range.js';
import { listPartitions, makePartitions, raiseOpenFrom } from '../../../src/database/partition-store.js';
import { deleteExpired, dropExpired, sealExpired } from '../../../src/database/retention-store.js';
import { seal } from '../../../src/database/sealing.js';
import { insertSearches, type SearchRow } from '../../../src/database/search-store.js';
import { inTransaction } from '../../../src/database/transaction.js';
import { uuidFloor, uuidV7 } from '../../../src/database/uuid-v7.js';
import type { Answer } from '../../support/api-client.js';
import { age, DAY_MS, makeDay } from '../../support/old-days.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const DAILY = { spanDays: 1, aheadDays: 3 };
const IN_USE = { code: '55P03' };

let database: TestDatabase;
let pool: pg.Pool;
let now: number;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ ...database.address, max: 8 });
  now = Number((await sql('select (extract(epoch from now()) * 1000)::float8 as ms'))[0].ms);
  await sql('update online_learning_config set attribution_window_seconds = 0');
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

async function sql(text: string, values: readonly unknown[] = []): Promise<Answer[]> {
  return (await pool.query(text, [...values])).rows;
}

/** As the service stores a list of two. */
async function show(id = uuidV7()): Promise<string> {
  const samples = ['red', 'blue'].map((documentId, i) => ({ documentId, position: i + 1, basePosition: i + 1, baseScore: 1, score: 1, clickProbability: 0.1, propensity: 1, team: null, features: [0] }));
  const list: SearchRow = { id, query: 'heart', queryKey: 'heart', limit: 2, offset: 0, userId: null, sessionId: null, actor: null, rankerId: 'base', drawnPair: null, swapped: false, interleaved: false, cold: false, featureSet: 1, samples, examinations: 1 };
  await insertSearches(pool, [list], 0);
  return id;
}

async function click(searchId: string): Promise<string | undefined> {
  return (await insertClicks(pool, [{ searchId, documentId: 'blue', eventId: '', occurredAt: null }], 0))[0]?.outcome;
}

/** The tables that hold a search, its samples and its clicks. */
async function placesOf(id: string): Promise<string[]> {
  const rows = await sql(`select tableoid::regclass::text as place from search where id = $1 union select tableoid::regclass::text from sample where search_id = $1
    union select tableoid::regclass::text from click where search_id = $1 order by 1`, [id]);
  return rows.map(({ place }) => place);
}

const dayName = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
const placesIn = (name: string): string[] => ['click', 'sample', 'search'].map((table) => `${table}_${name}`);

async function names(): Promise<string[]> {
  return (await listPartitions(pool)).map(({ name }) => name);
}

/** An id of another time than now. */
const idAt = (ms: number): string => uuidFloor(ms).slice(0, 14) + uuidV7().slice(14);

/** Seals what has settled. @returns samples */
function sealAll(): Promise<number> {
  return inTransaction(pool, async (client) => (await seal(client, await lockLearningOrder(client))).samples);
}

async function openFrom(): Promise<string> {
  return (await sql('select open_from from learning_order'))[0].open_from;
}

async function rangeNamed(name: string): Promise<{ name: string; from: string | null; until: string }> {
  const found = (await listPartitions(pool)).find((one) => one.name === name);
  if (!found?.until) throw new Error(`no such range: ${name}`);
  return { ...found, until: found.until };
}

test('a new database has the default partition alone; the days ahead are made once, and what is shown lies in its day', async () => {
  expect(await names()).toEqual(['default']);
  const days = [0, 1, 2, 3].map((day) => dayName(now + day * DAY_MS));
  expect(await makePartitions(pool, DAILY)).toEqual({ made: days, skipped: [] });
  expect(await makePartitions(pool, DAILY)).toEqual({ made: [], skipped: [] });
  expect(await names()).toEqual([...days, 'default']);
  const today = await show();
  expect(await click(today)).toBe('RECORDED');
  expect(await placesOf(today)).toEqual(placesIn(days[0]!));
  const tomorrow = await show(idAt(now + DAY_MS));
  expect(await click(tomorrow)).toBe('RECORDED');
  expect(await placesOf(tomorrow)).toEqual(placesIn(days[1]!));
});

test('a search whose id is of another time lies in the default partition, and is clicked, sealed and counted as any other', async () => {
  await makePartitions(pool, DAILY);
  for (const ms of [now - 400 * DAY_MS, now + 400 * DAY_MS]) {
    const id = await show(idAt(ms));
    expect(await click(id)).toBe('RECORDED');
    expect(await placesOf(id)).toEqual(placesIn('default'));
  }
  expect(await sealAll()).toBe(4);
  expect(await sql('select sum(samples)::int as samples, sum(clicked)::int as clicked from counter')).toEqual([{ samples: 4, clicked: 2 }]);
});

test('five processes that make partitions at once make each once, while searches go on', async () => {
  let making = true;
  const shown = (async () => {
    let count = 0;
    for (; making; count++) await show();
    return count;
  })();
  // One that is shown before today is made goes to the default partition: then today stays there.
  const results = await Promise.all(Array.from({ length: 5 }, () => makePartitions(pool, DAILY).catch((error: unknown) => error)));
  making = false;
  const count = await shown;
  for (const result of results) if (result instanceof Error) expect(result).toMatchObject({ code: expect.stringMatching('55P03|23514') });
  await makePartitions(pool, DAILY);
  expect((await names()).slice(-4)).toEqual([...[1, 2, 3].map((day) => dayName(now + day * DAY_MS)), 'default']);
  expect(await sql('select count(*)::int as count from search')).toEqual([{ count }]);
});

test('who holds the default partition keeps a partition from being made, for a moment that others hardly wait; it is made afterwards', async () => {
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('select from search_default');
  const making = makePartitions(pool, DAILY).catch((error: unknown) => error);
  await show(idAt(now - 400 * DAY_MS));
  expect(await making).toMatchObject(IN_USE);
  expect(await names()).toEqual(['default']);
  await holder.query('commit');
  holder.release();
  expect((await makePartitions(pool, DAILY)).made).toHaveLength(4);
});

test('a day of which the default partition holds searches stays there; the days after it are made', async () => {
  const early = await show();
  const { made, skipped } = await makePartitions(pool, DAILY);
  expect({ made: made.length, skipped }).toEqual({ made: 3, skipped: [dayName(now)] });
  expect(await click(early)).toBe('RECORDED');
  expect(await placesOf(await show())).toEqual(placesIn('default').slice(1));
  expect(await sealAll()).toBe(4);
});

test('longer spans go on where the days end', async () => {
  await makePartitions(pool, DAILY);
  expect(await makePartitions(pool, { spanDays: 30, aheadDays: 5 })).toEqual({ made: [dayName(now + 4 * DAY_MS)], skipped: [] });
  expect(await placesOf(await show(idAt(now + 33 * DAY_MS)))).toEqual(placesIn(dayName(now + 4 * DAY_MS)).slice(1));
});

test('a partition has every key and index of its parent', async () => {
  await makePartitions(pool, DAILY);
  for (const parent of ['search', 'sample', 'click']) {
    const indexes = (table: string): Promise<Answer[]> =>
      sql(`select pg_get_indexdef(indexrelid) as definition, indisvalid, indisprimary from pg_index where indrelid = $1::regclass`, [table]);
    const plain = (rows: Answer[]): string[] => rows.map(({ definition, indisvalid, indisprimary }) => `${indisvalid} ${indisprimary} ${definition.replace(/.* USING/, '')}`).sort();
    expect(plain(await indexes(`${parent}_${dayName(now)}`))).toEqual(plain(await indexes(parent)));
    expect(plain(await indexes(`${parent}_default`))).toEqual(plain(await indexes(parent)));
  }
});

test('sealing asks from the lowest open search on: what is sealed and was shown days ago is passed over, an unsealed one holds it', async () => {
  await makeDay(sql, 4);
  const [sealed, unsealed] = [await show(), await show()];
  const [, held] = await age(sql, [sealed, unsealed], 4);
  await sql('update search set learn_seq = 1 where id <> $1', [held]);
  await raiseOpenFrom(pool);
  expect(await openFrom()).toBe(held);
  expect(await sealAll()).toBe(2);
  await raiseOpenFrom(pool);
  expect(await openFrom() > uuidFloor(now - 2.1 * DAY_MS)).toBe(true);
  expect(await openFrom() < uuidFloor(now - 1.9 * DAY_MS)).toBe(true);
});

test('a late click that no run has taken, and a search that can still be clicked, keep the days open they lie in', async () => {
  await makePartitions(pool, DAILY);
  const shownNow = await show(idAt(now - 30 * DAY_MS));
  await sealAll();
  await raiseOpenFrom(pool);
  expect(await openFrom()).toBe(shownNow);
  expect(await click(shownNow)).toBe('RECORDED');
  await sql(`update search set shown_at = shown_at - interval '2 days'`);
  await raiseOpenFrom(pool);
  expect(await openFrom()).toBe(shownNow);
  await sealAll();
  expect(await sql('select late, learn_seq::int from click')).toEqual([{ late: true, learn_seq: 2 }]);
  await raiseOpenFrom(pool);
  expect(await openFrom() > shownNow).toBe(true);
});

test('a search of a clock that is weeks behind opens those weeks again: it is sealed, and so is its late click', async () => {
  await makePartitions(pool, DAILY);
  await raiseOpenFrom(pool);
  const behind = await show(idAt(now - 20 * DAY_MS));
  expect(await openFrom()).toBe(behind);
  expect(await sealAll()).toBe(2);
  expect(await click(behind)).toBe('RECORDED');
  await raiseOpenFrom(pool);
  await sealAll();
  expect(await sql('select learn_seq::int from click')).toEqual([{ learn_seq: 2 }]);
});

test('a search under way while the days are closed is waited for', async () => {
  await makePartitions(pool, DAILY);
  const client = await pool.connect();
  await client.query('begin');
  const id = idAt(now - 20 * DAY_MS);
  await client.query(`insert into search (id, query, query_key, "limit", "offset", ranker_id, swapped, sample_count, shown_at, settles_at) values ($1, 'heart', 'heart', 1, 0, 'base', false, 1, now(), now())`, [id]);
  await expect(raiseOpenFrom(pool)).rejects.toMatchObject(IN_USE);
  await client.query('commit');
  client.release();
  await raiseOpenFrom(pool);
  expect(await openFrom()).toBe(id);
});

test('where a part of the learning order lies follows from the runs that sealed it, if they have noted it', async () => {
  const run = (from: number, through: number, lowest: string | null, highest: string | null): Promise<Answer[]> =>
    sql(`insert into training_run (id, mode, model_type, trigger, status, activate, learned_from, learned_through, sealed_from, new_samples, queued_at, changed_at, lowest_search_id, highest_search_id)
      values (gen_random_uuid(), 'ONLINE', 'LOGISTIC', 'MANUAL', 'FAILED', true, 0, $2, $1, 1, now(), now(), $3, $4)`, [from, through, lowest, highest]);
  const [a, b, c, d] = [uuidV7(), uuidV7(), uuidV7(), uuidV7()];
  const everywhere = { lowest: uuidFloor(0), highest: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
  await run(0, 10, null, null);
  await run(10, 20, a, c);
  await run(20, 20, null, null);
  await run(20, 30, b, d);
  expect(await idsSealedIn(pool, 12, 15)).toEqual({ lowest: a, highest: c });
  expect(await idsSealedIn(pool, 10, 30)).toEqual({ lowest: a, highest: d });
  expect(await idsSealedIn(pool, 20, 21)).toEqual({ lowest: b, highest: d });
  expect(await idsSealedIn(pool, 9, 11)).toEqual(everywhere);
  expect(await idsSealedIn(pool, 25, 31)).toEqual(everywhere);
});

test('a day is dropped only when its newest search has expired and all of it is sealed, late clicks too, and counted', async () => {
  const name = await makeDay(sql, 40);
  const ids = await age(sql, [await show(), await show()], 40);
  const day = await rangeNamed(name);
  const isDropped = (): Promise<boolean> => dropExpired(pool, day, 30);
  await sql('update search set shown_at = now() where id = $1', [ids[1]]);
  await sealAll();
  expect(await isDropped()).toBe(false);
  expect(await click(ids[1]!)).toBe('RECORDED');
  await sql(`update search set shown_at = now() - interval '31 days'`);
  expect(await isDropped()).toBe(false);
  expect(await sealExpired(pool, { days: 30, limit: 100, modelType: 'LOGISTIC' })).toBe(0);
  // A run that has not ended yet counts what it sealed when it ends.
  const ends = (status: string): Promise<Answer[]> => sql('update training_run set status = $1, sealed_from = 0', [status]);
  await ends('RUNNING');
  expect(await isDropped()).toBe(false);
  await ends('CANCELLED');
  const counters = await sql('select * from counter order by shard');
  expect(await isDropped()).toBe(true);
  expect(await isDropped()).toBe(false);
  expect(await sql('select 1 from search union all select 1 from sample union all select 1 from click')).toEqual([]);
  expect(await sql('select * from counter order by shard')).toEqual(counters);
  expect(await names()).toEqual(['default']);
});

test('a day that is in use is dropped later; today never is, nor an empty day that is to come or could still be kept', async () => {
  const old = await rangeNamed(await makeDay(sql, 40));
  const recent = await rangeNamed(await makeDay(sql, 20));
  await makePartitions(pool, DAILY);
  const today = await rangeNamed(dayName(now));
  await show();
  await sealAll();
  await sql(`update search set shown_at = now() - interval '31 days'`);
  expect(await dropExpired(pool, today, 30)).toBe(false);
  expect(await dropExpired(pool, recent, 30)).toBe(false);
  expect(await dropExpired(pool, await rangeNamed(dayName(now + DAY_MS)), 30)).toBe(false);
  expect(await deleteExpired(pool, today, 30, 10)).toBe(1);
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('select from search where id = $1', [old.from]);
  await expect(dropExpired(pool, old, 30)).rejects.toMatchObject(IN_USE);
  await holder.query('commit');
  holder.release();
  const both = await Promise.all([dropExpired(pool, old, 30), dropExpired(pool, old, 30)]);
  expect(both.filter(Boolean)).toHaveLength(1);
});
