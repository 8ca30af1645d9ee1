/** What happens on the way of a request: features, ranking, click probability, exploration. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pageClickProbabilities, type ShownPage } from '../../../src/learning/click-probability.js';
import { ClickMemory } from '../../../src/learning/click-memory.js';
import { createContentModel, sigmoid, startContentModel } from '../../../src/learning/content-model.js';
import { isPriorCurve, PRIOR_EXAMINATION, priorExamination } from '../../../src/learning/examination.js';
import { explore } from '../../../src/learning/exploration.js';
import { computeFeatures, FEATURE_SET } from '../../../src/learning/feature-set.js';
import { KnownQueries } from '../../../src/learning/known-queries.js';
import { pairKeysOf, writePairKey } from '../../../src/learning/pair-key.js';
import { cellHashesOf, PredictionCells } from '../../../src/learning/prediction-cells.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { rankCandidates, type RankingInput } from '../../../src/learning/ranking.js';
import { numbers } from './random-numbers.js';
import { observeSample } from '../../support/observe-sample.js';

/** Without feedback: the rm3 column is 0. */
function featuresOf(baseScores: ArrayLike<number>): Float32Array {
  const scores = Float64Array.from(baseScores);
  return computeFeatures({ baseScores: scores, feedbackScores: new Float64Array(scores.length) });
}

function candidates(baseScores: number[], documentIds = baseScores.map((_, i) => `d${i}`)): RankingInput {
  return { queryKey: 'red shoe', documentIds, baseScores: Float64Array.from(baseScores), features: featuresOf(baseScores) };
}

function modelWith(memory: ClickMemory, cells = new PredictionCells()): RankerModel {
  return {
    kind: 'INCREMENTAL',
    featureSetVersion: FEATURE_SET.version,
    content: startContentModel('INCREMENTAL'),
    memory,
    examination: PRIOR_EXAMINATION,
    cells,
    knownQueries: new KnownQueries(),
  };
}

function observe(memory: ClickMemory, document: string, clicks: number, looks: number): void {
  const key = new Uint32Array(2);
  writePairKey('red shoe', document, key, 0);
  for (let look = 0; look < looks; look++) memory.observe(key[0]!, key[1]!, look < clicks, 1, 1_700_000_000);
}

describe('features', () => {
  test('are z-scores within the candidates, base and feedback scores side by side', () => {
    const high = Math.fround(1.224744871391589);
    const one = { baseScores: Float64Array.of(3, 2, 1), feedbackScores: Float64Array.of(1, 1, 1) };
    expect([...computeFeatures(one)]).toEqual([high, 0, 0, 0, -high, 0]);
    const both = { baseScores: Float64Array.of(3, 2, 1), feedbackScores: Float64Array.of(10, 30, 20) };
    expect([...computeFeatures(both)]).toEqual([high, -high, 0, high, -high, 0]);
  });

  test('are 0 without variance: one candidate, equal scores, none, a spoiled score', () => {
    for (const scores of [[7], [7, 7, 7], [], [1, NaN, 2], [1, Infinity]]) {
      expect([...featuresOf(scores)]).toEqual(scores.flatMap(() => [0, 0]));
      const values = Float64Array.from(scores);
      expect([...computeFeatures({ baseScores: values, feedbackScores: values })]).toEqual(scores.flatMap(() => [0, 0]));
    }
  });

  test('of one column do not depend on a spoiled other', () => {
    const features = computeFeatures({ baseScores: Float64Array.of(1, NaN), feedbackScores: Float64Array.of(1, 3) });
    expect([...features]).toEqual([0, -1, 0, 1]);
  });

  test('are clipped at 6', () => {
    const features = featuresOf(Array.from({ length: 100 }, (_, i) => (i === 0 ? 1000 : 0)));
    expect(features[0]).toBe(6);
  });
});

describe('examination', () => {
  test('is k^−.7, never under .02, 1 at the first place', () => {
    expect(priorExamination(1)).toBe(1);
    expect(priorExamination(2)).toBeCloseTo(0.6156, 4);
    expect(priorExamination(10)).toBeCloseTo(0.1995, 4);
    expect(priorExamination(5000)).toBe(0.02);
    for (let k = 1; k <= 1000; k++) expect(PRIOR_EXAMINATION.at(k)).toBe(priorExamination(k));
    expect(PRIOR_EXAMINATION.firstPlaces()).toHaveLength(20);
  });

  test('of a new lineage is known as the prior; one place that differs makes another of it', () => {
    const curve = PRIOR_EXAMINATION.firstPlaces();
    expect(isPriorCurve(curve)).toBe(true);
    expect(isPriorCurve([])).toBe(true);
    for (let place = 0; place < curve.length; place++) expect(isPriorCurve(curve.with(place, curve[place]! * 1.001))).toBe(false);
  });

  test('of a place that cannot be reads as the first', () => {
    for (const place of [0, -1, NaN]) expect(PRIOR_EXAMINATION.at(place)).toBe(1);
  });
});

