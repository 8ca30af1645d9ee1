/** When the page offers to show a ranking anew. */
import { describe, expect, test } from '@jest/globals';
import { isSameOrder, type Scored } from '../../../dashboard/src/search-session.js';

/** A shown list, top down; the scores fall from the first id named in `ranked` to the last. */
function shown(ids: string, ranked = ids): Scored[] {
  return [...ids].map((id) => ({ document: { id }, score: -ranked.indexOf(id), baseScore: 1 }));
}

describe('isSameOrder', () => {
  test('the same order is no change', () => {
    expect(isSameOrder(shown('abc'), ['a', 'b', 'c'], false)).toBe(true);
  });

  test('another document in a place is a change', () => {
    expect(isSameOrder(shown('abc'), ['a', 'd', 'c'], false)).toBe(false);
  });

  test('two neighbours that were swapped to learn from them are no change', () => {
    expect(isSameOrder(shown('acbd', 'abcd'), ['a', 'b', 'c', 'd'], false)).toBe(true);
  });

  test('two neighbours that changed places are a change', () => {
    expect(isSameOrder(shown('acbd'), ['a', 'b', 'c', 'd'], false)).toBe(false);
  });

  test('equal scores go by id, as the server has them', () => {
    const equal = shown('ba').map((hit) => ({ ...hit, score: 1 }));
    expect(isSameOrder(equal, ['a', 'b'], false)).toBe(true);
  });

  test('a list with results of the base ranking by turns is compared by what both have', () => {
    expect(isSameOrder(shown('axbyc', 'abcxy'), ['a', 'b', 'c', 'd', 'e'], true)).toBe(true);
    expect(isSameOrder(shown('axbyc', 'abcxy'), ['b', 'a', 'c', 'd', 'e'], true)).toBe(false);
  });

  test('only the places that were asked for anew are compared', () => {
    expect(isSameOrder(shown('abcd'), ['a', 'b'], false)).toBe(true);
  });
});
