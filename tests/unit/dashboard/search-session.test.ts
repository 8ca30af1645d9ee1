/** When the page offers to show a ranking anew. */
import { describe, expect, test } from '@jest/globals';
import { isSameOrder } from '../../../dashboard/src/search-session.js';

describe('isSameOrder', () => {
  test('the same order is no change', () => {
    expect(isSameOrder(['a', 'b', 'c'], ['a', 'b', 'c'], false)).toBe(true);
  });

  test('another document in a place is a change', () => {
    expect(isSameOrder(['a', 'b', 'c'], ['a', 'd', 'c'], true)).toBe(false);
  });

  test('a pair of neighbours swapped in a list that explored is no change', () => {
    expect(isSameOrder(['a', 'c', 'b', 'd'], ['a', 'b', 'c', 'd'], true)).toBe(true);
  });

  test('a pair of neighbours swapped in a list that did not explore is a change', () => {
    expect(isSameOrder(['a', 'c', 'b', 'd'], ['a', 'b', 'c', 'd'], false)).toBe(false);
  });

  test('two pairs swapped are a change also in a list that explored', () => {
    expect(isSameOrder(['b', 'a', 'd', 'c'], ['a', 'b', 'c', 'd'], true)).toBe(false);
  });

  test('only the places that were asked for anew are compared', () => {
    expect(isSameOrder(['a', 'b', 'c', 'd'], ['a', 'b'], false)).toBe(true);
  });
});
