/** The client library against the real server: what it gives, and that clicks survive a bad network and count once. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient, RequestError, type Operation, type RankloopClient, type SearchResult } from '../../src/client/index.js';
import { freePort } from '../support/free-port.js';
import { HEARTS, importDocuments, preview, sampleStats, samples } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { startTroubledProxy, type TroubledProxy } from '../support/troubled-proxy.js';

const Stats: Operation<{ sampleStats: { total: number } }, Record<string, never>> = { name: 'Stats', text: 'query Stats { sampleStats { total } }' };
const Enable: Operation<object, { enabled: boolean }> = {
  name: 'Enable',
  text: 'mutation Enable($enabled: Boolean!) { updateOnlineLearningConfig(input: { enabled: $enabled }) { config { revision } } }',
};

let app: RunningApp;
let proxy: TroubledProxy;
let clients: RankloopClient[];

/** Through the proxy, unless told otherwise. */
const makeClient = (more: Partial<Parameters<typeof createClient>[0]> = {}): RankloopClient => {
  const client = createClient({ url: proxy.url, ...more });
  clients.push(client);
  return client;
};
const searchHearts = (): Promise<SearchResult> => createClient({ url: app.url }).search({ query: 'heart' });
/** How often each result of a search was clicked, as stored. */
const clickCounts = async (searchId: string): Promise<Record<string, number>> => {
  const page = await samples(app.client, { filter: { searchId } });
  return Object.fromEntries(page.edges.map(({ node }: { node: { documentId: string; clickCount: number } }) => [node.documentId, node.clickCount]));
};
const clicksIn = ({ body }: { body: string }): { eventId: string }[] => (JSON.parse(body) as { variables: { input: { clicks: { eventId: string }[] } } }).variables.input.clicks;

beforeAll(async () => {
  app = await startApp({ PORT: String(await freePort()) });
  await importDocuments(app.client, HEARTS);
});

afterAll(async () => {
  await app.stop();
});

beforeEach(async () => {
  clients = [];
  proxy = await startTroubledProxy(app.url);
});

afterEach(async () => {
  for (const client of clients) client.close();
  await proxy.stop();
});

describe('requests', () => {
  test('a search gives what is needed to show results and to click on them, and is recorded', async () => {
    const before = await sampleStats(app.client);
    const { searchId, query, totalMatches, explored, ranker, results } = await makeClient().search({ query: 'heart', limit: 3, userId: 'u1' });
    expect({ query, totalMatches, explored: typeof explored, ranker }).toEqual({ query: 'heart', totalMatches: 5, explored: 'boolean', ranker: { id: 'base', name: expect.any(String) } });
    expect(results.map(({ position }) => position)).toEqual([1, 2, 3]);
    expect(results[0]).toMatchObject({ snippet: expect.stringContaining('heart'), document: { title: expect.stringContaining('heart'), attributes: {} }, clickProbability: expect.any(Number) });
    expect(Object.keys(await clickCounts(searchId)).sort()).toEqual(results.map(({ document }) => document.id).sort());
    expect((await sampleStats(app.client)).total).toBe(before.total + 3);
  });

  test('a preview gives the same ranking as anybody gets, and records nothing', async () => {
    const before = await sampleStats(app.client);
    const { results } = await makeClient().previewRanking({ query: 'heart', rankerId: 'base' });
    expect(results.map(({ document }) => document.id)).toEqual(await preview(app.client, 'heart', 'base'));
    expect((await sampleStats(app.client)).total).toBe(before.total);
  });

  test('what the server refuses comes as an error with its code and its facts, at once', async () => {
    const refused = makeClient().search({ query: 'heart', limit: 0 });
    await expect(refused).rejects.toBeInstanceOf(RequestError);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining('limit'), extensions: { field: 'limit' } });
    expect(proxy.requests).toHaveLength(1);
  });

  test('a query is made again after a lost answer, a 502 and an UNAVAILABLE', async () => {
    const unavailable = JSON.stringify({ errors: [{ message: 'The database does not answer.', extensions: { code: 'UNAVAILABLE' } }] });
    proxy.fates.push('lose the answer', { status: 502, body: '<h1>Bad gateway</h1>' }, { status: 503, body: unavailable });
    expect((await makeClient().request(Stats, {})).sampleStats.total).toBeGreaterThan(0);
    expect(proxy.requests).toHaveLength(4);
  });

  test('after the last attempt the last failure is told', async () => {
    proxy.fates.push('lose the answer', { status: 503 }, { status: 504 });
    await expect(makeClient({ retries: 1 }).request(Stats, {})).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('503') });
    expect(proxy.requests).toHaveLength(2);
  });

  test('too many requests are repeated no earlier than Retry-After says', async () => {
    proxy.fates.push({ status: 429, headers: { 'retry-after': '1' } });
    const startedAt = performance.now();
    await makeClient().request(Stats, {});
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
    expect(proxy.requests).toHaveLength(2);
  });

  test('a pause longer than anybody waits is told instead of waited for', async () => {
    proxy.fates.push({ status: 429, headers: { 'retry-after': '600' } });
    await expect(makeClient().request(Stats, {})).rejects.toMatchObject({ code: 'RATE_LIMITED', extensions: { retryAfterMs: 600_000 } });
  });

  test('a mutation whose answer was lost is not made again by itself', async () => {
    proxy.fates.push('lose the answer');
    await expect(makeClient().request(Enable, { enabled: true })).rejects.toMatchObject({ code: 'NETWORK' });
    expect(proxy.requests).toHaveLength(1);
  });

  test('an answer that does not come is waited for no longer than told', async () => {
    proxy.fates.push('say nothing');
    await expect(makeClient({ timeoutMs: 100, retries: 0 }).request(Stats, {})).rejects.toMatchObject({ code: 'NETWORK', message: 'The server did not answer within 100 ms.' });
  });

  test('a caller who has lost interest gets out with a reason of its own', async () => {
    proxy.fates.push('say nothing');
    const typing = new AbortController();
    const preview = makeClient().previewRanking({ query: 'hea' }, { signal: typing.signal });
    typing.abort(new Error('the next key was pressed'));
    await expect(preview).rejects.toThrow('the next key was pressed');
  });

  test('an address with a path is taken as it is', async () => {
    await expect(makeClient({ url: `${app.url}/elsewhere`, retries: 0 }).request(Stats, {})).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('/elsewhere') });
    expect(await makeClient({ url: `${app.url}/graphql` }).request(Stats, {})).toEqual({ sampleStats: { total: expect.any(Number) } });
  });
});

