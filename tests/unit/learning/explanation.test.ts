/** Why a document ranks where it does: figures that add up, and sentences that tell the truth. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ClickMemory } from '../../../src/learning/click-memory.js';
import { createContentModel, sigmoid, startContentModel } from '../../../src/learning/content-model.js';
import { PRIOR_EXAMINATION } from '../../../src/learning/examination.js';
import { explainDocument } from '../../../src/learning/explanation.js';
import { computeFeatures, FEATURE_SET } from '../../../src/learning/feature-set.js';
import { ordinal } from '../../../src/learning/ordinal.js';
import { KnownQueries } from '../../../src/learning/known-queries.js';
import { writePairKey } from '../../../src/learning/pair-key.js';
import { PredictionCells } from '../../../src/learning/prediction-cells.js';
import { rankCandidates, type RankingInput } from '../../../src/learning/ranking.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';

const NO_CELLS = new PredictionCells();

/** d1, d2, … in the base ranker's order. */
function candidates(count: number): RankingInput {
  const baseScores = Float64Array.from({ length: count }, (_, i) => count - i);
  return { queryKey: 'red shoe', documentIds: Array.from({ length: count }, (_, i) => `d${i + 1}`), baseScores, features: computeFeatures({ baseScores, feedbackScores: new Float64Array(count) }) };
}

type Remembered = Record<string, { clicks: number; looks: number; theta?: number }>;

function modelThat(remembers: Remembered, weights?: readonly number[]): RankerModel {
  const memory = new ClickMemory();
  const key = new Uint32Array(2);
  for (const [documentId, { clicks, looks, theta = 1 }] of Object.entries(remembers)) {
    writePairKey('red shoe', documentId, key, 0);
    for (let look = 0; look < looks; look++) memory.observe(key[0]!, key[1]!, look < clicks, theta, 1_700_000_000);
  }
  const start = startContentModel('LOGISTIC');
  const content = weights ? createContentModel('LOGISTIC', Float64Array.from(weights), start.covariance) : start;
  return { kind: 'LOGISTIC', featureSetVersion: FEATURE_SET.version, content, memory, examination: PRIOR_EXAMINATION, cells: NO_CELLS, knownQueries: new KnownQueries() };
}

function summary(remembers: Remembered | null, documentId: string, { count = 30, weights }: { count?: number; weights?: readonly number[] } = {}): string {
  return explainDocument(candidates(count), remembers === null ? null : modelThat(remembers, weights), documentId)!.summary;
}

describe('figures', () => {
  test('of a worked example: 9 clicks in 23 looks', () => {
    const input = candidates(30);
    const explanation = explainDocument(input, modelThat({ d14: { clicks: 9, looks: 23 } }), 'd14')!;
    const z = input.features[13 * FEATURE_SET.names.length]!;
    const g = sigmoid(-2 + 0.7 * z);
    const alpha = (9 + 5 * g) / 28;
    expect(explanation).toMatchObject({ memoryClicks: 9, memoryExaminations: 23, baseScore: 17, basePosition: 14, positionWithoutClicks: 14 });
    expect(explanation.learned!.contributions.slice(0, 2)).toEqual([
      { feature: 'intercept', value: 1, weight: -2, contribution: -2 },
      { feature: 'bm25f', value: z, weight: 0.7, contribution: 0.7 * z },
    ]);
    expect(explanation.learned!.contentAttractiveness).toBeCloseTo(g, 12);
    expect(explanation.learned!.attractiveness).toBeCloseTo(alpha, 12);
    expect(explanation.learned!.memoryWeight).toBeCloseTo(23 / 28, 12);
    expect(explanation.learned!.contentWeight).toBeCloseTo(5 / 28, 12);
    expect(explanation.learned!.optimism).toBeCloseTo(0.5 * Math.sqrt((alpha * (1 - alpha)) / 29), 12);
    expect(explanation.score).toBeCloseTo(alpha + explanation.learned!.optimism, 12);
  });

  test('add up, and are those of the ranking, whatever was remembered', () => {
    const evidence = fc.record({ clicks: fc.nat(30), looks: fc.integer({ min: 1, max: 60 }), theta: fc.double({ min: 0.02, max: 1, noNaN: true }) });
    const remembered = fc.dictionary(fc.integer({ min: 1, max: 12 }).map((nth) => `d${nth}`), evidence);
    const weights = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: FEATURE_SET.names.length + 1, maxLength: FEATURE_SET.names.length + 1 });
    fc.assert(
      fc.property(remembered, weights, (remembers, drawn) => {
        const input = candidates(12);
        const model = modelThat(remembers, drawn);
        const ranking = rankCandidates(input, model);
        const places = input.documentIds.map((documentId, candidate) => {
          const { learned, score, position, summary: sentence } = explainDocument(input, model, documentId)!;
          const { contributions, contentAttractiveness, attractiveness, memoryWeight, contentWeight, optimism } = learned!;
          expect(sigmoid(contributions.reduce((sum, { contribution }) => sum + contribution, 0))).toBeCloseTo(contentAttractiveness, 9);
          expect(memoryWeight + contentWeight).toBeCloseTo(1, 12);
          expect(attractiveness + optimism).toBeCloseTo(score, 12);
          expect(optimism).toBeGreaterThanOrEqual(0);
          expect(sentence).toContain(ordinal(position));
          expect(ranking.order[position - 1]).toBe(candidate);
          return position;
        });
        expect(places.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, place) => place + 1));
      }),
      { numRuns: 50 },
    );
  });

  test('of the base ranker are its score and place alone', () => {
    expect(explainDocument(candidates(3), null, 'd2')).toMatchObject({ learned: null, memoryClicks: 0, memoryExaminations: 0, score: 2, baseScore: 2, position: 2, basePosition: 2, positionWithoutClicks: 2 });
  });

  test('of a document that is no candidate are none', () => {
    expect(explainDocument(candidates(3), modelThat({}), 'd4')).toBeNull();
    expect(explainDocument(candidates(0), null, 'd1')).toBeNull();
  });
});

