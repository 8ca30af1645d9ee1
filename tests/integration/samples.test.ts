/** Samples over the API: counts that settle by time alone, the quality card, pages and filters, clearing, and retention. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer, ApiClient, EventLog } from '../support/api-client.js';
import { click, configure, eventually, importDocuments, sampleStats, samples, search, searches } from '../support/operations.js';
import { learningAccount } from '../support/learning-account.js';
import { age, makeDay } from '../support/old-days.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const FRUITS = ['apple', 'pear', 'plum', 'fig', 'kiwi', 'lime'];
const DOCUMENTS = FRUITS.flatMap((one) => FRUITS.map((two) => ({ id: `${one} ${two}`, title: `${one} ${two}` })));
const STATS = 'subscription { sampleStats { total positive negative searches unsettled lastTrainingTotal sinceLastTraining untilTrigger waitingReason updatedAt } }';
const QUALITY = '{ dataQuality { samples clicks searches distinctQueries distinctDocuments newestAgeSeconds volume balance diversity freshness advice } }';

let running: RunningApp;
let client: ApiClient;

beforeAll(async () => {
  running = await startApp();
  ({ client } = running);
  await importDocuments(client, DOCUMENTS);
  await configure(client, { attributionWindowSeconds: 0, enabled: false });
});

afterAll(() => running.stop());

async function quality(): Promise<Answer> {
  return (await client.query(QUALITY)).dataQuality;
}

/** Starts a run, which seals everything settled, and waits for its end. */
async function train(): Promise<Answer> {
  const finished = await client.subscribe('subscription { trainingFinished { id status newSamples } }');
  const { trainModel } = await client.query('mutation { trainModel(input: { activate: false }) { run { id } } }');
  return (await finished.next((event) => event.trainingFinished.id === trainModel.run.id)).trainingFinished;
}

/** What must hold in every count that is ever said. */
function expectSoundCounts(log: EventLog): void {
  const counts: Answer[] = log.events.map((event) => event.sampleStats);
  counts.forEach((stats, nth) => {
    expect(stats.sinceLastTraining).toBeGreaterThanOrEqual(0);
    expect(stats.unsettled).toBeGreaterThanOrEqual(0);
    expect(stats.total).toBe(stats.positive + stats.negative);
    expect(stats.total).toBe(stats.unsettled + stats.lastTrainingTotal + stats.sinceLastTraining);
    if (nth > 0) expect(stats.total).toBeGreaterThanOrEqual(counts[nth - 1].total);
    if (nth > 0) expect(Date.parse(stats.updatedAt)).toBeGreaterThanOrEqual(Date.parse(counts[nth - 1].updatedAt));
  });
}

test('without samples every verdict is a warning with a sentence on what to do', async () => {
  const card = await quality();
  expect(card).toMatchObject({ samples: 0, clicks: 0, searches: 0, distinctQueries: 0, distinctDocuments: 0, newestAgeSeconds: null });
  expect(card).toMatchObject({ volume: 'WARN', balance: 'WARN', diversity: 'WARN', freshness: 'WARN' });
  expect(card.advice).toHaveLength(4);
});

test('a subscriber is told the present counts at once, and then that samples have settled, by time alone and also in another process', async () => {
  await configure(client, { attributionWindowSeconds: 1 });
  const { client: second } = await running.startReplica();
  const [here, there] = await Promise.all([client.subscribe(STATS), second.subscribe(STATS)]);
  for (const log of [here, there]) expect((await log.next()).sampleStats).toMatchObject({ total: 0, unsettled: 0, sinceLastTraining: 0, untilTrigger: 100 });
  const shown = await search(client, 'apple');
  expect(shown.results).toHaveLength(10);
  for (const log of [here, there]) {
    await log.next(({ sampleStats: stats }) => stats.total === 10 && stats.unsettled === 10 && stats.sinceLastTraining === 0 && stats.searches === 1);
    await log.next(({ sampleStats: stats }) => stats.unsettled === 0 && stats.sinceLastTraining === 10 && stats.untilTrigger === 90);
    expectSoundCounts(log);
  }
  const [node] = (await samples(client, { first: 1 })).edges.map((edge: Answer) => edge.node);
  expect(node.settled).toBe(true);
  const windowMs = Date.parse(node.settlesAt) - Date.parse(node.shownAt);
  expect(windowMs).toBeGreaterThanOrEqual(1_000);
  expect(windowMs).toBeLessThan(2_000);
  expect(Date.parse(node.settlesAt) % 1_000).toBe(0);
});

