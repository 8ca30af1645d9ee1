/** Who may talk to the server: the table of Origin and Host, on HTTP and on WebSocket. */
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { startTestServer, type TestServer } from './support.js';

const ALLOWED_ORIGIN = 'https://app.example';

let site: TestServer;
let open: TestServer;
beforeAll(async () => {
  const lists = { allowedOrigins: [ALLOWED_ORIGIN], allowedHosts: ['rank.internal', 'other.internal:8080'] };
  site = await startTestServer(lists);
  open = await startTestServer({ ...lists, host: '0.0.0.0' });
});
afterAll(() => Promise.all([site.server.stop(), open.server.stop()]));

type Headers = Record<string, string>;

/** fetch may not set Host and Origin; node:http may. */
async function overHttp(port: number, headers: Headers, method = 'POST', path = '/graphql'): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers: { 'content-type': 'application/json', ...headers }, agent: false });
  sent.end(method === 'POST' ? '{"query":"mutation { bump }"}' : undefined);
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, headers: response.headers, body };
}

/** The status of the handshake: 101 when the socket opened. */
async function overWebSocket(port: number, headers: Headers, path = '/graphql'): Promise<{ status: number; body: string }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'graphql-transport-ws', { headers });
  socket.on('error', () => undefined);
  const opened = once(socket, 'open').then(() => ({ status: 101, body: '' }));
  const refused = once(socket, 'unexpected-response').then(async ([, response]) => {
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return { status: Number(response.statusCode), body };
  });
  const outcome = await Promise.race([opened, refused]);
  socket.terminate();
  opened.catch(() => undefined);
  refused.catch(() => undefined);
  return outcome;
}

const PORT = '<port>';
const cases: [string, Headers, boolean][] = [
  ['no Origin', {}, true],
  ['its own origin', { host: `localhost:${PORT}`, origin: `http://localhost:${PORT}` }, true],
  ['its own origin by address', { host: `127.0.0.1:${PORT}`, origin: `http://127.0.0.1:${PORT}` }, true],
  ['its own origin by IPv6 address', { host: `[::1]:${PORT}`, origin: `http://[::1]:${PORT}` }, true],
  ['an allowed origin', { origin: ALLOWED_ORIGIN }, true],
  ['its own origin behind a TLS proxy', { host: 'rank.internal', origin: 'https://rank.internal', 'x-forwarded-proto': 'https' }, true],
  ['a foreign origin', { origin: 'https://evil.example' }, false],
  ['an origin that begins like an allowed one', { origin: `${ALLOWED_ORIGIN}.evil.example` }, false],
  ['an allowed name with another scheme', { origin: 'http://app.example' }, false],
  ['its own name with another port', { host: `localhost:${PORT}`, origin: 'http://localhost:1' }, false],
  ['its own name with another scheme', { host: `localhost:${PORT}`, origin: `https://localhost:${PORT}` }, false],
  ['the origin "null" of a sandboxed page', { origin: 'null' }, false],
  ['an empty origin', { origin: '' }, false],
];

const transports = [
  ['HTTP', (port: number, headers: Headers) => overHttp(port, headers), 200],
  ['WebSocket', (port: number, headers: Headers) => overWebSocket(port, headers), 101],
] as const;

function fill(headers: Headers, port: number): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(PORT, String(port))]));
}

describe.each(transports)('over %s', (_transport, call, passed) => {
  test.each(cases)('%s', async (_name, headers, passes) => {
    const { status, body } = await call(site.port, fill(headers, site.port));
    expect(status).toBe(passes ? passed : 403);
    if (!passes) expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  test.each([
    [`localhost:${PORT}`, true],
    ['LOCALHOST', true],
    ['127.0.0.1:1234', true],
    [`[::1]:${PORT}`, true],
    ['rank.internal', true],
    ['rank.internal:9999', true],
    ['other.internal:8080', true],
    ['other.internal:8081', false],
    ['evil.example', false],
    [`evil.example:${PORT}`, false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['10.0.0.1', false],
    ['a b', false],
  ])('the Host %s on a loopback bind', async (host, passes) => {
    expect((await call(site.port, fill({ host }, site.port))).status).toBe(passes ? passed : 403);
  });

  test('a rebound name with an origin to match is refused on a loopback bind', async () => {
    expect((await call(site.port, { host: `evil.example:${site.port}`, origin: `http://evil.example:${site.port}` })).status).toBe(403);
  });

  test('a bind to other addresses answers to any name, but not to foreign origins', async () => {
    expect((await call(open.port, { host: 'rank.example' })).status).toBe(passed);
    expect((await call(open.port, { host: 'rank.example', origin: 'https://evil.example' })).status).toBe(403);
  });
});

test('the Host is checked on every path, the Origin for every method of the API', async () => {
  for (const path of ['/', '/graphiql', '/healthz', '/nowhere']) expect((await overHttp(site.port, { host: 'evil.example' }, 'GET', path)).status).toBe(403);
  for (const method of ['GET', 'HEAD', 'PUT', 'OPTIONS', 'DELETE']) expect((await overHttp(site.port, { origin: 'https://evil.example' }, method)).status).toBe(403);
});

test('sockets are served at /graphql only', async () => {
  expect((await overWebSocket(site.port, {}, '/')).status).toBe(404);
  expect((await overWebSocket(site.port, {}, '/graphql/x')).status).toBe(404);
  expect((await overWebSocket(site.port, {}, '/graphql?key=x')).status).toBe(101);
});

describe('a GET that a browser sends for another site', () => {
  const get = (headers: Headers): Promise<{ status: number }> => overHttp(site.port, headers, 'GET', '/graphql?query={hello}');

  test.each([
    ['same-origin', 200],
    ['none', 200],
    ['same-site', 403],
    ['cross-site', 403],
  ])('sec-fetch-site: %s is answered with %i', async (site, status) => {
    expect((await get({ 'sec-fetch-site': site })).status).toBe(status);
  });

  test('is answered when its origin is allowed', async () => {
    expect((await get({ 'sec-fetch-site': 'cross-site', origin: ALLOWED_ORIGIN })).status).toBe(200);
  });
});

describe('CORS', () => {
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,authorization' };

  test('a preflight of an allowed origin is granted', async () => {
    const { status, headers } = await overHttp(site.port, { origin: ALLOWED_ORIGIN, ...preflight }, 'OPTIONS');
    expect(status).toBe(204);
    expect(headers).toMatchObject({ 'access-control-allow-origin': ALLOWED_ORIGIN, 'access-control-allow-headers': 'content-type,authorization', 'access-control-allow-methods': 'GET, POST' });
  });

  test('a response to an allowed origin may be read by it, also an error', async () => {
    for (const type of ['application/json', 'text/plain']) {
      const { headers } = await overHttp(site.port, { origin: ALLOWED_ORIGIN, 'content-type': type });
      expect(headers).toMatchObject({ 'access-control-allow-origin': ALLOWED_ORIGIN, vary: 'Origin' });
    }
  });

  test('a foreign origin is granted nothing', async () => {
    const { status, headers } = await overHttp(site.port, { origin: 'https://evil.example', ...preflight }, 'OPTIONS');
    expect(status).toBe(403);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});