describe('the sentence', () => {
  test('tells what lifts a document', () => {
    expect(summary({ d14: { clicks: 9, looks: 23 } }, 'd14')).toBe('Looked at about 23 times, clicked about 9 times, recent ones counting more; moves it from 14th to 2nd.');
  });

  test('tells what lowers a document', () => {
    expect(summary({ d1: { clicks: 0, looks: 60 } }, 'd1')).toBe('Looked at about 60 times, never clicked, recent ones counting more; moves it from 1st down to 30th.');
  });

  test('tells when clicks and looks move nothing', () => {
    expect(summary({ d1: { clicks: 1, looks: 2 } }, 'd1')).toBe('Looked at about 2 times, clicked about once, recent ones counting more; leaves it 1st.');
  });

  test('tells that others did better, or worse, where that is what moves it', () => {
    const better = { d1: { clicks: 20, looks: 40 }, d2: { clicks: 38, looks: 40 } };
    expect(summary(better, 'd1')).toBe('Looked at about 40 times, clicked about 20 times, recent ones counting more; others did better, so it moves from 1st down to 2nd.');
    const worse = { d1: { clicks: 0, looks: 90 }, d2: { clicks: 0, looks: 1, theta: 0.1 } };
    expect(summary(worse, 'd2', { count: 3 })).toBe('Looked at less than once, never clicked, recent ones counting more; others did worse, so it moves from 2nd to 1st.');
  });

  test('says that nothing is known, and what others do to it', () => {
    expect(summary({}, 'd3')).toBe('Nothing is known yet of clicks on it for this query; its text puts it 3rd.');
    expect(summary({ d9: { clicks: 9, looks: 9 } }, 'd3')).toBe('Nothing is known yet of clicks on it for this query; its text puts it 3rd, and what is known of others moves it to 4th.');
  });

  test('says of more clicks than expected looks that looks are told by the places', () => {
    expect(summary({ d4: { clicks: 5, looks: 5, theta: 0.379 } }, 'd4')).toBe('Looked at about 2 times, as far as its places tell, clicked about 5 times, recent ones counting more; moves it from 4th to 1st.');
    expect(summary({ d4: { clicks: 0, looks: 1, theta: 0.2 } }, 'd4')).toMatch(/^Looked at less than once, never clicked/);
  });

  test('names the base ranker’s place where the content model has learned another order', () => {
    const reversed = [-2, -0.7, ...FEATURE_SET.names.slice(1).map(() => 0)];
    expect(summary({}, 'd1', { count: 21, weights: reversed })).toBe('Nothing is known yet of clicks on it for this query; its text puts it 21st. The base ranker alone has it 1st.');
  });

  test('says of the base ranker that it has learned nothing', () => {
    expect(summary(null, 'd11')).toBe('Ranked by its text alone, which puts it 11th: the base ranker has learned nothing from clicks.');
  });
});

test('ordinals are those of English', () => {
  expect([1, 2, 3, 4, 10, 11, 12, 13, 14, 21, 22, 23, 101, 111, 112, 113, 121].map(ordinal)).toEqual(
    ['1st', '2nd', '3rd', '4th', '10th', '11th', '12th', '13th', '14th', '21st', '22nd', '23rd', '101st', '111th', '112th', '113th', '121st'],
  );
});
