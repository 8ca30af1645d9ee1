/** Clicks over the API: each counts once, late or on time, whatever the retries and whoever else writes; and users can be forgotten. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, ApiClient, ApiError } from '../support/api-client.js';
import { click, configure, eventually, HEARTS, importDocuments, sampleStats, samples, search, searches } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const RECORD_MANY = 'mutation($clicks: [RecordClickInput!]!) { recordClicks(input: { clicks: $clicks }) { recorded duplicates errors { index code message } } }';
const NOWHERE = '00000000-0000-7000-8000-000000000000';

let running: RunningApp;
let client: ApiClient;

beforeAll(async () => {
  running = await startApp();
  ({ client } = running);
  await importDocuments(client, HEARTS);
  await configure(client, { attributionWindowSeconds: 0, enabled: false });
});

afterAll(() => running.stop());

let searchId: string;
beforeEach(async () => {
  ({ searchId } = await search(client, 'heart'));
});

function refused(input: Record<string, unknown>): Promise<ApiError> {
  return client.error('mutation($input: RecordClickInput!) { recordClick(input: $input) { duplicate } }', { input });
}

async function recordMany(clicks: object[]): Promise<Answer> {
  return (await client.query(RECORD_MANY, { clicks })).recordClicks;
}

async function stored(id = searchId): Promise<Answer[]> {
  return (await samples(client, { filter: { searchId: id } })).edges.map((edge: Answer) => edge.node);
}

/** Starts a run, which seals everything shown so far, and waits for its end. */
async function train(mode: 'ONLINE' | 'OFFLINE' = 'OFFLINE'): Promise<Answer> {
  const { trainModel } = await client.query('mutation($mode: TrainingMode!) { trainModel(input: { mode: $mode, activate: false }) { run { id } } }', { mode });
  return eventually(async () => {
    const { trainingRun } = await client.query('query($id: ID!) { trainingRun(id: $id) { status newSamples reason } }', { id: trainModel.run.id });
    expect(['QUEUED', 'RUNNING']).not.toContain(trainingRun.status);
    return trainingRun;
  });
}

async function expectCountersToMatchTables(): Promise<void> {
  const [counters] = await running.sql(`
    select sum(searches)::int as searches, sum(samples)::int as samples, sum(clicked)::int as clicked,
      (sum(settled) + (select folded_samples from learning_order))::int as settled, (select sealed_samples::int from learning_order) as sealed from counter`);
  const [tables] = await running.sql(`
    select (select count(*)::int from search) as searches, count(*)::int as samples, count(*) filter (where click_count > 0)::int as clicked, count(*)::int as settled,
      (select coalesce(sum(sample_count), 0)::int from search where learn_seq is not null) as sealed from sample`);
  expect(counters).toEqual(tables);
  const [clicks] = await running.sql('select count(*)::int as stored, (select sum(click_count)::int from sample) as counted from click');
  expect(clicks.stored).toBe(clicks.counted);
}

test('a click labels its sample; the same event again is a duplicate and another one counts', async () => {
  const before = await sampleStats(client);
  const first = await click(client, searchId, 'blue', { eventId: 'a' });
  expect(first).toMatchObject({ duplicate: false, sample: { id: expect.stringMatching(`^${searchId}:`), clicked: true, clickCount: 1 }, sampleStats: { positive: before.positive + 1 } });
  const [sample] = (await stored()).filter((node) => node.documentId === 'blue');
  expect(await click(client, searchId, 'blue', { eventId: 'a' })).toMatchObject({ duplicate: true, sample: { clickCount: 1 } });
  expect(await click(client, searchId, 'blue', { eventId: 'b' })).toMatchObject({ duplicate: false, sample: { clickCount: 2 }, sampleStats: { positive: before.positive + 1 } });
  // Without an eventId all clicks on one result are one event.
  expect(await click(client, searchId, 'blue')).toMatchObject({ duplicate: false, sample: { clickCount: 3 } });
  expect(await click(client, searchId, 'blue')).toMatchObject({ duplicate: true, sample: { clickCount: 3 } });
  // The id's case does not make it another search.
  expect(await click(client, searchId.toUpperCase(), 'blue', { eventId: 'a' })).toMatchObject({ duplicate: true });
  const after = (await stored()).find((node) => node.documentId === 'blue');
  expect(after).toMatchObject({ clicked: true, clickCount: 3, clickedAt: sample.clickedAt });
  await expectCountersToMatchTables();
});

test('retries sent at once count once', async () => {
  const answers = await Promise.all(Array.from({ length: 24 }, (_, nth) => click(client, searchId, 'red', { eventId: `event ${nth % 3}` })));
  expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(3);
  expect((await stored()).find((node) => node.documentId === 'red')).toMatchObject({ clickCount: 3 });
  await expectCountersToMatchTables();
});

