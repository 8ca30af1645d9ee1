/** The demo's catalogue and what is asked of it. */
import { beforeAll, expect, test } from '@jest/globals';
import { CROWD_QUERIES, readEmojiCatalogue, type EmojiDocument } from '../../../demo/emoji-catalogue.js';
import { Analyser } from '../../../src/catalog-index/analyser.js';
import { CatalogIndex } from '../../../src/catalog-index/catalog-index.js';

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

test('the text cannot tell hearts apart that have equally many words', () => {
  const { documentIds, baseScores } = index.candidates('heart');
  const scores = new Map(documentIds.map((id, place) => [id, baseScores[place]]));
  const [white, brown] = ['1F90D', '1F90E'].map((id) => scores.get(id));
  expect(white).toBeGreaterThan(0);
  expect(brown).toBe(white);
  expect(documentIds.length).toBe(45);
});
