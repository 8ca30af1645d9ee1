/** The lines between two rankings. */
import { describe, expect, test } from '@jest/globals';
import { slopesOf, type Placed } from '../../../dashboard/src/pages/search/compare/slopes.js';

const ranked = (ids: string): Placed[] => [...ids].map((id, index) => ({ position: index + 1, document: { id, title: id } }));

describe('slopesOf', () => {
  test('a document that stands further up at the right has risen by the difference', () => {
    expect(slopesOf(ranked('abc'), ranked('cab'), 3).map(({ id, risen, direction }) => [id, risen, direction])).toEqual([
      ['a', -1, 'fallen'],
      ['b', -1, 'fallen'],
      ['c', 2, 'risen'],
    ]);
  });

  test('the same order is equal all the way', () => {
    expect(slopesOf(ranked('ab'), ranked('ab'), 2).every(({ direction, risen }) => direction === 'equal' && risen === 0)).toBe(true);
  });

  test('what comes from below the places shown is among them once, with the way it came', () => {
    const slopes = slopesOf(ranked('abcd'), ranked('dabc'), 2);
    expect(slopes.map(({ id, left, right }) => [id, left, right])).toEqual([
      ['a', 1, 2],
      ['b', 2, 3],
      ['d', 4, 1],
    ]);
  });

  test('a document that one ranking does not know has no number of places', () => {
    expect(slopesOf(ranked('a'), ranked('b'), 5)).toMatchObject([
      { id: 'a', right: null, risen: null, direction: 'fallen' },
      { id: 'b', left: null, risen: null, direction: 'risen' },
    ]);
  });
});
