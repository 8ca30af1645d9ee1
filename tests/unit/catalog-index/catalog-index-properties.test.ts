/** Whatever was done to it, the index is what a fresh one of the same documents is. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Analyser } from '../../../src/catalog-index/analyser.js';
import { CatalogIndex, type CatalogDocument } from '../../../src/catalog-index/catalog-index.js';
import { baseScore } from './direct-bm25f.js';
import { feedbackScore } from './direct-rm3.js';

const analyser = new Analyser('english');
const words = ['heart', 'hearts', 'red', 'the', 'wing', 'flow', 'flows', '红心', 'astronaut', '42', '😀'];
const text = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((chosen) => chosen.join(' '));
const id = fc.integer({ min: 0, max: 14 }).map((number) => `d${number}`);
const document: fc.Arbitrary<CatalogDocument> = fc.record({ id, title: text, body: text });
const change = fc.oneof(
  fc.record({ upsert: fc.array(document, { maxLength: 8 }) }),
  fc.record({ remove: fc.array(id, { maxLength: 8 }) }),
);
/** Enough documents that come and go to have the lists cleared out and slots used again. */
const churn = Array.from({ length: 300 }, (_, i) => ({ id: `churn${i}`, title: `passing heart ${i}`, body: 'red' }));
const queries = ['heart', 'red wing flow', 'red red 红心', 'astronut', 'haert wnig', 'passing'];

describe('an index after random changes', () => {
  it('equals a fresh one, bit for bit, whatever the order of import', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.integer({ min: 0, max: 11 }), (changes, churnAt) => {
        const index = new CatalogIndex(analyser);
        const expected = new Map<string, CatalogDocument>();
        changes.forEach((step, i) => {
          if (i === churnAt) {
            index.upsert(churn);
            index.remove(churn.map((passing) => passing.id));
          }
          if ('upsert' in step) {
            index.upsert(step.upsert);
            for (const added of step.upsert) expected.set(added.id, added);
          } else {
            index.remove(step.remove);
            for (const removed of step.remove) expected.delete(removed);
          }
        });
        const documents = [...expected.values()];
        const fresh = new CatalogIndex(analyser);
        fresh.upsert([...documents].sort((a, b) => (a.id < b.id ? 1 : -1)));
        expect(index.size).toBe(documents.length);
        for (const query of queries) {
          const found = index.candidates(query, 5);
          expect(found).toEqual(fresh.candidates(query, 5));
          found.documentIds.forEach((candidate, i) => expect(found.feedbackScores[i]).toBeCloseTo(feedbackScore(analyser, documents, query, found, candidate), 10));
          if (found.matching !== 'stems') continue;
          found.documentIds.forEach((candidate, i) => expect(found.baseScores[i]).toBeCloseTo(baseScore(analyser, documents, query, candidate), 10));
        }
      }),
      { numRuns: 150 },
    );
  });
});
