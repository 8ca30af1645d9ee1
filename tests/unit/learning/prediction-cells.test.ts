/** The prediction layer: what was clicked on exactly this page. */
import { describe, expect, test } from '@jest/globals';
import { pairKeysOf } from '../../../src/learning/pair-key.js';
import { CELL_CAPACITY, cellHashesOf, NOBODY, PredictionCells, SHOWN_CAP, writeCellHashes } from '../../../src/learning/prediction-cells.js';
import { numbers } from './random-numbers.js';
import { observeSample } from '../../support/observe-sample.js';

const BUCKETS = CELL_CAPACITY / 2;
const sample = (first: number, second: number): Uint32Array => Uint32Array.of(first, second);

function observed(cells: PredictionCells, hashes: Uint32Array, shown: number, clicks: number): PredictionCells {
  for (let i = 0; i < shown; i++) observeSample(cells, hashes, 0, i < clicks, 0.1);
  return cells;
}

describe('predictions', () => {
  test('are the model’s own where nothing was shown', () => {
    expect(new PredictionCells().predict(sample(5, 6), 0, 0.3)).toBe(0.3);
  });

  test('mix the model’s with the first cell as 300 and that with the second as 1,000: a worked example', () => {
    const cells = observed(new PredictionCells(), sample(5, 6), 100, 20);
    // The second cell of the other sample is new: only the first counts.
    const first = (20 + 300 * 0.1) / 400;
    expect(cells.predict(sample(5, 7), 0, 0.1)).toBeCloseTo(first, 14);
    expect(cells.predict(sample(5, 6), 0, 0.1)).toBeCloseTo((20 + 1000 * first) / 1100, 14);
    expect(cells.predict(sample(7, 6), 0, 0.1)).toBeCloseTo((20 + 1000 * 0.1) / 1100, 14);
  });

  test('come to what was clicked, however wrong the model is', () => {
    const cells = observed(new PredictionCells(), sample(5, 6), 9000, 4500);
    expect(cells.predict(sample(5, 6), 0, 0.01)).toBeCloseTo(0.5, 1);
  });

  test('read the sample at its place', () => {
    const page = Uint32Array.of(1, 2, 3, 4);
    const cells = new PredictionCells();
    observeSample(cells, page, 1, true, 0.1);
    expect(cells.predict(page, 0, 0.1)).toBe(0.1);
    expect(cells.predict(page, 1, 0.1)).toBeGreaterThan(0.1);
  });
});

describe('observing', () => {
  test('gives what was predicted before, of new cells and of known ones', () => {
    const random = numbers(92);
    const cells = new PredictionCells();
    for (let i = 0; i < 3000; i++) {
      const hashes = sample(Math.floor(random() * 40), 100 + Math.floor(random() * 40));
      const model = random();
      const predicted = cells.predict(hashes, 0, model);
      expect(observeSample(cells, hashes, 0, random() < 0.2, model)).toBeCloseTo(predicted, 12);
    }
  });

  test('keeps nothing of a model’s probability that is no number', () => {
    const cells = new PredictionCells();
    expect(observeSample(cells, sample(5, 6), 0, true, NaN)).toBeNaN();
    expect(cells.toColumns()).toMatchObject({ shown: Float32Array.of(1, 1), clicks: Float32Array.of(1, 1) });
    expect(cells.predict(sample(5, 6), 0, 0.1)).toBeGreaterThan(0.1);
  });
});

describe('the table', () => {
  const bucket = 77;
  const inBucket = (n: number): number => bucket + n * BUCKETS;
  /** Cells of one bucket, each under a second cell elsewhere. */
  const shownIn = (cells: PredictionCells, n: number, times: number): PredictionCells => observed(cells, sample(inBucket(n), 1000 + n), times, 0);
  const hashesOf = (cells: PredictionCells): number[] => [...cells.toColumns().hashes].filter((hash) => hash % BUCKETS === bucket);

  test('holds two cells a bucket; a third takes the place of the one shown least and begins anew', () => {
    const cells = new PredictionCells();
    shownIn(cells, 1, 5);
    shownIn(cells, 2, 3);
    expect(hashesOf(cells)).toEqual([inBucket(1), inBucket(2)]);
    observed(cells, sample(inBucket(3), 2000), 1, 1);
    expect(hashesOf(cells)).toEqual([inBucket(1), inBucket(3)]);
    const { hashes, shown, clicks } = cells.toColumns();
    const at = hashes.indexOf(inBucket(3));
    expect([shown[at], clicks[at]]).toEqual([1, 1]);
    expect(cells.predict(sample(inBucket(2), 3000), 0, 0.1)).toBe(0.1);
  });

  test('a cell shown 10,000 times halves before it goes on', () => {
    const cells = observed(new PredictionCells(), sample(5, 6), SHOWN_CAP, 1000);
    expect(cells.toColumns().shown[0]).toBe(10_000);
    observeSample(cells, sample(5, 6), 0, true, 0.1);
    const { shown, clicks } = cells.toColumns();
    expect([[...shown], [...clicks]]).toEqual([[5001, 5001], [501, 501]]);
  });

  test('hashes of 0 are cells like others, and an empty table has none', () => {
    const cells = new PredictionCells();
    expect(cells.predict(sample(0, 0), 0, 0.1)).toBe(0.1);
    expect(cells.toColumns().hashes).toHaveLength(0);
    observeSample(cells, sample(0, 1), 0, true, 0.1);
    expect([...cells.toColumns().hashes]).toEqual([0, 1]);
  });

  test('comes back from its columns to the bit, and goes on alike', () => {
    const random = numbers(91);
    const cells = new PredictionCells();
    // Few buckets, so that cells take each other's places.
    const draw = (): number => Math.floor(random() * 8) * BUCKETS + Math.floor(random() * 200);
    for (let i = 0; i < 5000; i++) observeSample(cells, sample(draw(), draw()), 0, random() < 0.3, 0.2);
    const columns = cells.toColumns();
    const loaded = PredictionCells.fromColumns(columns);
    expect(loaded.toColumns()).toEqual(columns);
    for (let i = 0; i < 5000; i++) {
      const [hashes, clicked] = [sample(draw(), draw()), random() < 0.3];
      expect(loaded.predict(hashes, 0, 0.2)).toBe(cells.predict(hashes, 0, 0.2));
      expect(observeSample(loaded, hashes, 0, clicked, 0.2)).toBe(observeSample(cells, hashes, 0, clicked, 0.2));
    }
    expect(loaded.toColumns()).toEqual(cells.toColumns());
  });

  test('a copy is learned on without the other', () => {
    const cells = observed(new PredictionCells(), sample(5, 6), 2, 1);
    const before = cells.toColumns();
    const copy = cells.copy();
    expect(copy.toColumns()).toEqual(before);
    observeSample(copy, sample(5, 6), 0, true, 0.1);
    expect(cells.toColumns()).toEqual(before);
    expect(copy.toColumns().shown[0]).toBe(3);
  });
});

