/** Why a document ranks where it does, over the API: by what serves, by the base ranker, and why there may be no answer. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, EventLog } from '../support/api-client.js';
import { click, configure, HEARTS, importDocuments, preview, search } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { activeRanker, learn, showAndClick, startHearts, startOver, train, watch } from '../support/training.js';

const EXPLAIN = `query($query: String!, $documentId: ID!, $rankerId: ID) { explainRanking(query: $query, documentId: $documentId, rankerId: $rankerId) {
  query document { id title } ranker { id } position basePosition positionWithoutClicks score baseScore attractiveness contentAttractiveness memoryWeight contentWeight optimism
  memoryClicks memoryExaminations contributions { feature value weight contribution } summary } }`;

let running: RunningApp;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts();
  log = await watch(running.client);
});

beforeEach(() => startOver(running, log));

afterAll(() => running.stop());

async function explain(documentId: string, more: Record<string, unknown> = {}): Promise<Answer> {
  return (await running.client.query(EXPLAIN, { query: 'heart', documentId, ...more })).explainRanking;
}

test('a lone developer, threshold 20: clicking one result of one query five times moves it up after the next run, and the explanation says why', async () => {
  const { client } = running;
  // The settings as they come, but for the threshold.
  await configure(client, { trainingThreshold: 20, attributionWindowSeconds: 10, explorationRate: 0.5, minSecondsBetweenRuns: 1 });
  const before = await preview(client, 'heart');
  const liked = before[3]!;
  await showAndClick(client, { lists: 5, documentId: liked });
  const { trainingFinished } = await log.next((event: Answer) => event.trainingFinished);
  expect(trainingFinished).toMatchObject({ trigger: 'THRESHOLD', status: 'SUCCEEDED' });
  await log.next((event: Answer) => event.modelReloaded?.reason === 'TRAINED');

  const place = (await preview(client, 'heart')).indexOf(liked) + 1;
  expect(place).toBeLessThan(4);
  const explained = await explain(liked);
  expect(explained).toMatchObject({ query: 'heart', document: { id: liked }, position: place, basePosition: 4 });
  // All that had settled when the run opened: the fifth may have been shown a second later.
  expect(explained.memoryClicks).toBeGreaterThan(3.9);
  expect(explained.attractiveness).toBeGreaterThan(explained.contentAttractiveness);
  expect(explained.summary).toMatch(/^Looked at about 2 times, as far as its places tell, clicked about [45] times, recent ones counting more; moves it from \dth to 1st\./);
});

test('every document of a ranking is explained at the place where a preview shows it, and the figures add up', async () => {
  const { client } = running;
  await learn(client, log, { documentId: 'white', lists: 6 });
  const rankerId = await activeRanker(client);
  const shown = (await client.query('{ previewRanking(query: "heart") { results { position basePosition score baseScore attractiveness contentAttractiveness document { id } } } }')).previewRanking.results;
  expect(shown).toHaveLength(HEARTS.length);
  for (const { document, ...figures } of shown) {
    const explained = await explain(document.id);
    expect(explained).toMatchObject({ ...figures, ranker: { id: rankerId } });
    expect(explained.attractiveness + explained.optimism).toBeCloseTo(explained.score, 12);
    expect(explained.memoryWeight + explained.contentWeight).toBeCloseTo(1, 12);
    const { memoryWeight, contentWeight, memoryClicks, memoryExaminations, contentAttractiveness } = explained;
    const mean = memoryWeight * (memoryClicks / memoryExaminations) + contentWeight * contentAttractiveness;
    expect(explained.attractiveness).toBeCloseTo(Math.min(0.999, mean), 9);
    const logits = explained.contributions.reduce((sum: number, { contribution }: Answer) => sum + contribution, 0);
    expect(1 / (1 + Math.exp(-logits))).toBeCloseTo(contentAttractiveness, 9);
    expect(explained.contributions[0]).toMatchObject({ feature: 'intercept', value: 1 });
  }
});

test('by the base ranker there is its score and place, and nothing learned', async () => {
  const { client } = running;
  await learn(client, log, { documentId: 'white', lists: 6 });
  const place = (await preview(client, 'heart', 'base')).indexOf('white') + 1;
  expect(await explain('white', { rankerId: 'base' })).toMatchObject({
    ranker: { id: 'base' },
    position: place,
    basePosition: place,
    positionWithoutClicks: place,
    attractiveness: null,
    contentAttractiveness: null,
    memoryWeight: null,
    contentWeight: null,
    optimism: null,
    memoryClicks: 0,
    memoryExaminations: 0,
    contributions: [],
    summary: expect.stringMatching(/^Ranked by its text alone/),
  });
  const { results } = (await client.query('{ previewRanking(query: "heart", rankerId: "base") { results { attractiveness contentAttractiveness } } }')).previewRanking;
  expect(results).toContainEqual({ attractiveness: null, contentAttractiveness: null });
});

test('a query never searched is explained by the text alone', async () => {
  await learn(running.client, log, { documentId: 'white', lists: 6 });
  expect(await explain('white', { query: 'heart of peace' })).toMatchObject({ position: 1, memoryClicks: 0, memoryWeight: 0, contentWeight: 1, summary: expect.stringMatching(/^Nothing is known yet/) });
});

test('explaining records nothing', async () => {
  const { client } = running;
  await search(client, 'heart');
  await explain('red');
  expect((await client.query('{ sampleStats { total searches } }')).sampleStats).toEqual({ total: HEARTS.length, searches: 1 });
});

test('what cannot be explained says why', async () => {
  const { client } = running;
  const refused = async (variables: Record<string, unknown>): Promise<[string, string]> => {
    const { message, extensions } = await client.error(EXPLAIN, { query: 'heart', documentId: 'red', ...variables });
    return [extensions.code, message];
  };
  expect(await refused({ documentId: 'purple' })).toEqual(['NOT_FOUND', 'There is no document "purple".']);
  expect(await refused({ query: 'love', documentId: 'blue' })).toEqual(['FAILED_PRECONDITION', expect.stringMatching(/none of the query's words/)]);
  expect(await refused({ query: 'wihte', documentId: 'blue' })).toEqual(['FAILED_PRECONDITION', expect.stringMatching(/no document has a word of it/)]);
  expect(await refused({ query: 'of the' })).toEqual(['FAILED_PRECONDITION', expect.stringMatching(/no searchable word/)]);
  expect(await refused({ rankerId: 'no such' })).toEqual(['NOT_FOUND', expect.stringMatching(/no ranker/)]);
  for (const faulty of [{ query: '' }, { query: ' ' }, { query: 'h'.repeat(513) }, { documentId: '' }, { documentId: 'd\0' }, { documentId: 'd'.repeat(129) }]) {
    expect((await refused(faulty))[0]).toBe('BAD_USER_INPUT');
  }
});

test('a document that matches beyond the 200 that are ranked is told its place', async () => {
  const { client } = running;
  await importDocuments(client, Array.from({ length: 210 }, (_, nth) => ({ id: `planet ${nth}`, title: 'a world', body: `planet ${'far away '.repeat(nth)}` })));
  expect(await explain('planet 0', { query: 'planet' })).toMatchObject({ position: 1 });
  const { message, extensions } = await client.error(EXPLAIN, { query: 'planet', documentId: 'planet 209' });
  expect([extensions.code, message]).toEqual(['FAILED_PRECONDITION', expect.stringMatching(/its text comes 210th and only the best 200 are ranked/)]);
});

test('a removed or refused ranker is not explained', async () => {
  const { client } = running;
  const first = (await learn(client, log)).checkpoint.id;
  const { searchId } = await search(client, 'heart');
  await click(client, searchId, 'red');
  await train(client, log);
  await client.query('mutation($ids: [ID!]) { deleteCheckpoints(input: { ids: $ids }) { deleted { id } } }', { ids: [first] });
  expect((await client.error(EXPLAIN, { query: 'heart', documentId: 'red', rankerId: first })).extensions.code).toBe('FAILED_PRECONDITION');
});
