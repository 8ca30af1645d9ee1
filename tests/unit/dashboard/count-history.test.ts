/** How the counts' growth is kept for sparklines. */
import { expect, test } from '@jest/globals';
import { BUCKET_MS, BUCKETS, clickRates, CountHistory } from '../../../dashboard/src/count-history.js';

const counts = (searches: number, total = searches * 10, positive = searches): { searches: number; total: number; positive: number } => ({ searches, total, positive });

test('growth is counted from the first counts seen, bucket by bucket, and is unknown before', () => {
  const history = new CountHistory();
  history.note(counts(100), 0);
  history.note(counts(103), BUCKET_MS - 1);
  history.note(counts(110), BUCKET_MS);
  const growth = history.growth(BUCKET_MS * 2);
  expect(growth).toHaveLength(BUCKETS);
  expect(growth.slice(-4).map((bucket) => bucket?.searches ?? null)).toEqual([null, 3, 7, 0]);
});

test('a quiet time grows by nothing, and what is older than the line is forgotten without being lost from the sum', () => {
  const history = new CountHistory();
  for (let bucket = 0; bucket < BUCKETS * 3; bucket += 1) history.note(counts(bucket), bucket * BUCKET_MS);
  const growth = history.growth((BUCKETS * 3 + 1) * BUCKET_MS);
  expect(growth.slice(0, 3).map((bucket) => bucket?.searches)).toEqual([1, 1, 1]);
  expect(growth.slice(-2).map((bucket) => bucket?.searches)).toEqual([0, 0]);
});

test('counts that fell were cleared: growth begins anew', () => {
  const history = new CountHistory();
  history.note(counts(50), 0);
  history.note(counts(60), BUCKET_MS);
  history.note(counts(0), BUCKET_MS * 2);
  history.note(counts(4), BUCKET_MS * 2 + 1);
  expect(history.growth(BUCKET_MS * 2).slice(-3).map((bucket) => bucket?.searches ?? null)).toEqual([null, null, 4]);
});

test('a click rate is taken over several buckets, and is unknown where nothing was shown', () => {
  const growth = [null, { searches: 0, total: 0, positive: 0 }, { searches: 1, total: 10, positive: 2 }, { searches: 1, total: 10, positive: 0 }];
  expect(clickRates(growth, 2)).toEqual([null, null, 0.2, 0.1]);
});

test('a minute brings what the last one brought, or as much in proportion as came since the page was opened', () => {
  const history = new CountHistory();
  expect(history.perMinute('total', 0)).toBeNull();
  history.note(counts(100), 0);
  history.note(counts(101), 3_000);
  expect(history.perMinute('total', 3_000)).toBeNull();
  history.note(counts(102), 6_000);
  expect(history.perMinute('searches', 6_000)).toBe(20);
  expect(history.perMinute('total', 6_000)).toBe(200);
  for (let second = 7; second <= 90; second += 1) history.note(counts(102 + second), second * 1_000);
  expect(history.perMinute('searches', 90_000)).toBe(60);
  // Nothing came since.
  expect(history.perMinute('searches', 120_000)).toBeCloseTo(30, 0);
});
