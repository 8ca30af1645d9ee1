/** Search and preview over the API: what is refused, what is recorded, pages, and the exploration of a learned ranking. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer, ApiClient } from '../support/api-client.js';
import { click, configure, importDocuments, preview, sampleStats, samples, search, searches } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

/** Six hearts whose text scores all differ. */
const DOCUMENTS = Array.from({ length: 6 }, (_, nth) => ({ id: `heart ${nth}`, title: 'heart', body: `a heart${' long'.repeat(nth * 3)}` }));
const PREVIEW = `query($query: String!, $limit: Int, $offset: Int, $rankerId: ID) { previewRanking(query: $query, limit: $limit, offset: $offset, rankerId: $rankerId) {
  query totalMatches ranker { id name __typename } results { position basePosition score baseScore clickProbability snippet document { id title } } } }`;

let running: RunningApp;
let client: ApiClient;

beforeAll(async () => {
  running = await startApp();
  ({ client } = running);
  await importDocuments(client, DOCUMENTS);
  await configure(client, { trainingThreshold: 24, attributionWindowSeconds: 0, minSecondsBetweenRuns: 0, enabled: false, explorationRate: 1, proofRate: 0 });
});

afterAll(() => running.stop());

const theta = (position: number): number => Math.max(0.02, position ** -0.7);
const ids = (results: Answer[]): string[] => results.map((hit) => hit.document.id);