test('what waits to settle when the server stops is told by the next one when it settles', async () => {
  await configure(client, { attributionWindowSeconds: 3 });
  const { total } = await sampleStats(client);
  await search(client, 'pear');
  await running.restart();
  ({ client } = running);
  const log = await client.subscribe(STATS);
  // Under the 5 seconds after which everything is looked at anyway.
  await log.next(({ sampleStats: stats }) => stats.unsettled === 0 && stats.sinceLastTraining === total + 10, { timeoutMs: 4_500 });
  await configure(client, { attributionWindowSeconds: 0 });
});

test('under a burst of searches the counts are said at most four times a second, never lower than before, and end at the truth', async () => {
  await configure(client, { attributionWindowSeconds: 1 });
  const log = await client.subscribe(STATS);
  await log.next();
  const startedAt = performance.now();
  let shown = 0;
  while (performance.now() - startedAt < 1_500) {
    const [list] = await searches(client, 10, 'plum');
    shown += 10;
    await click(client, list.searchId, list.results[0].document.id, { eventId: 'burst' });
  }
  const { total } = await sampleStats(client);
  expect(total).toBeGreaterThan(shown);
  await log.next(({ sampleStats: stats }) => stats.total === total && stats.unsettled === 0);
  const seconds = (performance.now() - startedAt) / 1_000;
  // The present counts, one more for the fraction of an interval at each end, and four a second.
  expect(log.events.length).toBeLessThanOrEqual(3 + 4 * seconds);
  expectSoundCounts(log);
  await configure(client, { attributionWindowSeconds: 0 });
});

test('enough clicks on enough queries and documents make the quality card good; old or unclicked samples make it warn', async () => {
  await client.query('mutation { clearSamples(input: { confirm: true }) { deleted } }');
  for (let round = 0; round < 2; round++) {
    for (const fruit of FRUITS) {
      const list = await search(client, fruit);
      await click(client, list.searchId, list.results[0].document.id);
    }
  }
  const card = await quality();
  expect(card).toMatchObject({ volume: 'OK', balance: 'OK', diversity: 'OK', freshness: 'OK', advice: [] });
  expect(card).toMatchObject({ samples: 120, clicks: 12, searches: 12, distinctQueries: 6 });
  expect(card.newestAgeSeconds).toBeLessThan(60);
  // The same when a run has sealed them, and not blinded by lists that have yet to settle.
  await train();
  await configure(client, { attributionWindowSeconds: 86_400 });
  await searches(client, 10, 'lime');
  expect(await quality()).toMatchObject({ samples: card.samples, clicks: card.clicks, volume: 'OK', freshness: 'OK' });
  await running.sql(`update search set settles_at = shown_at, shown_at = shown_at - interval '2 days' where settles_at <= now()`);
  const old = await quality();
  expect(old.freshness).toBe('WARN');
  expect(old.advice).toHaveLength(1);
  await configure(client, { attributionWindowSeconds: 0 });
});

test('the quality card warns when nearly nothing or nearly everything is clicked', async () => {
  await client.query('mutation { clearSamples(input: { confirm: true }) { deleted } }');
  const lists = (await Promise.all(FRUITS.map((fruit) => searches(client, 2, fruit)))).flat();
  expect(await quality()).toMatchObject({ samples: 120, clicks: 0, volume: 'WARN', balance: 'WARN', diversity: 'OK', freshness: 'OK', advice: [expect.any(String), expect.stringContaining('Under 1 %')] });
  for (const list of lists) {
    await client.query('mutation($clicks: [RecordClickInput!]!) { recordClicks(input: { clicks: $clicks }) { recorded } }', {
      clicks: list.results.slice(0, 7).map((hit: Answer) => ({ searchId: list.searchId, documentId: hit.document.id })),
    });
  }
  expect(await quality()).toMatchObject({ samples: 120, clicks: 84, volume: 'OK', balance: 'WARN', advice: [expect.stringContaining('Over half')] });
});

