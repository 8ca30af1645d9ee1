/** Access keys on both transports: who may do what, what refusals say, and that no key is ever logged. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { post, send, startTestServer, TestSocket, type TestServer } from './support.js';

const ADMIN = ['admin-key-one-0123456789', 'admin-key-two-0123456789'] as const;
const PUBLIC = ['public-key-one-0123456789', 'public-key-two-0123456789'] as const;

const PUBLIC_QUERY = '{ hello }';
const ADMIN_QUERY = '{ hello requestId }';

let server: TestServer;
let keyless: TestServer;
beforeAll(async () => {
  server = await startTestServer({ keys: { admin: ADMIN, public: PUBLIC } });
  keyless = await startTestServer();
});
afterAll(() => Promise.all([server.server.stop(), keyless.server.stop()]));

interface Outcome {
  status?: number;
  code: unknown;
}

async function overHttp(query: string, authorization?: string): Promise<Outcome> {
  const { status, body } = await post(server.graphql, { query }, authorization === undefined ? {} : { authorization });
  return { status, code: body.errors?.[0]?.extensions.code ?? null };
}

async function overSocket(query: string, authorization?: string): Promise<Outcome> {
  const socket = await TestSocket.open(server.socketUrl);
  socket.send({ type: 'connection_init', payload: authorization === undefined ? undefined : { authorization } });
  try {
    await socket.next();
  } catch {
    return { code: (await socket.closed).code };
  }
  socket.subscribe('1', query);
  const { type, payload } = await socket.next();
  await socket.close();
  return { code: type === 'error' ? (payload as { extensions: { code: string } }[])[0]?.extensions.code : null };
}

describe.each([
  ['HTTP', overHttp],
  ['WebSocket', overSocket],
] as const)('over %s', (transport, call) => {
  const isHttp = transport === 'HTTP';
  const codeOf = async (query: string, authorization?: string): Promise<unknown> => (await call(query, authorization)).code;

  test.each(ADMIN)('each admin key may do everything', async (key) => {
    expect(await codeOf(ADMIN_QUERY, `Bearer ${key}`)).toBeNull();
    expect(await codeOf('mutation { bump }', `Bearer ${key}`)).toBeNull();
  });

  test.each(PUBLIC)('each public key may do what is public, and nothing more', async (key) => {
    expect(await codeOf(PUBLIC_QUERY, `Bearer ${key}`)).toBeNull();
    expect(await call(ADMIN_QUERY, `Bearer ${key}`)).toEqual(isHttp ? { status: 403, code: 'FORBIDDEN' } : { code: 'FORBIDDEN' });
    expect(await codeOf('mutation { bump }', `Bearer ${key}`)).toBe('FORBIDDEN');
    expect(await codeOf('subscription { ticks }', `Bearer ${key}`)).toBe(isHttp ? 'BAD_REQUEST' : 'FORBIDDEN');
  });

  test('without a key nothing may be done, also nothing public', async () => {
    expect(await call(PUBLIC_QUERY)).toEqual(isHttp ? { status: 401, code: 'UNAUTHENTICATED' } : { code: 'UNAUTHENTICATED' });
    expect(await codeOf('mutation { bump }')).toBe('UNAUTHENTICATED');
    expect(await codeOf('subscription { ticks }')).toBe(isHttp ? 'BAD_REQUEST' : 'UNAUTHENTICATED');
  });

  test.each([`Bearer ${ADMIN[0]}x`, `Bearer ${ADMIN[0].slice(0, -1)}`, `Bearer ${ADMIN[0].toUpperCase()}`, `Basic ${ADMIN[0]}`, ADMIN[0], 'Bearer', `Bearer ${ADMIN.join(',')}`])('a key that is not quite right is none: %s', async (authorization) => {
    expect(await call(PUBLIC_QUERY, authorization)).toEqual(isHttp ? { status: 401, code: 'UNAUTHENTICATED' } : { code: 4403 });
  });

  test('introspection and __typename need no key', async () => {
    expect(await codeOf('{ __typename }')).toBeNull();
    expect(await codeOf(getIntrospectionQuery())).toBeNull();
  });

  test.each([
    'query { ...F } fragment F on Query { requestId }',
    'query { ... on Query { ... { requestId } } }',
    'query { hello: requestId }',
    '{ __typename requestId }',
    'query($no: Boolean = false) { requestId @include(if: $no) }',
    'query { ...A } fragment A on Query { ...B } fragment B on Query { deep { leaf } }',
  ])('what is not public is found however it is written: %s', async (query) => {
    expect(await codeOf(query, `Bearer ${PUBLIC[0]}`)).toBe('FORBIDDEN');
  });
});

test('only the operation that is run counts, not its neighbours in the document', async () => {
  const { body } = await post(server.graphql, { query: 'query A { hello } query B { requestId }', operationName: 'A' }, { authorization: `Bearer ${PUBLIC[0]}` });
  expect(body).toEqual({ data: { hello: 'hello world' } });
});

test('a refused request has not begun: not even its public part has run', async () => {
  const { body } = await post(server.graphql, { query: 'mutation { bump importDocuments(documents: []) }' }, { authorization: `Bearer ${PUBLIC[0]}` });
  expect(body.data ?? null).toBeNull();
  const { body: after } = await post(server.graphql, { query: 'mutation { bump(by: 0) }' }, { authorization: `Bearer ${ADMIN[0]}` });
  const { body: again } = await post(server.graphql, { query: 'mutation { bump(by: 0) }' }, { authorization: `Bearer ${ADMIN[0]}` });
  expect(again).toEqual(after);
});

test('a refusal says how a key is sent, names the scheme in a header, and repeats no key', async () => {
  const { headers, text } = await post(server.graphql, { query: PUBLIC_QUERY }, { authorization: 'Bearer nobody-knows-this-key' });
  expect(headers.get('www-authenticate')).toBe('Bearer');
  expect(text).toContain('Authorization: Bearer');
  expect(text).not.toContain('nobody-knows-this-key');
});

test('a query by GET needs the key, too', async () => {
  expect((await send(`${server.graphql}?query=${encodeURIComponent(PUBLIC_QUERY)}`)).status).toBe(401);
  expect((await send(`${server.graphql}?query=${encodeURIComponent(PUBLIC_QUERY)}`, { headers: { authorization: `Bearer ${PUBLIC[0]}` } })).status).toBe(200);
});

test('a program that can set headers may send the key with the upgrade', async () => {
  const socket = await TestSocket.open(server.socketUrl, { headers: { authorization: `Bearer ${ADMIN[0]}` } });
  socket.send({ type: 'connection_init' });
  await socket.next();
  socket.subscribe('1', ADMIN_QUERY);
  expect(await socket.next()).toMatchObject({ type: 'next' });
  await socket.close();
});

test('a server without keys asks nobody for one, and minds none', async () => {
  expect((await post(keyless.graphql, { query: ADMIN_QUERY })).status).toBe(200);
  expect((await post(keyless.graphql, { query: ADMIN_QUERY }, { authorization: 'Bearer whatever' })).status).toBe(200);
});

test('health needs no key', async () => {
  expect((await send(`${server.url}/healthz`)).status).toBe(200);
  expect((await send(`${server.url}/readyz`)).status).toBe(200);
});

test('no key is logged, neither right nor wrong', async () => {
  const wrong = 'Bearer nobody-knows-this-key';
  for (const authorization of [`Bearer ${ADMIN[0]}`, `Bearer ${PUBLIC[0]}`, wrong]) {
    for (const query of ['{ secret }', '{ unavailable }', '{ broken', '{ requestId }']) {
      await post(server.graphql, { query }, { authorization });
      await overSocket(query, authorization);
    }
    await post(server.graphql, '{', { authorization });
  }
  expect(server.log.length).toBeGreaterThan(0);
  const text = JSON.stringify(server.log);
  for (const key of [...ADMIN, ...PUBLIC, wrong]) expect(text).not.toContain(key.replace('Bearer ', ''));
});