describe('a late click', () => {
  test('adds a click to both cells, and no time shown', () => {
    const cells = observed(new PredictionCells(), sample(5, 6), 4, 1);
    cells.correctLateClick(sample(5, 6), 0);
    const { shown, clicks } = cells.toColumns();
    expect([[...shown], [...clicks]]).toEqual([[4, 4], [2, 2]]);
  });

  test('on cells that are gone makes none', () => {
    const cells = observed(new PredictionCells(), sample(5, 6), 4, 1);
    cells.correctLateClick(sample(7, 8), 0);
    expect([...cells.toColumns().hashes]).toEqual([5, 6]);
  });

  test('never makes more clicks than times shown: a cell that came anew does not know the sample', () => {
    const cells = observed(new PredictionCells(), sample(5, 6), 1, 1);
    cells.correctLateClick(sample(5, 6), 0);
    expect([...cells.toColumns().clicks]).toEqual([1, 1]);
    expect(cells.predict(sample(5, 6), 0, 0.999)).toBeLessThan(1);
  });
});

describe('the hashes of a page', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const hashesOf = (documents: readonly string[], firstPosition = 1): Uint32Array => cellHashesOf(pairKeysOf('red shoe', documents), firstPosition);
  const at = (hashes: Uint32Array, place: number): number[] => [...hashes.subarray(2 * place, 2 * place + 2)];

  test('are those that the samples have one by one', () => {
    const keys = pairKeysOf('red shoe', ids);
    const key = (i: number): ArrayLike<number> => (i >= 0 && i < ids.length ? keys.subarray(2 * i, 2 * i + 2) : NOBODY);
    const out = new Uint32Array(2 * ids.length);
    ids.forEach((_, i) => writeCellHashes(keys, i, 11 + i, key(i - 1), key(i + 1), out));
    expect(hashesOf(ids, 11)).toEqual(out);
  });

  test('change with the document above, both of them; with the one below, the second alone', () => {
    const [first, second] = at(hashesOf(ids), 1);
    const otherAbove = at(hashesOf(['x', 'b', 'c', 'd']), 1);
    expect(otherAbove[0]).not.toBe(first);
    expect(otherAbove[1]).not.toBe(second);
    const otherBelow = at(hashesOf(['a', 'b', 'x', 'd']), 1);
    expect(otherBelow[0]).toBe(first);
    expect(otherBelow[1]).not.toBe(second);
    expect(at(hashesOf(['a', 'b', 'c', 'x']), 1)).toEqual([first, second]);
  });

  test('change with place, document and query', () => {
    const [first, second] = at(hashesOf(ids), 1);
    for (const other of [at(hashesOf(ids, 2), 1), at(hashesOf(['a', 'x', 'c']), 1), at(cellHashesOf(pairKeysOf('blue shoe', ids), 1), 1)]) {
      expect(other[0]).not.toBe(first);
      expect(other[1]).not.toBe(second);
    }
  });

  test('at the ends of a page know that nobody stands there', () => {
    expect(at(hashesOf(['b', 'c']), 0)[0]).not.toBe(at(hashesOf(['a', 'b', 'c'], 0), 1)[0]);
    expect(at(hashesOf(['a', 'b']), 1)[1]).not.toBe(at(hashesOf(['a', 'b', 'c']), 1)[1]);
    expect(hashesOf([])).toHaveLength(0);
  });

  test('are spread evenly: no two of 20,000 pages’ cells meet more often than chance has it', () => {
    const seen = new Set<number>();
    let cells = 0;
    for (let page = 0; page < 2000; page++) {
      const hashes = cellHashesOf(pairKeysOf(`query ${page}`, ids), 1);
      for (const hash of hashes) seen.add(hash);
      cells += hashes.length;
    }
    // 16,000 of 2^32: .03 meetings are expected.
    expect(cells - seen.size).toBeLessThanOrEqual(2);
    const buckets = new Set([...seen].map((hash) => hash % BUCKETS));
    expect(buckets.size / BUCKETS).toBeCloseTo(1 - Math.exp(-cells / BUCKETS), 2);
  });
});
