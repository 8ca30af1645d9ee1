/** Lists in shared buffers, held against plain arrays. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GrowingLists } from '../../../src/catalog-index/growing-lists.js';

const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ append: fc.integer({ min: 0, max: 400 }), key: fc.integer({ min: 0, max: 50 }), value: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ clear: fc.integer({ min: 0, max: 500 }) }) },
  { weight: 1, arbitrary: fc.record({ keepBelow: fc.integer({ min: 0, max: 51 }) }) },
);

describe('GrowingLists', () => {
  it('hold what plain arrays would, through appending, clearing and filtering', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 500, size: 'max' }), (steps) => {
        const lists = new GrowingLists(true);
        const plain = new Map<number, [number, number][]>();
        for (const action of steps) {
          if ('append' in action) {
            // Half of what is appended goes to few lists, so that these move often.
            const list = action.append % 2 === 0 ? action.append % 7 : action.append;
            lists.append(list, action.key, action.value);
            plain.set(list, [...(plain.get(list) ?? []), [action.key, action.value]]);
          } else if ('clear' in action) {
            lists.clear(action.clear);
            plain.delete(action.clear);
          } else {
            const kept = Uint8Array.from({ length: 51 }, (_, key) => (key < action.keepBelow ? 1 : 0));
            for (const [list, entries] of plain) {
              const left = entries.filter(([key]) => key < action.keepBelow);
              if (lists.filter(list, kept) !== left.length) throw new Error(`list ${list} should have ${left.length} entries left`);
              plain.set(list, left);
            }
          }
        }
        const entriesOf = (list: number) => Array.from({ length: lists.length(list) }, (_, i) => [lists.keys[lists.start(list) + i], lists.values[lists.start(list) + i]]);
        const all = Array.from({ length: 401 }, (_, list) => list);
        expect(JSON.stringify(all.map(entriesOf))).toBe(JSON.stringify(all.map((list) => plain.get(list) ?? [])));
      }),
      { numRuns: 40 },
    );
  });
});