test('faulty queries, limits and offsets are refused by name, and leave no sample', async () => {
  const asked = 'mutation($input: SearchInput!) { search(input: $input) { searchId } }';
  for (const { input, details } of [
    { input: { query: '' }, details: { field: 'query', minLength: 1, maxLength: 512 } },
    { input: { query: ' \t\n ' }, details: { field: 'query' } },
    { input: { query: 'h'.repeat(513) }, details: { field: 'query', minLength: 1, maxLength: 512 } },
    { input: { query: 'heart\0' }, details: { field: 'query' } },
    { input: { query: 'heart \ud83d' }, details: { field: 'query' } },
    { input: { query: null }, details: {} },
    { input: { query: 'heart', limit: 0 }, details: { field: 'limit', min: 1, max: 100 } },
    { input: { query: 'heart', limit: -1 }, details: { field: 'limit', min: 1, max: 100 } },
    { input: { query: 'heart', limit: 101 }, details: { field: 'limit', min: 1, max: 100 } },
    { input: { query: 'heart', limit: 1.5 }, details: {} },
    { input: { query: 'heart', limit: 2 ** 31 }, details: {} },
    { input: { query: 'heart', offset: -1 }, details: { field: 'offset', min: 0, max: 10_000 } },
    { input: { query: 'heart', offset: 10_001 }, details: { field: 'offset', min: 0, max: 10_000 } },
    { input: { query: 'heart', userId: 'u'.repeat(129) }, details: { field: 'userId', maxLength: 128 } },
    { input: { query: 'heart', sessionId: 's\0' }, details: { field: 'sessionId' } },
  ]) {
    expect((await client.error(asked, { input })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', ...details });
  }
  for (const variables of [{ query: '' }, { query: 'heart', limit: 0 }, { query: 'heart', limit: 101 }, { query: 'heart', offset: -1 }]) {
    expect((await client.error(PREVIEW, variables)).extensions.code).toBe('BAD_USER_INPUT');
  }
  expect((await search(client, 'q'.repeat(512))).results).toEqual([]);
  expect(await sampleStats(client)).toMatchObject({ total: 0, searches: 0 });
});

test('the base ranker sorts by text alone, never explores, and predicts clicks from everything shown so far', async () => {
  const first = await search(client, 'heart');
  expect(ids(first.results)).toEqual(DOCUMENTS.map(({ id }) => id));
  expect(first).toMatchObject({ query: 'heart', totalMatches: 6, explored: false, ranker: { id: 'base' } });
  first.results.forEach((hit: Answer, place: number) => {
    expect(hit).toMatchObject({ position: place + 1, basePosition: place + 1, score: hit.baseScore });
    // Nothing shown, nothing clicked before: θ·(0 + 1.2)/(0 + 10).
    expect(hit.clickProbability).toBeCloseTo(theta(place + 1) * 0.12, 12);
  });
  await click(client, first.searchId, 'heart 3');
  // Asked for, the counts are read anew; the prediction rests on the newest ones read.
  await sampleStats(client);
  const examinations = [1, 2, 3, 4, 5, 6].reduce((sum, position) => sum + theta(position), 0);
  const { results } = await search(client, 'heart');
  results.forEach((hit: Answer) => expect(hit.clickProbability).toBeCloseTo((theta(hit.position) * (1 + 1.2)) / (examinations + 10), 12));
});

test('every result shown is stored as it was shown, before the answer', async () => {
  const shown = await search(client, 'hearts long', { limit: 4, userId: 'somebody', sessionId: 'a visit' });
  const { edges } = await samples(client, { filter: { searchId: shown.searchId } });
  expect(edges).toHaveLength(4);
  const { previewRanking } = await client.query(PREVIEW, { query: 'hearts long', limit: 100 });
  const scores: number[] = previewRanking.results.map((hit: Answer) => hit.baseScore);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  edges.forEach(({ node }: Answer, place: number) => {
    const hit = shown.results[place];
    expect(node).toMatchObject({
      id: `${shown.searchId}:${place + 1}`,
      searchId: shown.searchId,
      query: 'hearts long',
      documentId: hit.document.id,
      document: { id: hit.document.id },
      position: hit.position,
      basePosition: hit.basePosition,
      baseScore: hit.baseScore,
      score: hit.score,
      clickProbability: hit.clickProbability,
      propensity: 1,
      clicked: false,
      clickCount: 0,
      clickedAt: null,
      settled: true,
      learned: false,
      rankerId: 'base',
      explored: false,
      interleaved: false,
      team: null,
      userId: 'somebody',
      sessionId: 'a visit',
    });
    expect(Object.keys(node.features)).toEqual(['bm25f', 'rm3']);
    expect(node.features.bm25f).toBeCloseTo((hit.baseScore - mean) / deviation, 5);
    expect(node.settlesAt).toBe(node.shownAt);
  });
});

test('a later page is a search of its own whose positions count over the whole ranking; beyond the end there is nothing to record', async () => {
  const before = await sampleStats(client);
  const whole = await preview(client, 'heart');
  const second = await search(client, 'heart', { limit: 2, offset: 2 });
  expect(second.results.map((hit: Answer) => [hit.position, hit.basePosition, hit.document.id])).toEqual([
    [3, 3, whole[2]],
    [4, 4, whole[3]],
  ]);
  const last = await search(client, 'heart', { limit: 4, offset: 4 });
  expect(last.results.map((hit: Answer) => hit.position)).toEqual([5, 6]);
  const beyond = await search(client, 'heart', { offset: 6 });
  expect(beyond).toMatchObject({ results: [], totalMatches: 6, explored: false });
  expect(new Set([second.searchId, last.searchId, beyond.searchId]).size).toBe(3);
  const { edges } = await samples(client, { filter: { searchId: second.searchId } });
  expect(edges.map(({ node }: Answer) => node.position)).toEqual([3, 4]);
  expect(await sampleStats(client)).toMatchObject({ total: before.total + 4, searches: before.searches + 2 });
  const page = await client.query(PREVIEW, { query: 'heart', limit: 2, offset: 3 });
  expect(page.previewRanking.results.map((hit: Answer) => hit.position)).toEqual([4, 5]);
});

describe('while a checkpoint serves', () => {
  let ranker: string;
  let learned: Answer;

  beforeAll(async () => {
    const reloaded = await client.subscribe('subscription { modelReloaded { ranker { id } } }');
    for (const shown of await searches(client, 8, 'heart')) await click(client, shown.searchId, 'heart 4');
    await configure(client, { enabled: true });
    ranker = (await reloaded.next()).modelReloaded.ranker.id;
    await configure(client, { enabled: false });
    learned = (await client.query(PREVIEW, { query: 'heart' })).previewRanking;
  });

  test('results are sorted by score; base score and base position stay those of the text ranking', async () => {
    expect(learned.ranker).toEqual({ id: ranker, name: ranker, __typename: 'Checkpoint' });
    expect(learned.results[0].document.id).toBe('heart 4');
    const scores = learned.results.map((hit: Answer) => hit.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const base = (await client.query(PREVIEW, { query: 'heart', rankerId: 'base' })).previewRanking;
    expect(base.ranker).toMatchObject({ id: 'base', __typename: 'BaseRanker' });
    for (const hit of learned.results) {
      const { baseScore, position } = base.results.find((other: Answer) => other.document.id === hit.document.id);
      expect(hit).toMatchObject({ baseScore, basePosition: position });
      expect(hit.clickProbability).toBeGreaterThan(0);
      expect(hit.clickProbability).toBeLessThanOrEqual(theta(hit.position));
    }
  });

  test('a preview repeats exactly, in another process too, records nothing and knows no other rankers', async () => {
    const before = await sampleStats(client);
    const { client: second } = await running.startReplica();
    for (const from of [client, client, second]) {
      expect((await from.query(PREVIEW, { query: 'heart' })).previewRanking).toEqual(learned);
      expect((await from.query(PREVIEW, { query: 'heart', rankerId: ranker })).previewRanking).toEqual(learned);
    }
    expect((await client.error(PREVIEW, { query: 'heart', rankerId: 'ctr_model_online_999' })).extensions).toMatchObject({ code: 'NOT_FOUND', field: 'rankerId' });
    expect(await sampleStats(client)).toEqual(before);
  });

  test('in the given share of searches one adjacent pair is drawn, and swapped half of the time, with its propensity stored', async () => {
    const rate = 0.5;
    const n = DOCUMENTS.length;
    await configure(client, { explorationRate: rate });
    const preferred = ids(learned.results);
    const drawn: { pair: number; swapped: boolean }[] = [];
    const many: Answer[] = [];
    for (let batch = 0; batch < 10; batch++) many.push(...(await Promise.all([1, 2, 3, 4].map(() => searches(client, 10, 'heart')))).flat());
    const rows = new Map((await running.sql('select id, drawn_pair, swapped from search')).map((row) => [row.id, row]));
    const stored = new Map<string, Answer[]>();
    for (const row of await running.sql('select search_id, document_id, propensity from sample order by search_id, position')) stored.set(row.search_id, [...(stored.get(row.search_id) ?? []), row]);

    for (const shown of many) {
      const { drawn_pair: pair, swapped } = rows.get(shown.searchId);
      expect(shown.explored).toBe(pair !== null);
      const expected = [...preferred];
      if (swapped) [expected[pair - 1], expected[pair]] = [preferred[pair]!, preferred[pair - 1]!];
      expect(ids(shown.results)).toEqual(expected);
      if (pair !== null) drawn.push({ pair, swapped });
      const samplesShown = stored.get(shown.searchId)!;
      expect(samplesShown.map((row) => row.document_id)).toEqual(expected);
      samplesShown.forEach((row, place) => {
        const moved = expected[place] !== preferred[place];
        const swap = rate / (2 * (n - 1));
        const propensity = moved ? swap : place === 0 || place === n - 1 ? 1 - swap : 1 - 2 * swap;
        expect(row.propensity).toBeCloseTo(propensity, 12);
      });
      shown.results.forEach((hit: Answer, place: number) => {
        const known = learned.results.find((other: Answer) => other.document.id === hit.document.id);
        expect(hit).toMatchObject({ position: place + 1, score: known.score, baseScore: known.baseScore, basePosition: known.basePosition });
        // The same attractiveness, looked at in another place.
        expect(hit.clickProbability).toBeCloseTo((known.clickProbability * theta(place + 1)) / theta(known.position), 12);
      });
    }
    // 400 searches: six standard deviations from the expected share, and from one half of it.
    expect(many).toHaveLength(400);
    expect(Math.abs(drawn.length - 200)).toBeLessThan(60);
    expect(Math.abs(drawn.filter(({ swapped }) => swapped).length - drawn.length / 2)).toBeLessThan(3 * Math.sqrt(drawn.length));
    expect(new Set(drawn.map(({ pair }) => pair))).toEqual(new Set([1, 2, 3, 4, 5]));
  });

  test('nothing is drawn on later pages, on lists of one, at rate 0, or for previews', async () => {
    await configure(client, { explorationRate: 1 });
    expect((await searches(client, 5, 'heart')).every((shown) => shown.explored)).toBe(true);
    const later = await searches(client, 10, 'heart', { offset: 1 });
    const single = await searches(client, 10, 'heart', { limit: 1 });
    for (const shown of [...later, ...single]) expect(shown.explored).toBe(false);
    for (const shown of later) expect(ids(shown.results)).toEqual(ids(learned.results).slice(1));
    expect((await client.query(PREVIEW, { query: 'heart' })).previewRanking).toEqual(learned);
    await configure(client, { explorationRate: 0 });
    for (const shown of await searches(client, 10, 'heart')) {
      expect(shown.explored).toBe(false);
      expect(ids(shown.results)).toEqual(ids(learned.results));
    }
    const [newest] = (await samples(client, { first: 1 })).edges;
    expect(newest.node).toMatchObject({ rankerId: ranker, propensity: 1, explored: false });
  });

  test('a document that is deleted is shown no more, and what is left moves up', async () => {
    await client.query('mutation { deleteDocuments(input: { ids: ["heart 4"] }) { deleted } }');
    const shown = await search(client, 'heart');
    expect(ids(shown.results)).toHaveLength(5);
    expect(ids(shown.results)).not.toContain('heart 4');
    expect(shown.results.map((hit: Answer) => hit.position)).toEqual([1, 2, 3, 4, 5]);
    const { edges } = await samples(client, { filter: { documentId: 'heart 4' }, first: 1 });
    expect(edges[0].node).toMatchObject({ documentId: 'heart 4', document: null });
  });
});