test('samples are listed newest search first, filtered by all conditions together', async () => {
  const [older, newer] = [await search(client, 'Kiwi with CREAM', { limit: 3 }), await search(client, 'kiwi', { limit: 3, userId: 'u' })];
  await click(client, older.searchId, older.results[1].document.id);
  const list = async (filter: object): Promise<Answer[]> => (await samples(client, { filter })).edges.map((edge: Answer) => edge.node);
  const all = await list({});
  expect(all.slice(0, 6).map((node) => node.id)).toEqual([newer, older].flatMap(({ searchId }) => [1, 2, 3].map((position) => `${searchId}:${position}`)));
  expect(await list({ searchId: older.searchId })).toEqual(all.slice(3, 6));
  expect(await list({ searchId: older.searchId.toUpperCase() })).toEqual(all.slice(3, 6));
  expect(await list({ query: 'wiTH cr' })).toEqual(all.slice(3, 6));
  expect(await list({ query: '%' })).toEqual([]);
  expect(await list({ clicked: true, searchId: older.searchId })).toEqual([all[4]]);
  expect(await list({ clicked: false, searchId: older.searchId })).toEqual([all[3], all[5]]);
  expect(await list({ documentId: all[0].documentId, query: 'with' })).toEqual(all.slice(3, 6).filter((node) => node.documentId === all[0].documentId));
  expect(await list({ shownAfter: all[0].shownAt })).toEqual(all.slice(0, 3));
  const [before] = await list({ shownBefore: all[0].shownAt });
  expect(before).toEqual(all[3]);
  expect(await list({ clicked: null, query: null, documentId: null, searchId: null, shownAfter: null, shownBefore: null })).toEqual(all);
  for (const [filter, field] of [
    [{ searchId: 'no uuid' }, 'filter.searchId'],
    [{ query: 'a\0' }, 'filter.query'],
    [{ documentId: '' }, 'filter.documentId'],
  ] as const) {
    expect((await client.error('query($filter: SampleFilter) { samples(filter: $filter) { edges { cursor } } }', { filter })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
  }
});

test('pages neither repeat nor skip while new samples come, and only cursors of this list are taken', async () => {
  const whole = (await samples(client)).edges.map((edge: Answer) => edge.node.id);
  expect(whole).toHaveLength(126);
  const read: string[] = [];
  let page = await samples(client, { first: 4 });
  expect(page.pageInfo.hasPreviousPage).toBe(false);
  for (;;) {
    read.push(...page.edges.map((edge: Answer) => edge.node.id));
    if (!page.pageInfo.hasNextPage) break;
    await search(client, 'fig', { limit: 1 });
    page = await samples(client, { first: 4, after: page.pageInfo.endCursor });
    expect(page.pageInfo.hasPreviousPage).toBe(true);
  }
  expect(read).toEqual(whole);

  const documents = await client.query('{ documents(first: 1) { pageInfo { endCursor } } }');
  const made = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const uuid = '00000000-0000-7000-8000-000000000000';
  for (const after of [
    documents.documents.pageInfo.endCursor,
    'nonsense',
    'x'.repeat(2_000),
    made('sample', '2026-01-01T00:00:00.000Z', uuid),
    made('sample', '2026-13-01T00:00:00.000Z', uuid, '1'),
    made('sample', '2026-01-01T00:00:00.000Z', 'no uuid', '1'),
    made('sample', '2026-01-01T00:00:00.000Z', uuid, '99999999999'),
    made('sample', '2026-01-01T00:00:00.000Z', uuid, '1; drop table sample'),
  ]) {
    expect((await client.error('query($after: String) { samples(after: $after) { edges { cursor } } }', { after })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  }
  for (const first of [0, 201]) {
    expect((await client.error('query($first: Int!) { samples(first: $first) { edges { cursor } } }', { first })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'first', max: 200 });
  }
  expect((await samples(client, { after: made('sample', '2000-01-01T00:00:00.000Z', uuid, '1') })).edges).toEqual([]);
});

test('clearSamples forgets samples, clicks and counts and cancels open runs; learning goes on from there', async () => {
  expect((await client.error('mutation { clearSamples(input: { confirm: false }) { deleted } }')).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'confirm' });
  const { total } = await sampleStats(client);
  const [before] = await running.sql('select last_seq::int from learning_order');
  // A run that another process holds.
  await running.sql(
    `insert into training_run (id, mode, model_type, trigger, status, activate, learned_from, learned_through, sealed_from, new_samples, queued_at, changed_at, fencing, lease_until)
    values ('00000000-0000-7000-8000-00000000000a', 'OFFLINE', 'LOGISTIC', 'MANUAL', 'RUNNING', true, 0, 0, 0, 0, now(), now(), 1, now() + interval '1 hour')`,
  );
  const finished = await client.subscribe('subscription { trainingFinished { id status reason } }');
  const log = await client.subscribe(STATS);
  const { clearSamples } = await client.query('mutation { clearSamples(input: { confirm: true }) { deleted } }');
  expect(clearSamples.deleted).toBe(total);
  expect(await sampleStats(client)).toMatchObject({ total: 0, positive: 0, searches: 0, unsettled: 0, lastTrainingTotal: 0, sinceLastTraining: 0 });
  expect((await finished.next()).trainingFinished).toMatchObject({ id: expect.stringMatching(/0a$/), status: 'CANCELLED', reason: expect.stringContaining('cleared') });
  await log.next(({ sampleStats: stats }) => stats.total === 0);
  expect((await samples(client)).edges).toEqual([]);
  expect((await running.sql('select (select count(*) from click)::int + (select count(*) from settle_bucket)::int as left'))[0].left).toBe(0);

  const list = await search(client, 'apple');
  await click(client, list.searchId, list.results[2].document.id);
  expect(await train()).toMatchObject({ status: 'SUCCEEDED', newSamples: 10 });
  const [after] = await running.sql('select min(learn_seq)::int as first from search');
  expect(after.first).toBe(before.last_seq + 1);
});

test('clearing again and again while others search, click, read and list deadlocks nobody', async () => {
  let clearing = true;
  const others = Array.from({ length: 6 }, async () => {
    while (clearing) {
      const [one] = await searches(client, 2, 'lime');
      // The list may be gone by now; nothing else may go wrong.
      const { errors } = await client.raw('mutation($input: RecordClickInput!) { recordClick(input: $input) { sample { id } sampleStats { total } } }', { input: { searchId: one.searchId, documentId: one.results[0].document.id } });
      for (const error of errors ?? []) expect(error.extensions.code).toBe('NOT_FOUND');
      await samples(client, { first: 5 });
    }
  });
  for (let round = 0; round < 8; round++) await client.query('mutation { clearSamples(input: { confirm: true }) { deleted } }');
  clearing = false;
  await Promise.all(others);
  const stats = await sampleStats(client);
  const [tables] = await running.sql('select (select count(*)::int from sample) as samples, (select count(*)::int from search) as searches');
  expect({ samples: stats.total, searches: stats.searches }).toEqual(tables);
});

test('clearSamples drops the days that are over', async () => {
  const day = await makeDay(running.sql, 5);
  await age(running.sql, [(await search(client, 'plum')).searchId], 5);
  expect(await running.sql(`select count(*)::int as samples from sample_${day}`)).toEqual([{ samples: 10 }]);
  const { total } = await sampleStats(client);
  expect((await client.query('mutation { clearSamples(input: { confirm: true }) { deleted } }')).clearSamples.deleted).toBe(total);
  expect(await running.sql('select to_regclass($1) as day', [`search_${day}`])).toEqual([{ day: null }]);
  expect((await searches(client, 2, 'plum'))).toHaveLength(2);
  expect(await sampleStats(client)).toMatchObject({ total: 20, sinceLastTraining: 20 });
});

test('searches past their retention go, sealed or not, and every count still adds up', async () => {
  await client.query('mutation { clearSamples(input: { confirm: true }) { deleted } }');
  await running.sql('delete from training_run');
  const lists = await searches(client, 6, 'plum');
  for (const list of lists.slice(0, 3)) await click(client, list.searchId, list.results[0].document.id);
  await train();
  const unsealed = await searches(client, 4, 'pear');
  await click(client, unsealed[0].searchId, unsealed[0].results[0].document.id);
  // A late click that no run has taken yet, on a list that is to go.
  await click(client, lists[0].searchId, lists[0].results[5].document.id);
  const gone = [lists[0], lists[1], unsealed[0], unsealed[1]].map((list) => list.searchId);
  await running.sql(`update search set shown_at = shown_at - interval '31 days', settles_at = settles_at - interval '31 days' where id = any($1)`, [gone]);
  await configure(client, { sampleRetentionDays: 30 });
  const before = await sampleStats(client);
  await running.restart();
  ({ client } = running);
  await eventually(async () => expect(await running.sql('select 1 from search where id = any($1) union all select 1 from sample where search_id = any($1) union all select 1 from click where search_id = any($1)', [gone])).toEqual([]));
  const after = await sampleStats(client);
  expect(after).toMatchObject({ total: before.total, positive: before.positive, searches: before.searches, unsettled: 0, sinceLastTraining: 20, lastTrainingTotal: 80 });
  expect((await samples(client)).edges).toHaveLength(60);
  const { trainingRuns } = await client.query('{ trainingRuns { edges { node { status reason newSamples samples checkpoint { id } } } } }');
  const runs = trainingRuns.edges.map((edge: Answer) => edge.node);
  expect(runs[0]).toMatchObject({ status: 'CANCELLED', reason: expect.stringContaining('older than retention'), newSamples: 20, samples: 0, checkpoint: null });
  expect(runs.reduce((sum: number, run: Answer) => sum + run.newSamples, 0) + after.sinceLastTraining).toBe(after.total);
  // What is left is learned as ever.
  expect(await train()).toMatchObject({ status: 'SUCCEEDED', newSamples: 20 });
});

test('a day past its retention goes as a whole, what was never sealed sealed first by a run that says so; counters stay, and all is learned once', async () => {
  await client.query('mutation { clearSamples(input: { confirm: true }) { deleted } }');
  await running.sql('delete from training_run');
  // Examination that is not learned, so that the click memory can be recounted.
  await configure(client, { explorationRate: 0, proofRate: 0, sampleRetentionDays: 30 });
  const [over, kept] = [await makeDay(running.sql, 33), await makeDay(running.sql, 30)];
  const [sealed, unsealed, younger] = [await searches(client, 2, 'plum'), await searches(client, 2, 'pear'), await searches(client, 2, 'lime')];
  for (const [first] of [sealed, unsealed, younger]) await click(client, first.searchId, first.results[0].document.id);
  const ids = (lists: Answer[]): string[] => lists.map((list) => list.searchId);
  await age(running.sql, [...ids(sealed), ...ids(unsealed)], 33);
  const [expired, current] = await age(running.sql, ids(younger), 30);
  // Of the younger day one search has expired by an hour: the day as a whole, and so it, is kept for at most a day more.
  await running.sql(`update search set learn_seq = 1 + (select last_seq from learning_order) where id = (select id from search_${over} order by id limit 1)`);
  await running.sql(`update learning_order set last_seq = last_seq + 1, sealed_samples = sealed_samples + 10`);
  await running.sql(`update search set shown_at = now() - interval '30 days 1 hour' where id = $1`, [expired]);
  await running.sql(`update search set shown_at = now() - interval '29 days 23 hours' where id = $1`, [current]);
  const before = await sampleStats(client);
  await running.restart();
  ({ client } = running);
  await eventually(async () => expect(await running.sql('select to_regclass($1) as search, to_regclass($2) as sample, to_regclass($3) as click', [`search_${over}`, `sample_${over}`, `click_${over}`])).toEqual([{ search: null, sample: null, click: null }]));
  expect(await running.sql(`select count(*)::int as searches from search_${kept}`)).toEqual([{ searches: 2 }]);
  expect(await sampleStats(client)).toMatchObject({ total: before.total, positive: before.positive, searches: before.searches, unsettled: 0, sinceLastTraining: 10, lastTrainingTotal: before.lastTrainingTotal + 40 });
  const { trainingRuns } = await client.query('{ trainingRuns { edges { node { status reason newSamples samples checkpoint { id } } } } }');
  expect(trainingRuns.edges.map((edge: Answer) => edge.node)).toEqual([{ status: 'CANCELLED', reason: expect.stringContaining('older than retention (30 days)'), newSamples: 40, samples: 0, checkpoint: null }]);
  expect((await samples(client)).edges).toHaveLength(20);
  // The one younger search that was expired was sealed by that run, too, and offered to the next with the other.
  const finished = await client.subscribe('subscription { trainingFinished { id status newSamples samples } }');
  await client.query('mutation { trainModel(input: {}) { run { id } } }');
  expect((await finished.next()).trainingFinished).toMatchObject({ status: 'SUCCEEDED', newSamples: 10, samples: 20 });
  const account = await learningAccount(running);
  expect(account).toMatchObject({ mislabelled: 0, early: 0, learnedSamples: 20, setAsideSamples: 0, offeredSamples: 0, reportedSamples: 20, misremembered: [] });
});

test('a server makes the partitions of today and of the days ahead before it answers', async () => {
  const { searchId } = await search(client, 'apple');
  const [row] = await running.sql(`select tableoid::regclass::text as place, 'search_' || to_char(now() at time zone 'UTC', 'YYYYMMDD') as today from search where id = $1`, [searchId]);
  expect(row.place).toBe(row.today);
  const partitions = await running.sql(`select inhrelid::regclass::text from pg_inherits where inhparent = 'click'::regclass and inhrelid::regclass::text > 'click_' || to_char(now() at time zone 'UTC', 'YYYYMMDD')`);
  expect(partitions.length).toBeGreaterThanOrEqual(4);
});
