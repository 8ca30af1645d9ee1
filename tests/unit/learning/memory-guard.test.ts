/** The guard: the content model alone against the base order, judged by what was clicked. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ClickMemory } from '../../../src/learning/click-memory.js';
import { createContentModel } from '../../../src/learning/content-model.js';
import { PRIOR_EXAMINATION } from '../../../src/learning/examination.js';
import { FEATURE_SET } from '../../../src/learning/feature-set.js';
import { KnownQueries } from '../../../src/learning/known-queries.js';
import { judgeByMemory } from '../../../src/learning/memory-guard.js';
import { pairKeysOf } from '../../../src/learning/pair-key.js';
import { PredictionCells } from '../../../src/learning/prediction-cells.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import type { RankingInput } from '../../../src/learning/ranking.js';
import { anyNumber, expectFinite } from './any-number.js';
import { numbers } from './random-numbers.js';
import { NOON } from './samples.js';

const WIDTH = FEATURE_SET.names.length;

/** Candidates in base order; g sorts by `values` when the first feature's weight is 1. */
function query(name: string, values: readonly number[]): RankingInput {
  const features = new Float32Array(values.length * WIDTH);
  values.forEach((value, i) => (features[i * WIDTH] = value));
  return { queryKey: name, documentIds: values.map((_, i) => `d${i}`), baseScores: Float64Array.from(values, (_, i) => values.length - i), features };
}

function modelOf(memory: ClickMemory, weight = 1): RankerModel {
  const weights = new Float64Array(WIDTH + 1);
  weights[1] = weight;
  const content = createContentModel('LOGISTIC', weights, new Float64Array(weights.length ** 2));
  return { kind: 'LOGISTIC', featureSetVersion: FEATURE_SET.version, content, memory, examination: PRIOR_EXAMINATION, cells: new PredictionCells(), knownQueries: new KnownQueries() };
}

/** Each candidate looked at ten times, the given numbers of clicks. */
function observe(memory: ClickMemory, input: RankingInput, clicks: readonly number[]): void {
  const keys = pairKeysOf(input.queryKey, input.documentIds);
  clicks.forEach((count, i) => {
    for (let look = 0; look < 10; look++) memory.observe(keys[2 * i]!, keys[2 * i + 1]!, look < count, 1, NOON);
  });
}

describe('judging by memory', () => {
  test('the clicked document third and second by base, first by g: a worked example', () => {
    const memory = new ClickMemory();
    const queries = [query('red shoe', [0, 1, 2]), query('blue shoe', [0, 2, 1])];
    observe(memory, queries[0]!, [0, 0, 6]);
    observe(memory, queries[1]!, [0, 6, 0]);
    const { ndcg, baseNdcg, t, ...others } = judgeByMemory(modelOf(memory), queries);
    expect(others).toEqual({ queries: 2, lower: null, upper: null });
    expect(ndcg).toBeCloseTo(1, 12);
    expect(baseNdcg).toBeCloseTo((0.5 + 1 / Math.log2(3)) / 2, 12);
    expect(t).toBeCloseTo(6.64, 2);
  });

  test('gains are C/(E + 5), over the best order of all candidates, also those under the first ten', () => {
    const memory = new ClickMemory();
    const input = query('shoe', Array.from({ length: 12 }, (_, i) => -i));
    const clicks = Array.from({ length: 12 }, (_, i) => (i === 3 ? 2 : i === 11 ? 8 : 0));
    observe(memory, input, clicks);
    const { ndcg, baseNdcg } = judgeByMemory(modelOf(memory), [input]);
    // By hand: gains 2/15 at place 4 and 8/15 at place 12, which does not count.
    expect(baseNdcg).toBeCloseTo(2 / 15 / Math.log2(5) / (8 / 15 + 2 / 15 / Math.log2(3)), 12);
    expect(ndcg).toBe(baseNdcg);
  });

  test('the same order has no variance and no t, whatever was clicked', () => {
    const memory = new ClickMemory();
    const queries = Array.from({ length: 40 }, (_, i) => query(`q${i}`, [3, 2, 1]));
    queries.forEach((input, i) => observe(memory, input, [i % 3, (i + 1) % 4, 1]));
    const { ndcg, baseNdcg, t, lower, upper } = judgeByMemory(modelOf(memory), queries);
    expect([t, lower, upper]).toEqual([null, 0, 0]);
    expect(ndcg).toBe(baseNdcg);
  });

  test('a flipped g is found, the right one is not, and the interval is that of the textbook', () => {
    const random = numbers(21);
    const memory = new ClickMemory();
    const queries = Array.from({ length: 30 }, (_, i) => query(`q${i}`, Array.from({ length: 20 }, (_, rank) => 2 - rank / 5 + 0.5 * random())));
    queries.forEach((input) => observe(memory, input, input.documentIds.map((_, rank) => Math.floor((10 * random()) / (1 + rank)))));
    const flipped = judgeByMemory(modelOf(memory, -1), queries);
    expect(flipped.queries).toBe(30);
    expect(flipped.t).toBeLessThan(-2);
    expect(judgeByMemory(modelOf(memory), queries).t ?? 0).toBeGreaterThan(-2);
    // t at 29 degrees of freedom is 2.0452: the interval's half width over the mean is 2.0452/t.
    const mean = flipped.ndcg! - flipped.baseNdcg!;
    expect((flipped.upper! + flipped.lower!) / 2).toBeCloseTo(mean, 10);
    expect((flipped.upper! - flipped.lower!) / 2).toBeCloseTo((2.0452 * mean) / flipped.t!, 4);
  });

  test('queries without a click in memory, and no queries, say nothing', () => {
    const nothing = { queries: 0, ndcg: null, baseNdcg: null, t: null, lower: null, upper: null };
    const memory = new ClickMemory();
    const seen = query('seen', [1, 2]);
    observe(memory, seen, [0, 0]);
    expect(judgeByMemory(modelOf(memory), [seen, query('unseen', [1]), query('empty', [])])).toEqual(nothing);
    expect(judgeByMemory(modelOf(memory), [])).toEqual(nothing);
  });

  test('whatever weights, features and memory hold, the figures are null or finite', () => {
    const values = fc.array(anyNumber, { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(values, { maxLength: 35 }), anyNumber, anyNumber, (lists, weight, spoiledClicks) => {
        const queries = lists.map((list, i) => query(`q${i}`, list));
        const memory = new ClickMemory();
        queries.forEach((input, i) => observe(memory, input, input.documentIds.map((_, rank) => (i + rank) % 4)));
        const columns = memory.toColumns();
        if (columns.clicks.length > 0) columns.clicks[0] = spoiledClicks;
        const evidence = judgeByMemory(modelOf(ClickMemory.fromColumns(columns), weight), queries);
        expectFinite(evidence);
        for (const figure of [evidence.ndcg, evidence.baseNdcg]) {
          expect(figure ?? 0).toBeGreaterThanOrEqual(0);
          expect(figure ?? 1).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });
});
