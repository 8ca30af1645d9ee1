/** The bounds of a request: documents on both transports, bodies over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { DEFAULT_LIMITS } from '../../../src/limits.js';
import { post, send, startTestServer, TestSocket, type GraphQLAnswer, type TestServer } from './support.js';

let site: TestServer;
beforeAll(async () => {
  site = await startTestServer();
});
afterAll(() => site.server.stop());

type Errors = GraphQLAnswer['body']['errors'];

async function errorsOverWebSocket(query: string): Promise<Errors> {
  const socket = await TestSocket.connect(site.socketUrl);
  socket.subscribe('1', query);
  const { type, payload } = await socket.next();
  await socket.close();
  return type === 'error' ? (payload as Errors) : (payload as GraphQLAnswer['body']).errors;
}

const transports: [string, (query: string) => Promise<Errors>][] = [
  ['HTTP', async (query) => (await post(site.graphql, { query })).body.errors],
  ['WebSocket', errorsOverWebSocket],
];

/** A query whose deepest field is on that level. */
function deep(levels: number): string {
  return `{ ${'deep { '.repeat(levels - 1)}leaf${' }'.repeat(levels - 1)} }`;
}

function introspect(levels: number): string {
  return `{ __schema { types { ${'fields { type { '.repeat((levels - 4) / 2)} name kind ${' } }'.repeat((levels - 4) / 2)} } } }`;
}

const many = (count: number, field: (n: number) => string): string => Array.from({ length: count }, (_, n) => field(n)).join(' ');

const { maxDepth, maxAliases, maxMutationRootFields, maxDirectives } = DEFAULT_LIMITS;
const nested = (levels: number): string => Array.from({ length: levels }, (_, n) => `fragment F${n} on Deep { ${n === levels - 1 ? 'leaf' : `deep { ...F${n + 1} }`} }`).join(' ');

const cases: [string, string, RegExp | null][] = [
  ['as deep as allowed', deep(maxDepth), null],
  ['too deep', deep(maxDepth + 1), /levels of fields: 9/],
  ['too deep through fragments', `{ deep { ...F0 } } ${nested(maxDepth)}`, /levels of fields: 9/],
  ['too deep through inline fragments', `{ deep { ... on Deep { ${'deep { '.repeat(7)} leaf ${'} '.repeat(7)} } } }`, /levels of fields: 9/],
  ['the introspection of tools', getIntrospectionQuery(), null],
  ['introspection too deep', introspect(24), /levels of introspection/],
  ['as many aliases as allowed', `{ ${many(maxAliases, (n) => `a${n}: hello`)} }`, null],
  ['too many aliases', `{ ${many(maxAliases + 1, (n) => `a${n}: hello`)} }`, /too many aliases: 16/],
  ['too many aliases of __typename', `{ ${many(maxAliases + 1, (n) => `a${n}: __typename`)} }`, /too many aliases: 16/],
  ['aliases multiplied by fragments', `{ deep { a: deep { ...F } b: deep { ...F } } } fragment F on Deep { ${many(8, (n) => `l${n}: leaf`)} }`, /too many aliases: 18/],
  ['as many root fields as allowed', `mutation { ${many(maxMutationRootFields, (n) => `b${n}: bump`)} }`, null],
  ['too many root fields of a mutation', `mutation { ${many(maxMutationRootFields + 1, (n) => `b${n}: bump`)} }`, /too many root fields: 11/],
  ['root fields through a fragment', `mutation { ...F } fragment F on Mutation { ${many(maxMutationRootFields + 1, (n) => `b${n}: bump`)} }`, /too many root fields: 11/],
  ['too many directives', `{ ${many(maxDirectives + 1, () => 'hello @include(if: true)')} }`, /more than 30 directives/],
  ['too many tokens', `{ ${many(1_000, () => 'hello')} }`, /1000 tokens/],
  ['circular fragments', '{ deep { ...A } } fragment A on Deep { deep { ...B } } fragment B on Deep { deep { ...A } }', /within itself/],
  ['a fragment that is not there', '{ deep { ...Missing } }', /Unknown fragment/],
];

describe.each(transports)('over %s', (_name, ask) => {
  test.each(cases)('%s', async (_case, query, refusal) => {
    const errors = await ask(query);
    if (!refusal) return expect(errors).toBeUndefined();
    expect(errors).toContainEqual(expect.objectContaining({ message: expect.stringMatching(refusal), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }));
    expect(errors!.length).toBeLessThanOrEqual(6);
  });
});

test('a document made to be slow is refused or answered soon', async () => {
  const doubling = many(60, (n) => `fragment F${n} on Deep { ...F${n + 1} ...F${n + 1} deep { ...F${n + 1} } }`);
  const began = performance.now();
  await post(site.graphql, { query: `{ deep { ...F0 } } ${doubling} fragment F60 on Deep { leaf }` });
  await post(site.graphql, { query: `{ ${many(240, () => 'deep { leaf }')} }` });
  expect(performance.now() - began).toBeLessThan(3_000);
});

describe('a body', () => {
  const importing = (bytes: number): string => JSON.stringify({ query: 'mutation($d: Any!) { importDocuments(documents: $d) }', variables: { d: ['x'.repeat(bytes)] } });
  const hello = (bytes: number): string => JSON.stringify({ query: '{ hello }', padding: 'x'.repeat(bytes) });
  const mixed = (bytes: number): string => JSON.stringify({ query: 'mutation($d: Any!) { importDocuments(documents: $d) bump }', variables: { d: ['x'.repeat(bytes)] } });
  const MB = 1024 * 1024;

  test.each<[string, string, number]>([
    ['of nearly 1 MB is read', hello(MB - 100), 200],
    ['over 1 MB is refused', hello(MB), 413],
    ['over 1 MB that imports documents is read', importing(2 * MB), 200],
    ['of nearly 8 MB that imports documents is read', importing(8 * MB - 200), 200],
    ['over 8 MB is refused, whatever it does', importing(8 * MB), 413],
    ['over 1 MB that imports and does something else is refused', mixed(2 * MB), 413],
  ])('%s', async (_name, body, status) => {
    const answer = await post(site.graphql, body);
    expect(answer.status).toBe(status);
    if (status === 413) expect(answer.body.errors?.[0]?.extensions.code).toBe('PAYLOAD_TOO_LARGE');
  });

  test('over the limit is refused also when it comes in chunks without a length', async () => {
    const stream = new ReadableStream({
      start(controller) {
        for (const part of hello(2 * MB).match(/.{1,100000}/g) ?? []) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    const answer = await send(site.graphql, { method: 'POST', headers: { 'content-type': 'application/json' }, body: stream, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(413);
  });
});

test('limits are configurable', async () => {
  const strict = await startTestServer({ limits: { ...DEFAULT_LIMITS, maxDepth: 2, maxBodyBytes: 1_000 } });
  expect((await post(strict.graphql, { query: deep(3) })).body.errors?.[0]?.message).toMatch(/levels of fields: 3, but at most 2/);
  expect((await post(strict.graphql, { query: '{ hello }', padding: 'x'.repeat(1_000) })).status).toBe(413);
  await strict.server.stop();
});
