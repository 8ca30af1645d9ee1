/** A checkpoint's line of parents, and what is set aside when an older one serves again. */
import { expect, test } from '@jest/globals';
import { loadLine, numbersAsText, setAsideBetween } from '../../../dashboard/src/pages/models/ancestors.js';

/** A server with a line c1 ← c2 ← …, which answers five generations at a time. */
function lineServer(): { request: never } {
  const request = async (_operation: unknown, { id }: { id: string }): Promise<object> => {
    const node = (number: number, generations: number): object =>
      number === 0 ? { id: 'base' } : generations === 0 ? { id: `c${number}` } : { id: `c${number}`, number, status: 'AVAILABLE', parent: node(number - 1, generations - 1) };
    return { checkpoint: id === 'base' ? null : node(Number(id.slice(1)), 5) };
  };
  return { request: request as never };
}

test('a short line is read at once, to the base ranker', async () => {
  const server = lineServer();
  const line = await loadLine(server, 'c3', { until: null, requests: 1 });
  expect(line.ancestors.map(({ id }) => id)).toEqual(['c2', 'c1', 'base']);
  expect(line.hasMore).toBe(false);
});

test('a long line is read some generations at a time, each once, and says when there is more', async () => {
  const server = lineServer();
  const one = await loadLine(server, 'c30', { until: null, requests: 1 });
  expect(one).toMatchObject({ hasMore: true });
  expect(one.ancestors.map(({ number }) => number)).toEqual([29, 28, 27, 26]);
  const two = await loadLine(server, 'c30', { until: null, requests: 2 });
  expect(two.ancestors.map(({ number }) => number)).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21]);
});

test('what lies between what serves and an older one of its line is set aside; of another line nothing is known', async () => {
  const server = lineServer();
  const line = await loadLine(server, 'c12', { until: 'c9', requests: 8 });
  const serving = { id: 'c12', number: 12, status: null };
  expect(setAsideBetween(serving, line, 'c9')).toEqual([10, 11, 12]);
  expect(setAsideBetween(serving, line, 'other')).toBeNull();
});

test('numbers are written as people do', () => {
  expect([[38], [38, 39, 40, 41], [38, 41], [38, 40, 45], []].map(numbersAsText)).toEqual(['038', '038–041', '038, 041', '038 … 045', '']);
});
