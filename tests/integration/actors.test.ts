/** The cap on what one user, session or address can teach: decided when a run seals, counted, said, and in nobody's memory. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer, EventLog } from '../support/api-client.js';
import { learningAccount } from '../support/learning-account.js';
import { click, configure, sampleStats, search, searches } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { foresee, startHearts, startOver, train, watch } from '../support/training.js';

const ADMIN_KEY = 'admin-0123456789abcdef';
const PUBLIC_KEY = 'public-0123456789abcdef';
const OPERATIONS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/operations.md');
/** A list is five hearts. */
const LIST = 5;

let running: RunningApp;
let log: EventLog;

// Behind a proxy, so that a page's visitors have addresses.
beforeAll(async () => {
  running = await startHearts({}, { RANKLOOP_ADMIN_KEYS: ADMIN_KEY, RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY, RANKLOOP_TRUSTED_PROXIES: 'loopback', RANKLOOP_SEARCHES_PER_MINUTE: '0', RANKLOOP_CLICKS_PER_MINUTE: '0' });
  log = await watch(running.client);
});

beforeEach(async () => {
  await startOver(running, log);
});

afterAll(async () => {
  await running.stop();
});

interface Visitor {
  userId?: string;
  sessionId?: string;
  address?: string;
}

/** What a page asks for one of its visitors. */
async function searchFrom({ address = '203.0.113.1', ...input }: Visitor): Promise<Answer> {
  const response = await fetch(`${running.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${PUBLIC_KEY}`, 'x-forwarded-for': address },
    body: JSON.stringify({ query: 'mutation($input: SearchInput!) { search(input: $input) { searchId } }', variables: { input: { query: 'heart', ...input } } }),
  });
  return ((await response.json()) as Answer).data.search;
}

/** So many users search once; the first of them click on what comes first. */
async function usersSearch(count: number): Promise<void> {
  for (let user = 1; user <= count; user++) {
    const { searchId, results } = await search(running.client, 'heart', { userId: `user-${user}` });
    if (user <= 5) await click(running.client, searchId, results[0].document.id);
  }
}

/** One user searches so often and always clicks on the same. @returns the searches, in order */
async function oneSearches(times: number, documentId = 'white', userId = 'one'): Promise<string[]> {
  const ids: string[] = [];
  for (let done = 0; done < times; done += 10) ids.push(...(await searches(running.client, Math.min(10, times - done), 'heart', { userId })).map(({ searchId }) => searchId));
  for (const searchId of ids) await click(running.client, searchId, documentId);
  return ids;
}

const learnOnline = (): Promise<Answer> => train(running.client, log);

async function explained(documentId: string): Promise<Answer> {
  const { explainRanking } = await running.client.query('query($documentId: ID!) { explainRanking(query: "heart", documentId: $documentId) { position attractiveness memoryClicks memoryExaminations } }', { documentId });
  return explainRanking;
}

/** The numbers of the capped in the learning order, by their places among the searches of a user (from 1). */
async function cappedOf(userId: string): Promise<number[]> {
  const rows = await running.sql(`select nth::int from (select capped, row_number() over (order by learn_seq) as nth from search where user_id = $1) s where capped order by nth`, [userId]);
  return rows.map(({ nth }) => nth);
}

/** The memory is the sum of what was stored and not capped. (Earlier tests' samples were cleared, so their runs are not looked at.) */
async function expectToClose(): Promise<void> {
  const account = await learningAccount(running);
  expect(account).toMatchObject({ misremembered: [], mislabelled: 0, early: 0, offeredSamples: 0 });
  expect(account.reportedSamples).toBe(account.learnedSamples);
}

describe('how much', () => {
  test('of nineteen who searched everything is learned', async () => {
    await usersSearch(18);
    await oneSearches(10);
    const run = await learnOnline();
    expect(run).toMatchObject({ status: 'SUCCEEDED', reason: null, newSamples: 28 * LIST, samples: 28 * LIST });
    expect(await explained('white')).toMatchObject({ memoryClicks: expect.closeTo(10, 3) });
  });

  test('of twenty each teaches with three searches at least: what is beyond is sealed and counted, and leaves no trace in the model', async () => {
    await usersSearch(19);
    const ids = await oneSearches(10, 'white');
    const run = await learnOnline();
    expect(run).toMatchObject({ status: 'SUCCEEDED', newSamples: 29 * LIST, samples: 22 * LIST, metrics: { samples: 22 * LIST }, servedMetrics: { samples: 22 * LIST } });
    expect(run.reason).toBe('35 samples were passed over: one user, session or address teaches at most 5 % of what a run seals (or 3 searches).');
    expect(await sampleStats(running.client)).toMatchObject({ total: 29 * LIST, lastTrainingTotal: 29 * LIST, sinceLastTraining: 0 });
    // The first three, in learning order.
    expect(await cappedOf('one')).toEqual([4, 5, 6, 7, 8, 9, 10]);
    expect((await running.sql('select count(learn_seq)::int as numbered, count(*)::int as stored from search'))[0]).toEqual({ numbered: 29, stored: 29 });
    expect((await running.client.query('query($id: ID!) { samples(first: 1, filter: { searchId: $id }) { edges { node { learned } } } }', { id: ids[9] })).samples.edges[0].node.learned).toBe(true);
    // To the last click and look.
    const [{ position }] = await running.sql(`select distinct position from sample where document_id = 'white'`);
    expect(await explained('white')).toMatchObject({ memoryClicks: expect.closeTo(3, 3), memoryExaminations: expect.closeTo(22 * position ** -0.7, 3) });
    await expectToClose();
  });

  test('of many searches one of twenty teaches with a twentieth', async () => {
    await usersSearch(19);
    await oneSearches(90);
    // 109 searches.
    expect(await learnOnline()).toMatchObject({ newSamples: 109 * LIST, samples: (19 + 5) * LIST });
    expect(await explained('white')).toMatchObject({ memoryClicks: expect.closeTo(5, 3) });
    await expectToClose();
  });

  test('with each run anew', async () => {
    for (const round of [1, 2]) {
      await usersSearch(19);
      await oneSearches(8, 'blue');
      await foresee(running);
      expect(await learnOnline()).toMatchObject({ newSamples: 27 * LIST, samples: 22 * LIST });
      expect((await running.sql('select count(*)::int as capped from search where capped'))[0].capped).toBe(round * 5);
    }
    await expectToClose();
  });

  test('what was stored before anybody asked who searched is each an actor of its own', async () => {
    await usersSearch(19);
    await oneSearches(10);
    await running.sql('update search set actor = null');
    expect(await learnOnline()).toMatchObject({ newSamples: 29 * LIST, samples: 29 * LIST, reason: null });
  });
});

