/** The best documents, held against sorting them all. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DocumentSlots } from '../../../src/catalog-index/document-slots.js';
import { topDocuments } from '../../../src/catalog-index/top-documents.js';

describe('topDocuments', () => {
  it('are the first of all in order of score, then id', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 120 }), fc.nat({ max: 130 }), fc.infiniteStream(fc.integer({ min: 1, max: 4 })), (ids, limit, random) => {
        const slots = new DocumentSlots();
        for (const id of ids) slots.add(id);
        const scores = Float64Array.from(ids, () => random.next().value);
        const sorted = ids.map((_, slot) => slot).sort((a, b) => scores[b]! - scores[a]! || (ids[a]! < ids[b]! ? -1 : 1));
        expect(topDocuments(Uint32Array.from(ids.keys()), ids.length, scores, slots, limit)).toEqual(sorted.slice(0, limit));
      }),
    );
  });
});