describe('ranking', () => {
  test('without a model is the base order, with the base scores, ties by code unit of the id', () => {
    const ranking = rankCandidates(candidates([5, 3, 3, 3, 1], ['z', 'b', 'a', 'B', 'y']), null);
    expect([...ranking.order]).toEqual([0, 3, 2, 1, 4]);
    expect([...ranking.scores]).toEqual([5, 3, 3, 3, 1]);
    expect([...ranking.attractiveness]).toEqual([0, 0, 0, 0, 0]);
  });

  test('by an untrained model is the base order', () => {
    const random = numbers(8);
    const scores = Array.from({ length: 200 }, () => Math.round(random() * 100) / 10).sort((a, b) => b - a);
    const input = candidates(scores);
    expect([...rankCandidates(input, modelWith(new ClickMemory())).order]).toEqual([...rankCandidates(input, null).order]);
  });

  test('score is α and a small optimism: a worked example', () => {
    const memory = new ClickMemory();
    observe(memory, 'd1', 3, 5);
    const ranking = rankCandidates(candidates([2, 1]), modelWith(memory));
    const g = sigmoid(-2 + 0.7 * -1);
    const alpha = (3 + 5 * g) / 10;
    expect(ranking.contentAttractiveness[1]).toBeCloseTo(g, 12);
    expect(ranking.memoryClicks[1]).toBe(3);
    expect(ranking.memoryExaminations[1]).toBe(5);
    expect(ranking.attractiveness[1]).toBeCloseTo(alpha, 12);
    expect(ranking.scores[1]).toBeCloseTo(alpha + 0.5 * Math.sqrt((alpha * (1 - alpha)) / 11), 12);
    expect(ranking.memoryExaminations[0]).toBe(0);
    expect(ranking.attractiveness[0]).toBeCloseTo(sigmoid(-1.3), 12);
    expect([...ranking.order]).toEqual([1, 0]);
  });

  test('a result clicked again and again rises to the first place', () => {
    const memory = new ClickMemory();
    observe(memory, 'd9', 20, 25);
    const ranking = rankCandidates(candidates(Array.from({ length: 10 }, (_, i) => 10 - i)), modelWith(memory));
    expect(ranking.order[0]).toBe(9);
  });

  test('looking without clicking lets a result fall', () => {
    const memory = new ClickMemory();
    observe(memory, 'd0', 0, 60);
    const ranking = rankCandidates(candidates([10, 9, 8, 1]), modelWith(memory));
    expect(ranking.order[3]).toBe(0);
  });

  test('scores that are not numbers go last and nothing else is disturbed', () => {
    expect([...rankCandidates(candidates([5, NaN, 4, NaN]), null).order]).toEqual([0, 2, 1, 3]);
  });

  test('features of another width are refused', () => {
    const input = { ...candidates([2, 1]), features: new Float32Array(2) };
    expect(() => rankCandidates(input, modelWith(new ClickMemory()))).toThrow('2 candidates have 2 features; the model reads 2 each');
  });

  test('the keys of a whole list are those of its pairs', () => {
    const ids = ['a', 'bb', '', '😀', 'ccc'];
    const keys = new Uint32Array(10);
    ids.forEach((id, i) => writePairKey('red shoe', id, keys, 2 * i));
    expect(pairKeysOf('red shoe', ids)).toEqual(keys);
  });

  test('covariance and weights must fit together', () => {
    expect(() => createContentModel('LOGISTIC', new Float64Array(2), new Float64Array(3))).toThrow(RangeError);
  });
});

