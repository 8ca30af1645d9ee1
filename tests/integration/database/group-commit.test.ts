/** Group commit: requests that come together share a transaction, and only that. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { ClickRow } from '../../../src/database/click-store.js';
import type { SearchRow } from '../../../src/database/search-store.js';
import { uuidV7 } from '../../../src/database/uuid-v7.js';
import { WriteBatcher } from '../../../src/database/write-batcher.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let pool: pg.Pool;
let writes: WriteBatcher;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ ...database.address, max: 10 });
  writes = new WriteBatcher({ searches: pool, clicks: pool });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const DOCUMENTS = Array.from({ length: 10 }, (_, i) => `document ${i}`);

function list(change: Partial<SearchRow> = {}): SearchRow {
  const samples = DOCUMENTS.map((documentId, i) => ({
    documentId,
    position: i + 1,
    basePosition: i + 1,
    baseScore: 10 - i,
    score: 0.5,
    clickProbability: 0.1,
    propensity: null,
    team: null,
    features: [1, 0],
  }));
  return {
    id: uuidV7(),
    query: 'red shoe',
    queryKey: 'red shoe',
    limit: 10,
    offset: 0,
    userId: null,
    sessionId: null,
    actor: null,
    rankerId: 'base',
    drawnPair: null,
    swapped: false,
    interleaved: false,
    cold: false,
    featureSet: 2,
    samples,
    examinations: 4,
    ...change,
  };
}

function click(searchId: string, documentId = 'document 0', eventId = ''): ClickRow {
  return { searchId, documentId, eventId, occurredAt: null };
}

async function stored(): Promise<string> {
  const row = list();
  await writes.recordSearch(row);
  return row.id;
}

const count = async (sql: string, values: unknown[] = []): Promise<number> => Number((await pool.query<{ n: string }>(sql, values)).rows[0]!.n);
const counters = async (): Promise<{ searches: number; samples: number; clicked: number }> =>
  (await pool.query(`select sum(searches)::float8 as searches, sum(samples)::float8 as samples, sum(clicked)::float8 as clicked from counter`)).rows[0];

describe('lists', () => {
  test('that come together are stored in few transactions, and all are counted', async () => {
    const before = await counters();
    const rows = Array.from({ length: 60 }, () => list());
    await Promise.all(rows.map((row) => writes.recordSearch(row)));
    const ids = rows.map(({ id }) => id);
    expect(await count('select count(*) as n from sample where search_id = any($1)', [ids])).toBe(600);
    expect(await count('select count(distinct xmin::text) as n from search where id = any($1)', [ids])).toBeLessThanOrEqual(3);
    expect(await counters()).toMatchObject({ searches: before.searches + 60, samples: before.samples + 600 });
  });

  test('one that cannot be stored is refused alone', async () => {
    const good = [list(), list()];
    const answers = await Promise.allSettled([writes.recordSearch(list()), writes.recordSearch(good[0]!), writes.recordSearch(list({ query: 'a\0b' })), writes.recordSearch(good[1]!)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(answers[2]).toMatchObject({ reason: { code: '22021' } });
    expect(await count('select count(*) as n from search where id = any($1)', [good.map(({ id }) => id)])).toBe(2);
  });
});

describe('clicks', () => {
  test('that come together are stored in few transactions; each hears its own outcome', async () => {
    const [one, other] = [await stored(), await stored()];
    const before = await counters();
    const calls = [
      ...DOCUMENTS.map((documentId) => writes.recordClicks([click(one, documentId)])),
      writes.recordClicks([click(one, 'document 3')]),
      writes.recordClicks([click(other, 'document 1', 'a'), click(other, 'document 1', 'b'), click(other, 'no such document')]),
      writes.recordClicks([click(uuidV7())]),
    ];
    const outcomes = (await Promise.all(calls)).map((results) => results.map(({ outcome }) => outcome));
    expect(outcomes).toEqual([...DOCUMENTS.map(() => ['RECORDED']), ['DUPLICATE'], ['RECORDED', 'RECORDED', 'NO_SAMPLE'], ['NO_SEARCH']]);
    expect(await count('select count(distinct xmin::text) as n from click where search_id = any($1)', [[one, other]])).toBeLessThanOrEqual(2);
    expect((await counters()).clicked).toBe(before.clicked + 11);
  });

  test('one that cannot be stored is refused alone', async () => {
    const id = await stored();
    const answers = await Promise.allSettled([click(id, 'document 0'), click(id, 'document 1'), click(id, 'a\0b'), click(id, 'document 2')].map((row) => writes.recordClicks([row])));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await count('select count(*) as n from click where search_id = $1', [id])).toBe(3);
  });

  test('a list that is locked for long holds up its own clicks, not those of others', async () => {
    const [locked, free] = [await stored(), await stored()];
    const holder = await pool.connect();
    try {
      await holder.query('begin');
      await holder.query('select from search where id = $1 for update', [locked]);
      let isAnswered = false;
      const waits = writes.recordClicks([click(locked)]).finally(() => (isAnswered = true));
      await writes.recordClicks([click(free)]);
      await writes.recordClicks([click(free, 'document 1')]);
      expect(isAnswered).toBe(false);
      await holder.query('commit');
      expect((await waits)[0]!.outcome).toBe('RECORDED');
    } finally {
      holder.release();
    }
  });
});

test('two processes that click on the same lists in other orders do not block each other for good', async () => {
  const second = new WriteBatcher({ searches: pool, clicks: pool });
  const ids = await Promise.all(Array.from({ length: 20 }, stored));
  const calls = Array.from({ length: 30 }, (_, i) => {
    const rows = DOCUMENTS.flatMap((documentId) => ids.map((id) => click(id, documentId, `${i}`)));
    return Promise.all([writes.recordClicks(rows), second.recordClicks([...rows].reverse().map((row) => ({ ...row, eventId: `other ${i}` })))]);
  });
  const outcomes = (await Promise.all(calls)).flat(2).map(({ outcome }) => outcome);
  expect(new Set(outcomes)).toEqual(new Set(['RECORDED']));
  expect(await count('select sum(click_count) as n from sample where search_id = any($1)', [ids])).toBe(20 * 10 * 60);
});

test('while the database is away everybody is told within two seconds, those too who came meanwhile', async () => {
  const away = new pg.Pool({ host: '127.0.0.1', port: 1, user: 'nobody', connectionTimeoutMillis: 1_000 });
  const batcher = new WriteBatcher({ searches: away, clicks: away });
  const startedAt = performance.now();
  const answers = await Promise.allSettled(Array.from({ length: 300 }, () => batcher.recordSearch(list())));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']));
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  await away.end();
});
