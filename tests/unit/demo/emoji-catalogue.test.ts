/** The demo's catalogue and what is asked of it. */
import { beforeAll, expect, test } from '@jest/globals';
import { CROWD_QUERIES, emojiNames, readEmojiCatalogue, unseenQueries, type EmojiDocument } from '../../../demo/emoji-catalogue.js';
import { Analyser } from '../../../src/catalog-index/analyser.js';
import { CatalogIndex } from '../../../src/catalog-index/catalog-index.js';
import { hiddenTaste } from '../../../src/simulation/hidden-taste.js';
import { JudgedQuery } from '../../../src/simulation/judged-query.js';
import { queryShares } from '../../../src/simulation/visit.js';

let documents: EmojiDocument[];
const index = new CatalogIndex(new Analyser('english'));

beforeAll(() => {
  documents = readEmojiCatalogue();
  index.upsert(documents);
});

test('1,949 documents have ids of their own, and what a person would look for', () => {
  expect(documents).toHaveLength(1_949);
  expect(new Set(documents.map(({ id }) => id)).size).toBe(1_949);
  expect(documents.find(({ id }) => id === '2764')).toEqual({
    id: '2764',
    title: '❤️ red heart',
    body: 'emotion, heart, love, red · 红心、心、爱',
    attributes: { emoji: '❤️', group: 'smileys & emotion', chineseLabel: '红心' },
  });
});

test('every query of the crowd finds enough by its words for their order to matter', () => {
  for (const query of CROWD_QUERIES) {
    const { matching, totalMatches } = index.candidates(query);
    expect({ query, matching, enough: totalMatches >= 6 }).toEqual({ query, matching: 'stems', enough: true });
  }
});

test('the queries held back are none of the crowd’s, and find about as much', () => {
  const unseen = unseenQueries(documents);
  const keys = (queries: readonly string[]): string[] => queries.map((query) => index.candidates(query).queryKey);
  expect(new Set([...keys(CROWD_QUERIES), ...keys(unseen)]).size).toBe(CROWD_QUERIES.length + unseen.length);
  // --help says how many.
  expect(unseen).toHaveLength(92);
  for (const query of unseen) expect({ query, enough: index.candidates(query).totalMatches >= 20 }).toEqual({ query, enough: true });
});

test('an emoji has its English and its Chinese name', () => {
  const names = emojiNames(documents);
  expect(names.get('2764')).toEqual(['red heart', '红心']);
  expect(names.size).toBe(1_949);
});

test.each([1, 2, 3, 4, 5])('to the taste of crowd %i the text ranks fairly, with much left to learn', (seed) => {
  const names = emojiNames(documents);
  const taste = hiddenTaste(seed, (id) => names.get(id) ?? []);
  const shares = queryShares(CROWD_QUERIES.length);
  const quality = CROWD_QUERIES.reduce((sum, query, rank) => {
    const { documentIds } = index.candidates(query);
    return sum + shares[rank]! * new JudgedQuery(query, taste, documentIds).ndcg(documentIds);
  }, 0);
  expect(quality).toBeGreaterThan(0.4);
  expect(quality).toBeLessThan(0.6);
});

test('the text cannot tell hearts apart that have equally many words', () => {
  const { documentIds, baseScores } = index.candidates('heart');
  const scores = new Map(documentIds.map((id, place) => [id, baseScores[place]]));
  const [white, brown] = ['1F90D', '1F90E'].map((id) => scores.get(id));
  expect(white).toBeGreaterThan(0);
  expect(brown).toBe(white);
  expect(documentIds.length).toBe(45);
});