describe('click probability', () => {
  const page: ShownPage = { queryKey: 'red shoe', documentIds: ['d0', 'd1', 'd2'], attractiveness: [0.5, 0.5, 0.2], firstPosition: 1 };
  const nothingShown = { clicks: 0, examinations: 0 };

  test('is θ·α with a model', () => {
    const [first, second, third] = pageClickProbabilities(modelWith(new ClickMemory()), page, nothingShown);
    expect(first).toBe(0.5);
    expect(second).toBeCloseTo(0.3078, 4);
    expect(third).toBeCloseTo(0.2 * 3 ** -0.7, 12);
  });

  test('goes by the position over the whole ranking', () => {
    const [first] = pageClickProbabilities(modelWith(new ClickMemory()), { ...page, firstPosition: 11 }, nothingShown);
    expect(first).toBeCloseTo(0.5 * 11 ** -0.7, 12);
    const [base] = pageClickProbabilities(null, { ...page, firstPosition: 11 }, nothingShown);
    expect(base).toBeCloseTo(0.12 * 11 ** -0.7, 12);
  });

  test('is made right by the cells of this very page', () => {
    const cells = new PredictionCells();
    const hashes = cellHashesOf(pairKeysOf('red shoe', page.documentIds), 1);
    for (let shown = 0; shown < 300; shown++) observeSample(cells, hashes, 1, shown < 30, 0.1);
    const [first, second] = pageClickProbabilities(modelWith(new ClickMemory(), cells), page, nothingShown);
    const theta = 2 ** -0.7;
    const above = (30 + 300 * theta * 0.5) / 600;
    expect(first).toBe(0.5);
    expect(second).toBeCloseTo((30 + 1000 * above) / 1300, 12);
    const turned = { ...page, documentIds: ['d2', 'd1', 'd0'] };
    expect(pageClickProbabilities(modelWith(new ClickMemory(), cells), turned, nothingShown)[1]).toBeCloseTo(theta * 0.5, 12);
  });

  test('is θ·(C + 1.2)/(E + 10) without one', () => {
    const [first] = pageClickProbabilities(null, page, nothingShown);
    expect(first).toBeCloseTo(0.12, 12);
    const [, second] = pageClickProbabilities(null, page, { clicks: 8.8, examinations: 90 });
    expect(second).toBeCloseTo(0.1 * 2 ** -0.7, 12);
  });

  test('is never above 1', () => {
    expect(pageClickProbabilities(null, page, { clicks: 1000, examinations: 10 })[0]).toBe(1);
  });

  test('of an empty page is none', () => {
    const empty = { ...page, documentIds: [], attractiveness: [] };
    expect(pageClickProbabilities(null, empty, nothingShown)).toHaveLength(0);
    expect(pageClickProbabilities(modelWith(new ClickMemory()), empty, nothingShown)).toHaveLength(0);
  });

  test('is a probability, whatever was shown, clicked and clicked late', () => {
    const hashes = cellHashesOf(pairKeysOf('red shoe', page.documentIds), 1);
    const event = fc.record({ place: fc.nat(2), what: fc.constantFrom('shown', 'clicked', 'late') });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 50 }), fc.double({ min: 1e-4, max: 0.999, noNaN: true }), (events, alpha) => {
        const cells = new PredictionCells();
        for (const { place, what } of events) {
          if (what === 'late') cells.correctLateClick(hashes, place);
          else observeSample(cells, hashes, place, what === 'clicked', alpha);
        }
        const shown = { ...page, attractiveness: page.documentIds.map(() => alpha) };
        expect(pageClickProbabilities(modelWith(new ClickMemory(), cells), shown, nothingShown).every((p) => p >= 0 && p <= 1)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('exploration', () => {
  test('propensities of a swap: a worked example', () => {
    const draws = [0.1, 2 / 9 + 0.01, 0.1];
    const { drawnPair, swapped, propensities } = explore(10, 0.5, () => draws.shift()!);
    expect([drawnPair, swapped]).toEqual([3, true]);
    const [end, inside, swap] = [1 - 1 / 36, 1 - 1 / 18, 1 / 36];
    expect([...propensities].map((p) => p.toFixed(10))).toEqual(
      [end, inside, swap, swap, inside, inside, inside, inside, inside, end].map((p) => p.toFixed(10)),
    );
  });

  test.each([
    [2, 1],
    [3, 0.5],
    [10, 0.5],
    [7, 0.2],
  ])('propensities of %i results at rate %f match how often documents are seen there', (n, rate) => {
    const random = numbers(17 * n);
    const draws = 60_000;
    const shown = Array.from({ length: n }, () => new Float64Array(n));
    const claimed = Array.from({ length: n }, () => new Float64Array(n));
    for (let draw = 0; draw < draws; draw++) {
      const { drawnPair, swapped, propensities } = explore(n, rate, random);
      const page = Array.from({ length: n }, (_, i) => i);
      if (swapped) [page[drawnPair! - 1], page[drawnPair!]] = [page[drawnPair!]!, page[drawnPair! - 1]!];
      page.forEach((document, place) => {
        shown[document]![place]!++;
        claimed[document]![place] = propensities[place]!;
      });
    }
    for (let document = 0; document < n; document++) {
      for (let place = 0; place < n; place++) {
        expect(Math.abs(shown[document]![place]! / draws - claimed[document]![place]!)).toBeLessThan(0.011);
      }
      // Where a document may stand, its propensities sum to 1.
      expect(claimed[document]!.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10);
    }
  });

  test.each([0, 1])('a page of %i results draws nothing and is certain', (n) => {
    const { drawnPair, swapped, propensities } = explore(n, 1, () => 0);
    expect([drawnPair, swapped, [...propensities]]).toEqual([null, false, new Array(n).fill(1)]);
  });

  test('at rate 0 nothing is drawn and every place is certain', () => {
    const { drawnPair, propensities } = explore(10, 0, () => 0);
    expect([drawnPair, Math.min(...propensities)]).toEqual([null, 1]);
  });

  test('a drawn pair that is not swapped keeps its place and is told', () => {
    const draws = [0.1, 0, 0.9];
    expect(explore(3, 0.5, () => draws.shift()!)).toMatchObject({ drawnPair: 1, swapped: false });
  });
});
