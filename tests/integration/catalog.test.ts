/** The catalogue over the API: import, replace, delete, pages, languages, and the index that follows in every process. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer, ApiClient } from '../support/api-client.js';
import { eventually, importDocuments, preview, sampleStats, search } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

let running: RunningApp;
let client: ApiClient;

beforeAll(async () => {
  running = await startApp();
  ({ client } = running);
});

afterAll(() => running.stop());

async function remove(ids: string[], by: ApiClient = client): Promise<number> {
  return (await by.query('mutation($ids: [ID!]!) { deleteDocuments(input: { ids: $ids }) { deleted } }', { ids })).deleteDocuments.deleted;
}

async function document(id: string): Promise<Answer> {
  return (await client.query('query($id: ID!) { document(id: $id) { id title body attributes impressions clicks } }', { id })).document;
}

/** Every document, by pages of `first`. */
async function pages(first: number): Promise<string[][]> {
  const read: string[][] = [];
  for (let after: string | null = null; ; ) {
    const { documents } = await client.query(
      'query($first: Int!, $after: String) { documents(first: $first, after: $after) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } }',
      { first, after },
    );
    expect(documents.pageInfo.hasPreviousPage).toBe(read.length > 0);
    read.push(documents.edges.map((edge: Answer) => edge.node.id));
    if (!documents.pageInfo.hasNextPage) return read;
    after = documents.pageInfo.endCursor;
  }
}

async function clear(by: ApiClient = client): Promise<void> {
  for (;;) {
    const { documents } = await by.query('{ documents(first: 200) { edges { node { id } } } }');
    if (documents.edges.length === 0) return;
    await remove(documents.edges.map((edge: Answer) => edge.node.id), by);
  }
}

test('good rows are stored and bad ones reported with their index, a code and what is wrong', async () => {
  const good = { id: 'good', title: 'a walrus', body: '', attributes: { text: 'a literal \\u0000 is no NUL', list: [1.5, { deep: true }], 'ключ': null } };
  const bad = [
    { id: '', title: 'no id' },
    { id: 'x'.repeat(129), title: 'long id' },
    { id: 'nul\0', title: 'nul in id' },
    { id: 'b', title: '' },
    { id: 'b', title: 't'.repeat(1_025) },
    { id: 'b', title: 'half \ud800 a pair' },
    { id: 'b', title: 'b', body: 'nul \0' },
    { id: 'b', title: 'b', body: '心'.repeat(65_536 / 3 + 1) },
    { id: 'b', title: 'b', attributes: { long: 'x'.repeat(16_384) } },
    { id: 'b', title: 'b', attributes: { nul: ['\0'] } },
    { id: 'b', title: 'b', attributes: { '\udc00': 1 } },
    { id: 'b', title: 'b', attributes: { deep: JSON.parse('['.repeat(32) + ']'.repeat(32)) } },
  ];
  const answer = await importDocuments(client, [...bad, good]);
  expect(answer.imported).toBe(1);
  expect(answer.errors.map(({ index, code }: Answer) => ({ index, code }))).toEqual(bad.map((_, index) => ({ index, code: 'BAD_USER_INPUT' })));
  expect(answer.errors.map(({ message }: Answer) => message.split(' ')[0])).toEqual(
    ['id', 'id', 'id', 'title', 'title', 'title', 'body', 'body', 'attributes', 'attributes', 'attributes', 'attributes'],
  );
  expect(await document('good')).toEqual({ ...good, impressions: 0, clicks: 0 });
  expect(await document('b')).toBeNull();
});

test('the last of two rows with one id wins, and is searched', async () => {
  const answer = await importDocuments(client, [
    { id: 'twin', title: 'first penguin' },
    { id: 'other', title: 'an other one' },
    { id: 'twin', title: 'second puffin' },
  ]);
  expect(answer).toEqual({ imported: 2, errors: [] });
  expect((await document('twin')).title).toBe('second puffin');
  expect(await preview(client, 'penguin')).toEqual([]);
  expect(await preview(client, 'puffin')).toEqual(['twin']);
});

test('a replaced document is found by its new words only, a deleted one not at all', async () => {
  await importDocuments(client, [{ id: 'r', title: 'lantern', body: 'of brass', attributes: { a: 1 } }, { id: 'd', title: 'lantern of tin' }]);
  expect(await preview(client, 'lantern')).toEqual(['r', 'd']);
  await importDocuments(client, [{ id: 'r', title: 'candle' }]);
  expect(await document('r')).toMatchObject({ title: 'candle', body: '', attributes: {} });
  expect(await preview(client, 'brass')).toEqual([]);
  expect(await preview(client, 'candle')).toEqual(['r']);
  expect(await remove(['d', 'd', 'never there'])).toBe(1);
  expect(await remove(['d'])).toBe(0);
  expect(await document('d')).toBeNull();
  expect(await preview(client, 'lantern')).toEqual([]);
  // Deleted and imported again: there again, here and in the tables that other processes read.
  await importDocuments(client, [{ id: 'd', title: 'lantern of gold' }]);
  expect(await preview(client, 'lantern')).toEqual(['d']);
});

