/** Traces, as a collector gets them from a server in a process of its own: what is told, what is not, and that nothing depends on the collector. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from '@jest/globals';
import { startChild } from '../support/child-app.js';
import { freePort } from '../support/free-port.js';
import { HEARTS, importDocuments, search } from '../support/operations.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { attributesOf, startTraceCollector, type TraceCollector } from '../support/trace-collector.js';

const SERVER = 2;
const CLIENT = 3;
const QUERY = 'green unmistakable';
const USER = 'user-of-this-test';
const ADMIN_KEY = 'a-key-for-the-tracing-test';
const NAMED = 'query Looking($query: String!) { previewRanking(query: $query) { results { position } } }';

let database: TestDatabase;
let modelsDir: string;
let collector: TraceCollector;

beforeAll(async () => {
  database = await createTestDatabase();
  modelsDir = await mkdtemp(path.join(tmpdir(), 'rankloop models '));
});

beforeEach(async () => {
  collector = await startTraceCollector();
});

afterEach(() => collector.close());

afterAll(async () => {
  await rm(modelsDir, { recursive: true, force: true });
  await database.drop();
});

/** Makes a process say at its end how many files of OpenTelemetry it loaded; prom-client has a use for its bare interfaces. */
const COUNT_LOADED = `import { createRequire } from 'node:module'; process.on('exit', () => process.stdout.write('loaded ' + Object.keys(createRequire('/').cache).filter((file) => /@opentelemetry.(?!api[^a-z-])/.test(file)).length + '\\n'));`;
const COUNTING = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(COUNT_LOADED)}` };

test('a request has a span with its operation, its statements have theirs beneath, and none tells who searched for what', async () => {
  const child = await startChild({ database, modelsDir }, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, RANKLOOP_ADMIN_KEYS: ADMIN_KEY, ...COUNTING });
  const { url } = child.client;
  const asAdmin = async (body: object): Promise<Response> => {
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_KEY}` }, body: JSON.stringify(body) });
    await response.text();
    return response;
  };
  await asAdmin({ query: 'mutation($documents: [DocumentInput!]!) { importDocuments(input: { documents: $documents }) { imported } }', variables: { documents: HEARTS } });
  const answer = await asAdmin({ query: 'mutation Find($input: SearchInput!) { search(input: $input) { searchId } }', variables: { input: { query: QUERY, userId: USER } } });
  const question = new URLSearchParams({ query: NAMED, variables: JSON.stringify({ query: QUERY }) });
  await (await fetch(`${url}/graphql?${question}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })).text();
  expect(await child.stop()).toContainEqual(expect.stringMatching(/^loaded [1-9]/));

  const spans = collector.spans();
  const found = spans.find((span) => attributesOf(span)['graphql.operation.name'] === 'Find')!;
  expect(found).toMatchObject({ name: 'POST /graphql', kind: SERVER });
  expect(attributesOf(found)).toMatchObject({
    'http.route': '/graphql',
    'http.response.status_code': 200,
    'graphql.operation.type': 'mutation',
    'rankloop.field': 'search',
    'rankloop.request_id': answer.headers.get('x-request-id'),
  });
  const statements = spans.filter((span) => span.traceId === found.traceId && span.kind === CLIENT && 'db.query.text' in attributesOf(span));
  expect(statements.length).toBeGreaterThan(0);
  expect(statements.some((span) => /insert into/i.test(String(attributesOf(span)['db.query.text'])))).toBe(true);
  const family = new Set(spans.filter(({ traceId }) => traceId === found.traceId).map(({ spanId }) => spanId));
  for (const { parentSpanId } of statements) expect(family).toContain(parentSpanId);
  expect(attributesOf(spans.find((span) => span.name === 'GET /graphql')!)).toMatchObject({ 'graphql.operation.name': 'Looking', 'rankloop.field': 'previewRanking' });
  expect(collector.resource()).toMatchObject({ 'service.name': 'rankloop' });
  for (const secret of ['unmistakable', USER, ADMIN_KEY, 'user_agent', 'url.query', 'client.address']) expect(collector.bodies.join('\n')).not.toContain(secret);
});

test('OTEL_SERVICE_NAME names the service, and a trace begun elsewhere goes on', async () => {
  const child = await startChild({ database, modelsDir }, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`, OTEL_SERVICE_NAME: 'search of the shop' });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await (await fetch(`${child.client.url}/readyz`, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } })).text();
  await child.stop();
  expect(collector.resource()).toMatchObject({ 'service.name': 'search of the shop' });
  expect(collector.spans().filter((span) => span.traceId === traceId)).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: 'GET /readyz', kind: SERVER, parentSpanId: '00f067aa0ba902b7' }), expect.objectContaining({ kind: CLIENT })]),
  );
});

test('without an endpoint none of the packages is loaded, and nothing is sent', async () => {
  const child = await startChild({ database, modelsDir }, COUNTING);
  await search(child.client, QUERY);
  expect(await child.stop()).toContain('loaded 0');
  expect(collector.bodies).toEqual([]);
});

test('a collector that is down is one line in the log, and delays the stop by two seconds at most', async () => {
  const child = await startChild({ database, modelsDir }, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`, OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
  await importDocuments(child.client, HEARTS);
  // Each is a batch of its own that fails.
  for (let nth = 0; nth < 5; nth += 1) {
    await search(child.client, QUERY);
    await sleep(500);
  }
  const since = performance.now();
  const lines = await child.stop();
  expect(performance.now() - since).toBeLessThan(5_000);
  expect(lines.filter((line) => line.includes('OpenTelemetry has trouble')).length).toBe(1);
});