test('a click on nothing that was shown is refused by name', async () => {
  const faults: [Record<string, unknown>, Record<string, unknown>][] = [
    [{ searchId: 'no uuid', documentId: 'red' }, { code: 'BAD_USER_INPUT', field: 'searchId' }],
    [{ searchId: `${searchId} `, documentId: 'red' }, { code: 'BAD_USER_INPUT', field: 'searchId' }],
    [{ searchId: '', documentId: 'red' }, { code: 'BAD_USER_INPUT', field: 'searchId' }],
    [{ searchId: NOWHERE, documentId: 'red' }, { code: 'NOT_FOUND', field: 'searchId' }],
    [{ searchId, documentId: 'never shown' }, { code: 'NOT_FOUND', field: 'documentId' }],
    [{ searchId, documentId: '' }, { code: 'BAD_USER_INPUT', field: 'documentId', minLength: 1, maxLength: 128 }],
    [{ searchId, documentId: 'red\0' }, { code: 'BAD_USER_INPUT', field: 'documentId' }],
    [{ searchId, documentId: 'red', eventId: '' }, { code: 'BAD_USER_INPUT', field: 'eventId' }],
    [{ searchId, documentId: 'red', eventId: 'e'.repeat(129) }, { code: 'BAD_USER_INPUT', field: 'eventId' }],
    [{ searchId, documentId: 'red', eventId: '\ud800' }, { code: 'BAD_USER_INPUT', field: 'eventId' }],
  ];
  for (const [input, extensions] of faults) expect((await refused(input)).extensions).toMatchObject(extensions);
  expect((await stored()).every((node) => node.clickCount === 0)).toBe(true);
});

test('a click more than 24 hours after its search is refused; a minute earlier it counts', async () => {
  const old = await search(client, 'heart');
  await running.sql(`update search set shown_at = now() - interval '24 hours 1 second' where id = $1`, [old.searchId]);
  await running.sql(`update search set shown_at = now() - interval '23 hours 59 minutes' where id = $1`, [searchId]);
  expect((await refused({ searchId: old.searchId, documentId: 'red' })).extensions).toMatchObject({ code: 'FAILED_PRECONDITION', field: 'searchId' });
  expect((await refused({ searchId: old.searchId, documentId: 'never shown' })).extensions).toMatchObject({ code: 'NOT_FOUND' });
  expect(await click(client, searchId, 'red')).toMatchObject({ duplicate: false });
});