test('1,000 documents, 64 KB of body and 16 KB of attributes are taken; more is refused', async () => {
  const many = Array.from({ length: 1_000 }, (_, nth) => ({ id: `many ${nth}`, title: `zebra number ${nth} w${nth}x v${nth}y` }));
  expect(await importDocuments(client, many)).toEqual({ imported: 1_000, errors: [] });
  // The answer comes when this process' index is current.
  expect(await preview(client, 'w999x')).toEqual(['many 999']);
  const refusal = await client.error('mutation($documents: [DocumentInput!]!) { importDocuments(input: { documents: $documents }) { imported } }', {
    documents: [...many, { id: 'one more', title: 'x' }],
  });
  expect(refusal.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'documents', max: 1_000 });
  const tooManyIds = await client.error('mutation($ids: [ID!]!) { deleteDocuments(input: { ids: $ids }) { deleted } }', { ids: Array(1_001).fill('x') });
  expect(tooManyIds.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'ids', max: 1_000 });
  const attributes = { text: 'x'.repeat(16_384 - '{"text":""}'.length) };
  expect(await importDocuments(client, [{ id: 'large', title: 'l', body: 'y'.repeat(65_536), attributes }])).toEqual({ imported: 1, errors: [] });
  expect((await document('large')).attributes).toEqual(attributes);
});

test('pages go by id and end, and only a cursor of this list is taken', async () => {
  await clear();
  const ids = Array.from({ length: 7 }, (_, nth) => `page ${nth}`);
  await importDocuments(client, ids.map((id) => ({ id, title: id })));
  expect(await pages(3)).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)]);
  expect(await pages(7)).toEqual([ids]);
  for (const first of [0, -1, 201]) {
    expect((await client.error('query($first: Int!) { documents(first: $first) { edges { cursor } } }', { first })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'first', min: 1, max: 200 });
  }
  const cursor = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');
  for (const after of ['', 'nonsense', cursor('sample', 'page 1'), cursor('document'), cursor('document', 5), cursor('document', 'a\0')]) {
    expect((await client.error('query($after: String) { documents(after: $after) { edges { cursor } } }', { after })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  }
  expect((await client.error('query($id: ID!) { document(id: $id) { id } }', { id: '\0' })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'id' });
});

test('a second process finds what was imported, replaced and deleted in the first, at once; a restarted one loads it', async () => {
  await clear();
  const { client: second } = await running.startReplica();
  await importDocuments(client, [{ id: 'one', title: 'comet' }, { id: 'two', title: 'comet tail' }]);
  await eventually(async () => expect(await preview(second, 'comet')).toEqual(['one', 'two']), 1_500);
  await importDocuments(second, [{ id: 'one', title: 'meteor' }]);
  await remove(['two'], second);
  await eventually(async () => expect(await Promise.all([preview(client, 'comet'), preview(client, 'meteor')])).toEqual([[], ['one']]), 1_500);
  await running.restart();
  ({ client } = running);
  expect(await Promise.all([preview(client, 'comet'), preview(client, 'meteor')])).toEqual([[], ['one']]);
});

test('Chinese and Thai queries find their documents', async () => {
  await clear();
  await importDocuments(client, [
    { id: 'zh heart', title: '红心', body: '爱情的红色心形符号' },
    { id: 'zh cat', title: '笑脸猫', body: '开心的猫' },
    { id: 'th', title: 'หัวใจสีแดง', body: 'สัญลักษณ์แห่งความรัก' },
    { id: 'accent', title: 'Crème brûlée ＦＵＬＬ width' },
  ]);
  expect(await preview(client, '猫')).toEqual(['zh cat']);
  expect(await preview(client, '红色')).toEqual(['zh heart']);
  expect(await preview(client, 'หัวใจ')).toEqual(['th']);
  expect(await preview(client, 'full WIDTH')).toEqual(['accent']);
});

test('a query whose words nothing has falls back to titles alike, with the similarity as base score', async () => {
  await importDocuments(client, [{ id: 'hurricane', title: 'hurricane', body: 'a storm' }, { id: 'candle', title: 'candle' }]);
  const { results, totalMatches } = await search(client, 'huricane');
  expect(results.map((hit: Answer) => hit.document.id)).toEqual(['hurricane']);
  expect(totalMatches).toBe(1);
  expect(results[0].baseScore).toBeGreaterThan(0.3);
  expect(results[0].baseScore).toBeLessThan(1);
});

test('a query of stop words, punctuation or unknown words gives an empty result and no sample', async () => {
  const before = await sampleStats(client);
  for (const query of ['the of and', '?!…', '♥', 'xyzzyqq']) {
    const answer = await search(client, query);
    expect(answer).toMatchObject({ query, results: [], totalMatches: 0, explored: false });
    expect(answer.searchId).toMatch(/^[0-9a-f-]{36}$/);
  }
  expect(await sampleStats(client)).toEqual(before);
});

test('the language is fixed while there are documents and free again when there are none', async () => {
  await expect(running.startReplica({ RANKLOOP_LANGUAGE: 'german' })).rejects.toThrow(/imported with RANKLOOP_LANGUAGE=english.*runs with german/s);
  await clear();
  const { client: german } = await running.startReplica({ RANKLOOP_LANGUAGE: 'german' });
  await importDocuments(german, [{ id: 'haus', title: 'Die schönen Häuser der Straße' }]);
  expect(await preview(german, 'schönes Haus')).toEqual(['haus']);
  expect(await preview(german, 'der die das')).toEqual([]);
  const refusal = await client.error('mutation { importDocuments(input: { documents: [{ id: "x", title: "house" }] }) { imported } }');
  expect(refusal.extensions).toMatchObject({ code: 'FAILED_PRECONDITION', stored: 'german', language: 'english' });
  expect(await document('x')).toBeNull();
  await clear(german);
  expect(await importDocuments(client, [{ id: 'x', title: 'houses' }])).toEqual({ imported: 1, errors: [] });
  expect(await preview(client, 'house')).toEqual(['x']);
});
