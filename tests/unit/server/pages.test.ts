/** What is served besides the API: health, playground, dashboard; and errors, which are JSON wherever they come from. */
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { documentRules } from '../../../src/server/document-rules.js';
import { GRAPHIQL_EXAMPLES } from '../../../src/server/graphiql-examples.js';
import { DEFAULT_LIMITS } from '../../../src/limits.js';
import { send, sendRaw, startTestServer, type TestServer } from './support.js';

let site: TestServer;
beforeAll(async () => {
  site = await startTestServer();
});
afterAll(() => site.server.stop());

describe('health', () => {
  test('the process is alive', async () => {
    expect(await (await fetch(`${site.url}/healthz`)).json()).toEqual({ status: 'ok' });
  });

  test('ready comes with its checks', async () => {
    const response = await fetch(`${site.url}/readyz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ready', checks: { database: 'ok' } });
  });

  test.each<[string, () => Promise<{ ready: boolean; checks: Record<string, string> }>, Record<string, string>]>([
    ['that fails', async () => ({ ready: false, checks: { database: 'down' } }), { database: 'down' }],
    ['that throws', async () => Promise.reject(new Error('hunter2')), { readiness: 'the check failed; the log says why' }],
    ['that never answers', () => new Promise(() => undefined), { readiness: 'no answer within 2000 ms' }],
  ])('a check %s makes it not ready', async (_name, readiness, checks) => {
    const unready = await startTestServer({ readiness });
    const response = await fetch(`${unready.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 'not ready', checks });
    await unready.server.stop();
  });
});

describe('the client for pages', () => {
  const shop = 'https://shop.example';
  let dir: string;
  let server: TestServer;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'rankloop-client-'));
    await writeFile(join(dir, 'client.js'), 'export const createClient = 1;');
    server = await startTestServer({ clientDir: dir, allowedOrigins: [shop] });
  });
  afterAll(async () => {
    await server.server.stop();
    await rm(dir, { recursive: true });
  });

  test('is a module that browsers ask for again when it has changed', async () => {
    const response = await fetch(`${server.url}/client.js`);
    expect(await response.text()).toContain('createClient');
    expect(response.headers.get('content-type')).toMatch(/^(text|application)\/javascript/);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    // Not by fetch, which tells the server to disregard what it asks itself.
    const [again] = (await once(get(`${server.url}/client.js`, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } }), 'response')) as [IncomingMessage];
    expect(again.resume().statusCode).toBe(304);
  });

  test.each([
    [shop, shop],
    ['https://evil.example', null],
  ])('may be imported by a page of %s: %s', async (origin, allowed) => {
    const response = await fetch(`${server.url}/client.js`, { headers: { origin } });
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(response.headers.get('vary')).toMatch(/origin/i);
  });

  test('says how it is built when it is not there', async () => {
    const answer = await send(`${server.url}/client-subscriptions.js`);
    expect(answer.status).toBe(404);
    expect(answer.body.errors?.[0]?.message).toContain('npm run build');
  });
});

