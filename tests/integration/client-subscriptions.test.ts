/** The client's subscriptions against the real server: events, and that they come again after the server was away. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createClient, type Operation, type RequestError } from '../../src/client/index.js';
import { createSubscriptions, type Connection, type Subscriptions, type SubscriptionsOptions } from '../../src/client/subscriptions-node.js';
import { EventLog } from '../support/api-client.js';
import { freePort } from '../support/free-port.js';
import { HEARTS, importDocuments } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

type None = Record<string, never>;
const StatsChanged: Operation<{ sampleStats: { searches: number } }, None> = { name: 'StatsChanged', text: 'subscription StatsChanged { sampleStats { searches } }' };
const Nonsense: Operation<object, None> = { name: 'Nonsense', text: 'subscription Nonsense { weather }' };

let app: RunningApp;
const opened: Subscriptions[] = [];

const open = (more: Partial<SubscriptionsOptions> = {}): Subscriptions => {
  const subscriptions = createSubscriptions({ url: app.url, ...more });
  opened.push(subscriptions);
  return subscriptions;
};
const search = async (): Promise<void> => void (await createClient({ url: app.url }).search({ query: 'heart' }));

beforeAll(async () => {
  app = await startApp({ PORT: String(await freePort()) });
  await importDocuments(app.client, HEARTS);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((subscriptions) => subscriptions.close()));
});

afterAll(async () => {
  await app.stop();
});

test('events arrive until the subscription is ended', async () => {
  const log = new EventLog();
  const end = open().subscribe(StatsChanged, {}, (data) => log.push(data.sampleStats.searches));
  const first = await log.next();
  await search();
  await log.next((searches) => searches === first + 1);
  end();
  const count = log.events.length;
  await search();
  const other = new EventLog();
  open().subscribe(StatsChanged, {}, (data) => other.push(data.sampleStats.searches));
  await other.next((searches) => searches === first + 2);
  expect(log.events).toHaveLength(count);
});

test('after a restart of the server the events go on, and whoever listens knows that some may have been missed', async () => {
  const subscriptions = open({ isEager: true });
  const states: Connection[] = [subscriptions.connection.get()];
  subscriptions.connection.subscribe(() => states.push(subscriptions.connection.get()));
  const connects = new EventLog();
  subscriptions.connects.subscribe(() => connects.push(subscriptions.connects.get()));
  const log = new EventLog();
  subscriptions.subscribe(StatsChanged, {}, (data) => log.push(data.sampleStats.searches));
  const first = await log.next();

  await app.restart();
  await connects.next((times) => times === 2);
  const from = log.events.length;
  await search();
  await log.next((searches) => searches === first + 1, { from });
  expect(states.slice(0, 3)).toEqual(['connecting', 'live', 'reconnecting']);
  expect(states.at(-1)).toBe('live');
});

test('a subscription that the server refuses says why', async () => {
  const errors = new EventLog();
  open().subscribe(Nonsense, {}, () => undefined, (error: RequestError) => errors.push(error));
  expect(await errors.next()).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED', message: expect.stringContaining('weather') });
});

test('a socket made anew carries the subscriptions on', async () => {
  const subscriptions = open();
  const log = new EventLog();
  subscriptions.subscribe(StatsChanged, {}, (data) => log.push(data.sampleStats.searches));
  await log.next();
  const from = log.events.length;
  const connects = new EventLog();
  subscriptions.connects.subscribe(() => connects.push(subscriptions.connects.get()));
  subscriptions.reconnect();
  await connects.next((times) => times === 2);
  // The present counts come first on each subscribing.
  await log.next(() => true, { from });
});
