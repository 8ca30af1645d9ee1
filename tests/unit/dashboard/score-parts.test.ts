/** The bars of an explanation. */
import { describe, expect, test } from '@jest/globals';
import { contentPartsOf, scorePartsOf } from '../../../dashboard/src/pages/search/score-parts.js';

describe('scorePartsOf', () => {
  const figures = { score: 0.9, attractiveness: 0.8, contentAttractiveness: 0.5, contentWeight: 0.2, optimism: 0.1 };

  test('each part begins where the one before ended, and they reach the score', () => {
    const parts = scorePartsOf(figures);
    expect(parts.map(({ name }) => name)).toEqual(['memory', 'content', 'optimism', 'score']);
    for (const [index, part] of parts.slice(1, 3).entries()) expect(part.from).toBe(parts[index]?.to);
    expect(parts[2]?.to).toBeCloseTo(0.9, 12);
    expect(parts[3]).toMatchObject({ from: 0, to: 0.9, isSum: true });
  });

  test('an attractiveness at its upper limit still adds up', () => {
    const parts = scorePartsOf({ ...figures, score: 0.999, attractiveness: 0.999, optimism: 0 });
    expect(parts[2]?.to).toBeCloseTo(0.999, 12);
  });
});

test('the terms of the content model add up to its logit', () => {
  const parts = contentPartsOf([
    { feature: 'intercept', contribution: -1 },
    { feature: 'bm25f', contribution: 0.4 },
  ]);
  expect(parts.at(-1)).toEqual({ name: 'sum', from: 0, to: -0.6, isSum: true });
  expect(parts[1]).toMatchObject({ from: -1, to: -0.6 });
});