describe('errors outside GraphQL are JSON', () => {
  test.each([
    ['an unknown path', '/nowhere', 404, 'NOT_FOUND'],
    ['an unknown asset of the playground', '/graphiql/assets/other.js', 404, 'NOT_FOUND'],
    ['a bad escape in the address', '/%zz', 400, 'BAD_REQUEST'],
  ])('%s', async (_name, path, status, code) => {
    const answer = await send(site.url + path, { headers: { accept: 'application/json' } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect({ status: answer.status, code: answer.body.errors?.[0]?.extensions.code }).toEqual({ status, code });
  });

  test.each([
    ['bytes that are not HTTP', 'hello\r\n\r\n', 400],
    ['a method that does not exist', 'BREW /graphql HTTP/1.1\r\nhost: localhost\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}', 400],
  ])('%s', async (_name, bytes, status) => {
    const answer = await sendRaw(site.port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).not.toMatch(/<html/i);
  });
});

describe('headers', () => {
  test('the policy lets scripts come from here only, and none be made from text', async () => {
    const policy = (await fetch(`${site.url}/graphiql`)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toContain('unsafe-eval');
    expect(policy).not.toContain('upgrade-insecure-requests');
  });
});

describe('the playground', () => {
  test('is made of files that are all here', async () => {
    const page = await (await fetch(`${site.url}/graphiql`)).text();
    const start = await (await fetch(`${site.url}/graphiql/start.js`)).text();
    const client = await (await fetch(`${site.url}/graphiql/assets/client.js`)).text();
    const paths = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g), ...start.matchAll(/from '([^']+)'/g)].map(([, path]) => path);
    const imports = [...client.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => `/graphiql/assets/${name}`);
    expect(paths).toHaveLength(6);
    expect(imports.length).toBeGreaterThan(0);
    for (const path of [...paths, ...imports]) {
      const response = await fetch(site.url + path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get('content-type')).toMatch(/javascript|css/);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
  });

  test('has no script in the page itself', async () => {
    const page = await (await fetch(`${site.url}/graphiql`)).text();
    expect(page).not.toMatch(/<script[^>]*>[^<]/);
    expect(page).not.toMatch(/https?:\/\//);
  });

  test('offers examples that hold against the contract, within the limits', async () => {
    const folder = join('src', 'schema');
    const files = (await readdir(folder)).filter((name) => name.endsWith('.graphql'));
    const schema = buildSchema((await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('\n'));
    for (const { query } of GRAPHIQL_EXAMPLES) {
      expect(validate(schema, parse(query, { maxTokens: DEFAULT_LIMITS.maxTokens }), [...specifiedRules, ...documentRules(DEFAULT_LIMITS)])).toEqual([]);
    }
  });
});

describe('the dashboard', () => {
  test('not built, is a page that says how to build it', async () => {
    const response = await fetch(site.url);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await response.text()).toContain('npm run build');
  });

  describe('built', () => {
    /** Of this run alone: a file beside the dashboard's folder lies in it. */
    let parent: string;
    let folder: string;
    let built: TestServer;
    beforeAll(async () => {
      parent = await mkdtemp(join(tmpdir(), 'dashboard '));
      folder = join(parent, 'built');
      await mkdir(join(folder, 'assets'), { recursive: true });
      await writeFile(join(folder, 'index.html'), '<!doctype html><title>dashboard</title>');
      await writeFile(join(folder, 'assets', 'index-abc123.js'), 'export {}');
      await writeFile(join(folder, 'assets', 'index-abc123.js.gz'), gzipSync('export {}'));
      await writeFile(join(folder, '..', 'outside.txt'), 'outside');
      built = await startTestServer({ dashboardDir: folder });
    });
    afterAll(async () => {
      await built.server.stop();
      await rm(parent, { recursive: true });
    });

    test('is served at the root, and asked for again each time', async () => {
      const response = await fetch(built.url);
      expect(await response.text()).toContain('<title>dashboard');
      expect(response.headers.get('cache-control')).toBe('no-cache');
    });

    test('has assets that a browser keeps for ever', async () => {
      const response = await fetch(`${built.url}/assets/index-abc123.js`);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    });

    test('goes out compressed to who takes that, as it is to who does not', async () => {
      const compressed = await fetch(`${built.url}/assets/index-abc123.js`, { headers: { 'accept-encoding': 'gzip, br' } });
      expect(compressed.headers.get('content-encoding')).toBe('gzip');
      expect(compressed.headers.get('vary')).toBe('accept-encoding');
      expect(compressed.headers.get('content-type')).toMatch(/^(text|application)\/javascript/);
      expect(compressed.headers.get('cache-control')).toContain('immutable');
      expect(await compressed.text()).toBe('export {}');
      const plain = await fetch(`${built.url}/assets/index-abc123.js`, { headers: { 'accept-encoding': 'identity' } });
      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(await plain.text()).toBe('export {}');
    });

    test('answers for every page of its own to a browser', async () => {
      const response = await fetch(`${built.url}/models/41?tab=x`, { headers: { accept: 'text/html' } });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('<title>dashboard');
      expect(response.headers.get('cache-control')).toBe('no-cache');
    });

    test.each(['/models/41', '/assets/gone-abc123.js', '/..%2foutside.txt', '/assets/%2e%2e/%2e%2e/outside.txt'])('answers %s to a program with 404 in JSON', async (path) => {
      const answer = await send(built.url + path, { headers: { accept: 'application/json' } });
      expect(answer.status).toBe(404);
      expect(answer.body.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    });

    test('leaves the playground and the API in their places', async () => {
      expect((await fetch(`${built.url}/graphiql`)).status).toBe(200);
      expect((await fetch(`${built.url}/graphiql/assets/graphiql.min.js`)).status).toBe(200);
      expect((await fetch(`${built.url}/graphql?query={hello}`)).status).toBe(200);
    });
  });
});