describe('clicks', () => {
  test('a click is stored when its promise resolves, and each call is a click of its own', async () => {
    const { searchId } = await searchHearts();
    const client = makeClient();
    const first = await client.recordClick({ searchId, documentId: 'red' });
    expect(await clickCounts(searchId)).toMatchObject({ red: 1, blue: 0 });
    const second = await client.recordClick({ searchId, documentId: 'red' });
    expect(await clickCounts(searchId)).toMatchObject({ red: 2 });
    expect(first.eventId).not.toBe(second.eventId);
  });

  test('a click whose answer was lost is sent again with the same event, and counts once', async () => {
    const { searchId } = await searchHearts();
    proxy.fates.push('lose the answer', 'lose the answer');
    const { eventId } = await makeClient().recordClick({ searchId, documentId: 'red' });
    expect(proxy.requests.map((request) => clicksIn(request).map((click) => click.eventId))).toEqual([[eventId], [eventId], [eventId]]);
    expect(proxy.requests.map(({ isAnswered }) => isAnswered)).toEqual([true, true, true]);
    expect(await clickCounts(searchId)).toMatchObject({ red: 1 });
  });

  test('a click delivered twice by the page counts once when it says that it is the same', async () => {
    const { searchId } = await searchHearts();
    const client = makeClient();
    const click = { searchId, documentId: 'red', eventId: 'mine' };
    expect(await Promise.all([client.recordClick(click), client.recordClick(click)])).toEqual([{ eventId: 'mine' }, { eventId: 'mine' }]);
    expect(await clickCounts(searchId)).toMatchObject({ red: 1 });
  });

  test('clicks made while the server is away are stored when it is back', async () => {
    const { searchId } = await searchHearts();
    const client = makeClient({ url: app.url });
    await app.app.stop();
    const clicks = Promise.all(['red', 'blue', 'red'].map((documentId) => client.recordClick({ searchId, documentId })));
    await expect(client.request(Stats, {}, { retries: 0 })).rejects.toMatchObject({ code: 'NETWORK' });
    await app.restart();
    await clicks;
    expect(await clickCounts(searchId)).toMatchObject({ red: 2, blue: 1, green: 0 });
  });

  test('what waits is bounded: the oldest are given up, and their page is told', async () => {
    const { searchId } = await searchHearts();
    const lost: string[] = [];
    const client = makeClient({ maxQueuedClicks: 3, onClickLost: ({ documentId }, { code }) => lost.push(`${documentId} ${code}`) });
    // One is under way, and stays; the others wait behind it.
    proxy.fates.push({ status: 503, headers: { 'retry-after': '1' } });
    const outcomes = await Promise.allSettled(['red', 'blue', 'green', 'black', 'white'].map((documentId) => client.recordClick({ searchId, documentId })));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled']);
    expect(lost).toEqual(['blue QUEUE_FULL', 'green QUEUE_FULL']);
    expect(await clickCounts(searchId)).toEqual({ red: 1, blue: 0, green: 0, black: 1, white: 1 });
  });

  test('many clicks go together, a hundred a call', async () => {
    const { searchId } = await searchHearts();
    const client = makeClient();
    await Promise.all(Array.from({ length: 250 }, () => client.recordClick({ searchId, documentId: 'red' })));
    expect(proxy.requests.map((request) => clicksIn(request).length)).toEqual([1, 100, 100, 49]);
    expect(await clickCounts(searchId)).toMatchObject({ red: 250 });
  });

  test('a call stays below the size that may outlive a page', async () => {
    const { searchId } = await searchHearts();
    const client = makeClient();
    // 128 characters of three bytes each.
    const clicks = Array.from({ length: 300 }, (_, nth) => client.recordClick({ searchId, documentId: 'red', eventId: `${'心'.repeat(124)}${nth}` }));
    await Promise.all(clicks);
    expect(Math.max(...proxy.requests.map(({ body }) => Buffer.byteLength(body)))).toBeLessThanOrEqual(64 * 1024);
    expect(proxy.requests.length).toBeLessThan(10);
    expect(await clickCounts(searchId)).toMatchObject({ red: 300 });
  });

  test('a click that the server refuses says why, and harms no other of its call', async () => {
    const { searchId } = await searchHearts();
    const client = makeClient();
    const [first, unknown, mistyped, last] = await Promise.allSettled([
      client.recordClick({ searchId, documentId: 'red' }),
      client.recordClick({ searchId, documentId: 'nowhere' }),
      // As a page without types may call it.
      client.recordClick({ searchId, documentId: undefined as unknown as string }),
      client.recordClick({ searchId, documentId: 'blue' }),
    ]);
    expect([first?.status, last?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(unknown).toMatchObject({ reason: { code: 'NOT_FOUND' } });
    expect(mistyped).toMatchObject({ reason: { code: 'BAD_USER_INPUT' } });
    expect(await clickCounts(searchId)).toMatchObject({ red: 1, blue: 1 });
  });

  test('a click is given up after the time it may wait, with the reason of the last failure', async () => {
    const { searchId } = await searchHearts();
    proxy.fates.push({ status: 503 });
    await expect(makeClient({ giveUpClicksAfterMs: 0 }).recordClick({ searchId, documentId: 'red' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('a closed client gives up what waits; flush resolves when nothing does', async () => {
    const { searchId } = await searchHearts();
    const client = makeClient();
    proxy.fates.push({ status: 503, headers: { 'retry-after': '600' } });
    const click = client.recordClick({ searchId, documentId: 'red' });
    const flushed = client.flush();
    client.close();
    await expect(click).rejects.toMatchObject({ code: 'CLOSED' });
    await flushed;
    await expect(client.recordClick({ searchId, documentId: 'red' })).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('clicks collected elsewhere are recorded in one go, each judged by itself, and again without counting twice', async () => {
    const { searchId } = await searchHearts();
    const client = makeClient();
    const clicks = Array.from({ length: 150 }, (_, nth) => ({ searchId, documentId: nth === 120 ? 'nowhere' : 'red', eventId: `event ${nth}` }));
    proxy.fates.push('pass', 'lose the answer');
    const outcome = await client.recordClicks(clicks);
    expect(outcome).toEqual({ recorded: 100, duplicates: 49, errors: [{ index: 120, code: 'NOT_FOUND', message: expect.stringContaining('nowhere') }] });
    expect(await client.recordClicks(clicks)).toMatchObject({ recorded: 0, duplicates: 149 });
    expect(await clickCounts(searchId)).toMatchObject({ red: 149 });
  });
});
