/** What the environment sets of the bounds of calls: narrower ones refuse with the bound in the error, wider ones hold in the database. */
import { afterEach, expect, test } from '@jest/globals';
import { click, importDocuments, search } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

let running: RunningApp;

afterEach(async () => {
  await running.stop();
});

const documentOf = (id: string, rest: object = {}): { id: string; title: string; body: string } => ({ id, title: 'heart', body: '', ...rest });
const IMPORT = 'mutation($documents: [DocumentInput!]!) { importDocuments(input: { documents: $documents }) { imported errors { code message } } }';

test('narrower bounds are told to whoever passes them', async () => {
  running = await startApp({
    RANKLOOP_MAX_QUERY_LENGTH: '5',
    RANKLOOP_MAX_ID_LENGTH: '4',
    RANKLOOP_MAX_RESULTS: '2',
    RANKLOOP_MAX_PAGE_SIZE: '3',
    RANKLOOP_MAX_IMPORT_DOCUMENTS: '3',
    RANKLOOP_MAX_DOCUMENT_BODY_BYTES: '8',
    RANKLOOP_MAX_ATTRIBUTES_BYTES: '9',
    RANKLOOP_MAX_CLICKS_PER_CALL: '1',
  });
  const { client } = running;
  await importDocuments(client, ['one', 'two', 'four'].map((id) => documentOf(id)));
  const { searchId, results } = await search(client, 'heart', { userId: 'anna', limit: 2 });
  expect(results).toHaveLength(2);
  expect((await client.query('{ samples(first: 3) { edges { node { documentId } } } }')).samples.edges).toHaveLength(2);

  const refused = async (query: string, variables: Record<string, unknown> = {}): Promise<object> => (await client.error(query, variables)).extensions;
  const SEARCH = 'mutation($input: SearchInput!) { search(input: $input) { searchId } }';
  expect(await refused(SEARCH, { input: { query: 'hearts' } })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'query', maxLength: 5 });
  expect(await refused('{ previewRanking(query: "hearts") { totalMatches } }')).toMatchObject({ code: 'BAD_USER_INPUT', field: 'query', maxLength: 5 });
  expect(await refused(SEARCH, { input: { query: 'heart', userId: 'annie', limit: 1 } })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'userId', maxLength: 4 });
  expect(await refused(SEARCH, { input: { query: 'heart', limit: 3 } })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'limit', max: 2 });
  for (const connection of ['documents', 'samples', 'trainingRuns', 'checkpoints', 'activations']) {
    expect(await refused(`{ ${connection}(first: 4) { edges { node { __typename } } } }`)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'first', max: 3 });
  }
  expect(await refused(IMPORT, { documents: ['a', 'b', 'c', 'd'].map((id) => documentOf(id)) })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'documents', max: 3 });
  expect(await refused('mutation { deleteDocuments(input: { ids: ["a", "b", "c", "d"] }) { deleted } }')).toMatchObject({ code: 'BAD_USER_INPUT', field: 'ids', max: 3 });
  expect(await refused('mutation($clicks: [RecordClickInput!]!) { recordClicks(input: { clicks: $clicks }) { recorded } }', { clicks: [1, 2].map((nth) => ({ searchId, documentId: 'one', eventId: `${nth}` })) })).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'clicks',
    max: 1,
  });
  const rows = [documentOf('three'), documentOf('b', { body: '123456789' }), documentOf('c', { attributes: { a: 12345 } })];
  const { importDocuments: imported } = await client.query(IMPORT, { documents: rows });
  expect(imported).toMatchObject({ imported: 0, errors: [{ message: expect.stringMatching(/^id must have 1 to 4 /) }, { message: expect.stringMatching(/^body must have 0 to 8 |^body .* 8 bytes/) }, { message: expect.stringMatching(/^attributes .* 9 bytes/) }] });
});

test('wider ones hold: the longest ids, of characters that take most room, fit every index', async () => {
  running = await startApp({ RANKLOOP_MAX_ID_LENGTH: '256', RANKLOOP_MAX_QUERY_LENGTH: '10000', RANKLOOP_MAX_CLICKS_PER_CALL: '300', RANKLOOP_MAX_PAGE_SIZE: '1000' });
  const { client } = running;
  // Three bytes each, and no two like the next, so that nothing is compressed.
  const long = (seed: number): string => Array.from({ length: 256 }, (_, nth) => String.fromCharCode(0x4e00 + ((seed + nth * nth * 7919) % 20_000))).join('');
  await importDocuments(client, [documentOf(long(1)), documentOf('b')]);
  const query = `heart ${'word '.repeat(1_900)}`;
  const { searchId, results } = await search(client, query, { userId: long(2), sessionId: long(3) });
  expect(results.map(({ document }: { document: { id: string } }) => document.id)).toContain(long(1));
  await click(client, searchId, long(1), { eventId: long(4) });
  expect(await running.sql('select event_id from click')).toEqual([{ event_id: long(4) }]);
  const page = await client.query('{ documents(first: 1) { edges { node { id } } pageInfo { endCursor } } }');
  const rest = await client.query('query($after: String) { documents(first: 1000, after: $after) { edges { node { id } } } }', { after: page.documents.pageInfo.endCursor });
  expect([...page.documents.edges, ...rest.documents.edges].map(({ node }) => node.id).sort()).toEqual(['b', long(1)]);
});
