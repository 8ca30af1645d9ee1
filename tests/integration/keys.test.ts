/** A server with keys, as its clients meet it: what a page may do with the public one, an operator with the admin one, and a reader who has none. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient, type Operation, type RequestError } from '../../src/client/index.js';
import { createSubscriptions } from '../../src/client/subscriptions-node.js';
import { ApiClient, EventLog } from '../support/api-client.js';
import { HEARTS, importDocuments } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const ADMIN_KEY = 'admin-0123456789abcdef';
const PUBLIC_KEY = 'public-0123456789abcdef';

type None = Record<string, never>;
const Stats: Operation<{ sampleStats: { total: number } }, None> = { name: 'Stats', text: 'query Stats { sampleStats { total } }' };
const StatsChanged: Operation<{ sampleStats: { total: number } }, None> = { name: 'StatsChanged', text: 'subscription StatsChanged { sampleStats { total } }' };

let app: RunningApp;

beforeAll(async () => {
  // All addresses: what needs keys.
  app = await startApp({ HOST: '0.0.0.0', RANKLOOP_ADMIN_KEYS: `${ADMIN_KEY},another-admin-key-0123`, RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY });
  await importDocuments(app.client, HEARTS);
});

afterAll(async () => {
  await app.stop();
});

test('a page with the public key searches, previews and clicks, and reads documents', async () => {
  const client = createClient({ url: app.url, key: PUBLIC_KEY });
  const { searchId, results } = await client.search({ query: 'heart' });
  expect((await client.previewRanking({ query: 'heart' })).results).toHaveLength(results.length);
  await client.recordClick({ searchId, documentId: results[0]!.document.id });
  const page = new ApiClient(app.url, PUBLIC_KEY);
  expect(await page.query('{ documents(first: 1) { edges { node { id } } } activeRanker { id name } document(id: "red") { title } }')).toMatchObject({ document: { title: 'red heart' }, activeRanker: { id: 'base' } });
});

test('it may not look at samples, change settings, listen, or look behind the ranker that a search names', async () => {
  const page = new ApiClient(app.url, PUBLIC_KEY);
  await expect(createClient({ url: app.url, key: PUBLIC_KEY }).request(Stats, {})).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('sampleStats'), extensions: { field: 'sampleStats' } });
  expect((await page.error('mutation { clearSamples(input: { confirm: true }) { deleted } }')).extensions.code).toBe('FORBIDDEN');
  expect((await page.error('mutation { search(input: { query: "heart" }) { ranker { ... on Checkpoint { path } } } }')).extensions.code).toBe('FORBIDDEN');
  expect((await page.error('{ activeRanker { ...F } } fragment F on Checkpoint { trainingRun { id } }')).extensions.code).toBe('FORBIDDEN');
});

test('without a key nothing is searched and nothing recorded', async () => {
  const before = (await app.client.query('{ sampleStats { total } }')).sampleStats.total;
  await expect(createClient({ url: app.url }).search({ query: 'heart' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const lost = new EventLog();
  const client = createClient({ url: app.url, key: 'wrong-0123456789abcdef', onClickLost: (click, { code }) => lost.push({ ...click, code }) });
  void client.recordClick({ searchId: '019ab000-0000-7000-8000-000000000000', documentId: 'red' });
  expect(await lost.next()).toMatchObject({ documentId: 'red', code: 'UNAUTHENTICATED' });
  expect((await app.client.query('{ sampleStats { total } }')).sampleStats.total).toBe(before);
});

test('an operator follows events; one whose key is wrong is told so, and goes on as soon as it is right', async () => {
  let key = 'wrong-0123456789abcdef';
  const subscriptions = createSubscriptions({ url: app.url, key: () => key });
  const errors = new EventLog();
  const events = new EventLog();
  subscriptions.subscribe(StatsChanged, {}, ({ sampleStats }) => events.push(sampleStats), (error: RequestError) => errors.push(error.code));
  expect(await errors.next()).toBe('UNAUTHENTICATED');
  expect(subscriptions.connection.get()).toBe('offline');
  key = PUBLIC_KEY;
  subscriptions.reconnect();
  await errors.next((code) => code === 'FORBIDDEN');
  key = ADMIN_KEY;
  subscriptions.reconnect();
  expect(await events.next()).toEqual({ total: expect.any(Number) });
  expect(subscriptions.connection.get()).toBe('live');
  await subscriptions.close();
});
