/** Rate limits on a server with keys: counted by address, over HTTP and WebSocket together; an admin has none. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient as createSocket } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Answer } from '../support/api-client.js';
import { HEARTS, importDocuments, search } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const ADMIN_KEY = 'admin-0123456789abcdef';
const PUBLIC_KEY = 'public-0123456789abcdef';
const SEARCH = 'mutation { search(input: { query: "heart" }) { searchId } }';
const RECORD_CLICKS = 'mutation($input: RecordClicksInput!) { recordClicks(input: $input) { recorded } }';

let running: RunningApp;

// Behind a proxy, so that each test has clients of its own.
beforeAll(async () => {
  running = await startApp({ RANKLOOP_ADMIN_KEYS: ADMIN_KEY, RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY, RANKLOOP_SEARCHES_PER_MINUTE: '3', RANKLOOP_CLICKS_PER_MINUTE: '100', RANKLOOP_TRUSTED_PROXIES: 'loopback' });
  await importDocuments(running.client, HEARTS);
});

afterAll(async () => {
  await running.stop();
});

interface Sender {
  forwardedFor: string;
  key?: string;
}

async function post({ forwardedFor, key = PUBLIC_KEY }: Sender, query: string, variables: object = {}, url = running.url): Promise<{ status: number; retryAfter: string | null; body: Answer }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-forwarded-for': forwardedFor };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
}

async function overSocket({ forwardedFor, key = PUBLIC_KEY }: Sender, query: string): Promise<Answer> {
  class Forwarded extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { headers: { 'x-forwarded-for': forwardedFor } });
    }
  }
  const client = createSocket({ url: `${running.url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: Forwarded, connectionParams: { authorization: `Bearer ${key}` } });
  try {
    for await (const answer of client.iterate({ query })) return answer as Answer;
    throw new Error('no answer');
  } finally {
    await client.dispose();
  }
}

test('beyond the limit searches are refused with 429, when to come again, and nothing recorded; an admin goes on', async () => {
  const page = { forwardedFor: '203.0.113.1' };
  const recorded = async (): Promise<number> => (await running.client.query('{ sampleStats { searches } }')).sampleStats.searches;
  const before = await recorded();
  for (let turn = 0; turn < 2; turn++) expect((await post(page, SEARCH)).status).toBe(200);
  expect((await post(page, '{ previewRanking(query: "heart") { totalMatches } }')).status).toBe(200);
  const refused = await post(page, SEARCH);
  expect(refused).toMatchObject({ status: 429, body: { data: null, errors: [{ extensions: { code: 'RATE_LIMITED', limit: 3 }, message: expect.stringContaining('3 searches a minute') }] } });
  expect(Number(refused.retryAfter)).toBeGreaterThan(0);
  expect(Number(refused.retryAfter)).toBeLessThanOrEqual(60);
  expect((await overSocket(page, SEARCH)).errors[0].extensions.code).toBe('RATE_LIMITED');
  expect(await recorded()).toBe(before + 2);
  expect((await post({ ...page, key: ADMIN_KEY }, SEARCH)).status).toBe(200);
  expect((await overSocket({ ...page, key: ADMIN_KEY }, SEARCH)).data.search.searchId).toBeTruthy();
});

test('aliases are counted one by one, and clicks by their number, the good and the bad', async () => {
  const page = { forwardedFor: '203.0.113.2' };
  const { body } = await post(page, `mutation { ${['a', 'b', 'c', 'd'].map((alias) => `${alias}: search(input: { query: "heart" }) { searchId }`).join(' ')} }`);
  expect(body.errors.map(({ extensions }: Answer) => extensions.code)).toEqual(['RATE_LIMITED']);
  const { searchId } = await search(running.client, 'heart');
  const clicks = (count: number): object => ({ input: { clicks: Array.from({ length: count }, (_, nth) => ({ searchId, documentId: nth % 2 === 0 ? 'red' : 'none', eventId: `${count}-${nth}` })) } });
  expect((await post(page, RECORD_CLICKS, clicks(60))).body.data.recordClicks.recorded).toBe(30);
  expect((await post(page, RECORD_CLICKS, clicks(41))).body.errors[0].extensions).toMatchObject({ code: 'RATE_LIMITED', limit: 100 });
});

test('clients are told apart by the last address that the trusted proxy was given; of IPv6, a /64 is one', async () => {
  const three = async (forwardedFor: string): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) expect((await post({ forwardedFor }, SEARCH)).status).toBe(200);
  };
  await three('203.0.113.7');
  // What a client claims before the proxy's own entry is not believed.
  expect((await post({ forwardedFor: '198.51.100.1, 203.0.113.7' }, SEARCH)).status).toBe(429);
  await three('2001:db8:1:2::1');
  expect((await post({ forwardedFor: '2001:db8:1:2:ffff::9' }, SEARCH)).status).toBe(429);
  await three('2001:db8:1:3::1');
});

test('a server without keys has no limits', async () => {
  const keyless = await startApp({ RANKLOOP_SEARCHES_PER_MINUTE: '1' });
  try {
    await importDocuments(keyless.client, HEARTS);
    for (let turn = 0; turn < 3; turn++) expect((await search(keyless.client, 'heart')).results).toHaveLength(5);
  } finally {
    await keyless.stop();
  }
});