describe('who', () => {
  test('without a user the session counts, without a session the address', async () => {
    for (let nth = 1; nth <= 18; nth++) await searchFrom({ userId: `user-${nth}`, sessionId: 'shared', address: '203.0.113.9' });
    for (let nth = 0; nth < 6; nth++) await searchFrom({ sessionId: 'one-session', address: `198.51.100.${nth}` });
    const spam = [];
    for (let nth = 0; nth < 8; nth++) spam.push((await searchFrom({ address: '203.0.113.9' })).searchId);
    for (const searchId of spam) await click(running.client, searchId, 'white');
    // 20 actors, 32 searches: three too many of the session, five of the address.
    expect(await learnOnline()).toMatchObject({ newSamples: 32 * LIST, samples: 24 * LIST });
    expect((await running.sql('select id from search where capped and session_id is null and user_id is null order by learn_seq')).map(({ id }) => id)).toEqual(spam.slice(3));
    expect(await explained('white')).toMatchObject({ memoryClicks: expect.closeTo(3, 3) });
  });

  test("a server that searches for its visitors, with an admin's key and without saying for whom, is not capped by its own address", async () => {
    for (let nth = 1; nth <= 20; nth++) await searchFrom({ userId: `user-${nth}` });
    await click(running.client, (await search(running.client, 'heart')).searchId, 'red');
    for (let nth = 0; nth < 9; nth++) await search(running.client, 'heart');
    expect(await learnOnline()).toMatchObject({ newSamples: 30 * LIST, samples: 30 * LIST });
  });

  test('who searched is stored as a number that says nothing, until a run seals the search or the user is forgotten', async () => {
    const actors = async (): Promise<(string | null)[]> => (await running.sql('select actor::text from search order by id')).map(({ actor }) => actor);
    await searchFrom({ address: '203.0.113.7' });
    await searchFrom({ address: '203.0.113.7' });
    await searchFrom({ userId: '203.0.113.7' });
    const [address, again, user] = await actors();
    expect(address).toMatch(/^-?\d+$/);
    expect(again).toBe(address);
    expect(user).not.toBe(address);
    await running.client.query('mutation { deleteUserData(input: { userId: "203.0.113.7" }) { searches } }');
    expect(await actors()).toEqual([address, address, null]);
    await click(running.client, (await search(running.client, 'heart')).searchId, 'red');
    await learnOnline();
    expect(await actors()).toEqual([null, null, null, null]);
  });
});

test('what is capped decides in no head-to-head either', async () => {
  await usersSearch(19);
  await learnOnline();
  await configure(running.client, { proofRate: 1 });
  await usersSearch(19);
  await oneSearches(10);
  await foresee(running);
  await learnOnline();
  const { learningProof } = await running.client.query('{ learningProof { all { comparisons } } }');
  expect(learningProof.all.comparisons).toBe(22);
  await configure(running.client, { proofRate: 0 });
});

test('what an operator caps by hand, as docs/operations.md says, is gone with the next replay, and its late clicks with it', async () => {
  const sessions = ['bot-1', 'bot-2', 'bot-3', 'bot-4'];
  await usersSearch(19);
  const spam: string[] = [];
  for (const sessionId of sessions) for (let turn = 0; turn < 3; turn++) spam.push((await searchFrom({ sessionId })).searchId);
  for (const searchId of spam.slice(1)) await click(running.client, searchId, 'white');
  expect(await learnOnline()).toMatchObject({ status: 'SUCCEEDED', samples: 31 * LIST });
  expect(await explained('white')).toMatchObject({ memoryClicks: expect.closeTo(11, 3) });

  const [, statement = ''] = /```sql\n(update search set capped[^`]*)```/.exec(readFileSync(OPERATIONS, 'utf8')) ?? [];
  await running.sql(statement.replace("'session-1', 'session-2'", sessions.map((session) => `'${session}'`).join(', ')));
  await click(running.client, spam[0] ?? '', 'white');
  expect(await train(running.client, log, { mode: 'OFFLINE' })).toMatchObject({ status: 'SUCCEEDED', samples: 19 * LIST });
  expect(await explained('white')).toMatchObject({ memoryClicks: 0 });
  await expectToClose();
});

test('/metrics counts what was capped', async () => {
  const counted = async (): Promise<number> => {
    const text = await (await fetch(`${running.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })).text();
    return Number(/^rankloop_samples_capped_total (\d+)$/m.exec(text)?.[1]);
  };
  const before = await counted();
  await usersSearch(19);
  await oneSearches(5);
  await learnOnline();
  expect(await counted()).toBe(before + 2 * LIST);
});
