/** A client whose requests are at fault again and again is refused unread for a while, over HTTP and WebSocket together; others, and admins, are not. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { post, startTestServer, TestSocket, type GraphQLAnswer, type TestServer } from './support.js';

const ADMIN = 'admin-0123456789abcdef';
const PUBLIC = 'public-0123456789abcdef';
const FAULTS = 3;
const SHOP = 'https://shop.example';
const HERE = '203.0.113.1';
const ELSEWHERE = '203.0.113.2';

let site: TestServer;

beforeEach(async () => {
  site = await startTestServer({ keys: { admin: [ADMIN], public: [PUBLIC] }, trustedProxies: ['loopback'], allowedOrigins: [SHOP], faultsPerMinute: FAULTS });
});

afterEach(() => site.server.stop());

function ask(body: unknown, { from = HERE, key = PUBLIC, ...headers }: Record<string, string> = {}): Promise<GraphQLAnswer> {
  return post(site.graphql, body, { authorization: `Bearer ${key}`, 'x-forwarded-for': from, ...headers });
}

function socketOf(from = HERE, key = PUBLIC): Promise<TestSocket> {
  return TestSocket.open(site.socketUrl, { headers: { 'x-forwarded-for': from, authorization: `Bearer ${key}` } });
}

async function connected(from = HERE, key = PUBLIC): Promise<TestSocket> {
  const socket = await socketOf(from, key);
  socket.send({ type: 'connection_init' });
  expect(await socket.next()).toEqual({ type: 'connection_ack' });
  return socket;
}

const HELLO = { query: '{ hello }' };

async function expectToBeBlocked(): Promise<void> {
  const refused = await ask(HELLO);
  expect(refused).toMatchObject({ status: 429, body: { errors: [{ message: expect.stringContaining(`${FAULTS} requests a minute`), extensions: { code: 'RATE_LIMITED', limit: FAULTS } }] } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(refused.headers.get('x-request-id')).toBeTruthy();
  // A page can read it.
  const fromPage = await ask(HELLO, { origin: SHOP });
  expect({ status: fromPage.status, allowed: fromPage.headers.get('access-control-allow-origin') }).toEqual({ status: 429, allowed: SHOP });
  const socket = await socketOf();
  socket.send({ type: 'connection_init' });
  expect(await socket.closed).toMatchObject({ code: 4420 });

  expect((await ask(HELLO, { from: ELSEWHERE })).status).toBe(200);
  await (await connected(ELSEWHERE)).close();
  expect((await ask(HELLO, { key: ADMIN })).status).toBe(200);
  await (await connected(HERE, ADMIN)).close();
}

test.each<[string, unknown, Record<string, string>, number]>([
  ['a syntax error', { query: '{' }, {}, 400],
  ['a syntax error that a client of old wants to read with 200', { query: '{' }, { accept: 'application/json' }, 200],
  ['an unknown field', { query: '{ none }' }, {}, 400],
  ['broken JSON', '{"query', {}, 400],
  ['a batch', [HELLO], {}, 400],
  ['a key that is not known', HELLO, { key: 'guessed-0123456789abcdef' }, 401],
  ['what a public key may not do', { query: '{ nothing }' }, {}, 403],
  ['a foreign page', HELLO, { origin: 'https://evil.example' }, 403],
  ['another content type', 'hello', { 'content-type': 'text/plain' }, 415],
])('%s counts', async (_what, body, headers, status) => {
  for (let fault = 0; fault <= FAULTS; fault++) expect((await ask(body, headers)).status).toBe(status);
  await expectToBeBlocked();
});

test('a large body counts as much as many small ones', async () => {
  expect((await ask({ query: `{ hello } #${'x'.repeat(1024 * 1024)}` })).status).toBe(413);
  await expectToBeBlocked();
});

test.each<[string, (socket: TestSocket) => void, number]>([
  ['garbage', (socket) => socket.send('garbage'), 4400],
  ['a frame too large', (socket) => socket.send('x'.repeat(70 * 1024)), 1009],
  ['a second introduction', (socket) => socket.send({ type: 'connection_init' }), 4429],
])('over WebSocket %s counts', async (_what, strike, code) => {
  for (let fault = 0; fault <= FAULTS; fault++) {
    const socket = await connected();
    strike(socket);
    expect(await socket.closed).toMatchObject({ code });
  }
  await expectToBeBlocked();
});

test('over WebSocket a wrong key counts, and each operation that is at fault; a socket that is open is told of it', async () => {
  const open = await connected();
  const wrong = await socketOf(HERE, 'guessed-0123456789abcdef');
  wrong.send({ type: 'connection_init' });
  expect(await wrong.closed).toMatchObject({ code: 4403 });
  for (const [id, query, code] of [['1', '{', 'GRAPHQL_PARSE_FAILED'], ['2', '{ none }', 'GRAPHQL_VALIDATION_FAILED'], ['3', '{ nothing }', 'FORBIDDEN'], ['4', '{ hello }', 'RATE_LIMITED']] as const) {
    open.subscribe(id, query);
    expect(await open.next()).toMatchObject({ id, type: 'error', payload: [{ extensions: { code } }] });
  }
  await open.close();
  await expectToBeBlocked();
});

test('what is in order does not count, however often', async () => {
  const socket = await connected();
  for (let turn = 0; turn < 3 * FAULTS; turn++) {
    expect((await ask(HELLO)).status).toBe(200);
    socket.subscribe(String(turn), '{ hello }');
    expect(await socket.next()).toMatchObject({ type: 'next' });
    expect(await socket.next()).toMatchObject({ type: 'complete' });
  }
  await socket.close();
});

/** Milliseconds that so many faults take, one after the other. */
async function faultsTake(faults: number, from: string): Promise<number> {
  const startedAt = performance.now();
  for (let fault = 0; fault < faults; fault++) await ask({ query: '{' }, { from });
  return performance.now() - startedAt;
}

test('who goes on is answered a moment later, before it is blocked and after', async () => {
  const patient = await startTestServer({ keys: { admin: [ADMIN], public: [PUBLIC] }, trustedProxies: ['loopback'], faultsPerMinute: 40 });
  await site.server.stop();
  site = patient;
  await faultsTake(10, HERE);
  // No less than the pauses; how much longer is the machine's.
  expect(await faultsTake(20, HERE)).toBeGreaterThanOrEqual(20 * 14);
  await faultsTake(11, HERE);
  expect(await faultsTake(5, HERE)).toBeGreaterThanOrEqual(5 * 14);
  expect((await ask(HELLO)).status).toBe(429);
});

test('without a limit nobody is blocked', async () => {
  const lenient = await startTestServer({ keys: { admin: [ADMIN], public: [PUBLIC] }, faultsPerMinute: 0 });
  for (let fault = 0; fault < 10; fault++) expect((await post(lenient.graphql, { query: '{' }, { authorization: `Bearer ${PUBLIC}` })).status).toBe(400);
  await lenient.server.stop();
});