test('occurredAt is stored and decides nothing, within four days back and a minute ahead', async () => {
  const now = Date.now();
  const at = (ms: number): string => new Date(now + ms).toISOString();
  for (const occurredAt of [at(-4 * 86_400_000 - 60_000), at(120_000), '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) {
    expect((await refused({ searchId, documentId: 'red', occurredAt })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'occurredAt' });
  }
  expect((await refused({ searchId, documentId: 'red', occurredAt: 'yesterday' })).extensions.code).toBe('BAD_USER_INPUT');
  await click(client, searchId, 'red', { eventId: 'old', occurredAt: at(-4 * 86_400_000 + 60_000) });
  await click(client, searchId, 'red', { eventId: 'new', occurredAt: at(30_000) });
  const rows = await running.sql('select event_id, occurred_at, clicked_at from click where search_id = $1 order by event_id', [searchId]);
  expect(rows.map((row) => row.occurred_at.toISOString())).toEqual([at(30_000), at(-4 * 86_400_000 + 60_000)]);
  for (const row of rows) expect(Math.abs(row.clicked_at.getTime() - Date.now())).toBeLessThan(60_000);
});

test('of 100 clicks in one call each is answered by itself; 101 are refused', async () => {
  const lists = await searches(client, 10, 'heart');
  const good = lists.flatMap((list) => HEARTS.map(({ id }) => ({ searchId: list.searchId, documentId: id, eventId: 'e' })));
  const bad = [
    { searchId: 'no uuid', documentId: 'red' },
    { searchId: NOWHERE, documentId: 'red' },
    { searchId: lists[0].searchId, documentId: 'never shown' },
    { searchId: lists[0].searchId, documentId: 'red', occurredAt: '2020-01-01T00:00:00Z' },
  ];
  // 50 good ones, the same 46 again, and the bad ones in the middle.
  const clicks = [...good, ...bad, ...good.slice(0, 46)];
  expect(clicks).toHaveLength(100);
  const answer = await recordMany(clicks);
  expect(answer).toMatchObject({ recorded: 50, duplicates: 46 });
  expect(answer.errors.map(({ index, code }: Answer) => [index, code])).toEqual([
    [50, 'BAD_USER_INPUT'],
    [51, 'NOT_FOUND'],
    [52, 'NOT_FOUND'],
    [53, 'BAD_USER_INPUT'],
  ]);
  expect(await recordMany(good.slice(0, 10))).toEqual({ recorded: 0, duplicates: 10, errors: [] });
  expect(await recordMany([])).toEqual({ recorded: 0, duplicates: 0, errors: [] });
  expect((await client.error(RECORD_MANY, { clicks: [...clicks, clicks[0]] })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'clicks', max: 100 });
  await expectCountersToMatchTables();
});

test('a click on a sealed search is late: it counts at once, its sample keeps its label, and the next run takes it', async () => {
  await click(client, searchId, 'red');
  expect((await train()).status).toBe('SUCCEEDED');
  expect(await click(client, searchId, 'blue', { eventId: '1' })).toMatchObject({ duplicate: false, sample: { clicked: true, learned: true } });
  await click(client, searchId, 'blue', { eventId: '2' });
  await click(client, searchId, 'red', { eventId: 'again' });
  const labels = await running.sql(
    'select p.document_id, p.label, (select count(*)::int from click k where k.search_id = p.search_id and k.document_id = p.document_id and k.late) as late from sample p where search_id = $1 and click_count > 0 order by 1',
    [searchId],
  );
  expect(labels).toEqual([
    { document_id: 'blue', label: false, late: 1 },
    { document_id: 'red', label: true, late: 0 },
  ]);
  await train();
  const [late] = await running.sql('select k.learn_seq::int as click, s.learn_seq::int as search from click k join search s on s.id = k.search_id where k.search_id = $1 and k.late', [searchId]);
  expect(late.click).toBeGreaterThan(late.search);
  await expectCountersToMatchTables();
});

test('under a storm of searches, clicks, retries and sealing runs every click is on time or late, never both, and all counts are exact', async () => {
  // Without any click there is nothing to learn from, and a run is refused.
  await click(client, searchId, 'red');
  const { client: second } = await running.startReplica();
  const writers = Array.from({ length: 12 }, async (_, writer) => {
    const by = writer % 2 === 0 ? client : second;
    for (let round = 0; round < 6; round++) {
      const [one, two] = await searches(by, 2, 'heart');
      const clicks = [one, two, one].map((list, nth) => ({ searchId: list.searchId, documentId: HEARTS[(writer + round + nth) % 5]!.id, eventId: `e${nth % 2}` }));
      await Promise.all([
        by.query(RECORD_MANY, { clicks }),
        second.query(RECORD_MANY, { clicks: [...clicks].reverse() }),
        click(client, two.searchId, HEARTS[writer % 5]!.id),
        click(by, one.searchId, HEARTS[round % 5]!.id, { eventId: 'another' }),
      ]);
    }
  });
  let writing = true;
  const sealing = (async () => {
    const runs: Answer[] = [];
    while (writing) runs.push(await train(runs.length % 2 === 0 ? 'ONLINE' : 'OFFLINE'));
    return runs;
  })();
  await Promise.all(writers).finally(() => (writing = false));
  const runs = await sealing;
  expect(runs.length).toBeGreaterThan(1);
  expect(runs.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
  await train();

  await expectCountersToMatchTables();
  const wrong = await running.sql(`
    select p.* from sample p join search s on s.id = p.search_id cross join lateral (
      select count(*) as clicks, count(*) filter (where late) as late, count(*) filter (where late and k.learn_seq > s.learn_seq) as sealed_late
      from click k where k.search_id = p.search_id and k.document_id = p.document_id) k
    where s.learn_seq is null or p.click_count <> k.clicks or (p.clicked_at is not null) <> (k.clicks > 0)
      or k.late <> (case when k.clicks > 0 and not p.label then 1 else 0 end) or k.sealed_late <> k.late or (p.label and k.clicks = 0)`);
  expect(wrong).toEqual([]);
  // Each place in the learning order was given once.
  const [order] = await running.sql(`
    select count(*)::int as given, count(distinct learn_seq)::int as different, max(learn_seq)::int as last
    from (select learn_seq from search union all select learn_seq from click where late) given`);
  expect(order.given).toBe(order.different);
  expect(order.last).toBe(order.given);
  const [sum] = await running.sql('select sum(new_samples)::int as sealed from training_run');
  const stats = await sampleStats(client);
  expect(sum.sealed + stats.sinceLastTraining).toBe(stats.total);
});

test('deleteUserData blanks who searched in everything stored for that user, and nothing else', async () => {
  const mine = await searches(client, 3, 'heart', { userId: 'forget me', sessionId: 'visit' });
  const others = await search(client, 'heart', { userId: 'another', sessionId: 'visit' });
  const forget = async (userId: string): Promise<number> => (await client.query('mutation($userId: ID!) { deleteUserData(input: { userId: $userId }) { searches } }', { userId })).deleteUserData.searches;
  expect(await forget('forget me')).toBe(3);
  expect(await forget('forget me')).toBe(0);
  for (const { searchId: id } of mine) for (const node of await stored(id)) expect(node).toMatchObject({ userId: null, sessionId: null, query: 'heart' });
  expect((await stored(others.searchId))[0]).toMatchObject({ userId: 'another', sessionId: 'visit' });
  expect((await client.error('mutation { deleteUserData(input: { userId: "" }) { searches } }')).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'userId' });
});
