/** What a run tells about its challenger: clicks beside those predicted, and champion and challenger on the same samples. */
import { describe, expect, test } from '@jest/globals';
import { ANCHOR_SAMPLES, AnchorSamples } from '../../../src/learning/anchor-samples.js';
import { ClickMemory } from '../../../src/learning/click-memory.js';
import { priorExamination } from '../../../src/learning/examination.js';
import { Learner, type LearnerOptions } from '../../../src/learning/learner.js';
import { DRAWN_PAIR, ROW_KIND } from '../../../src/learning/learning-batch.js';
import { logLoss, sampleLoss } from '../../../src/learning/metrics.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { attractivenessOf } from '../../../src/learning/ranking.js';
import { numbers } from './random-numbers.js';
import { batchOf, type SampleRow } from './samples.js';

const ONLINE: LearnerOptions = { modelType: 'INCREMENTAL', mode: 'ONLINE' };

function run(rows: readonly SampleRow[], parent: RankerModel | null = null, options = ONLINE) {
  const learner = new Learner(parent, options);
  learner.learn(batchOf(rows));
  return learner.finish();
}

/** θ·α of a row by a model, worked out from its parts. */
function probability(model: RankerModel, { pair, features = [0, 0], position = 1 }: SampleRow): number {
  const slot = model.memory.find(...pair);
  const [clicks, examinations] = slot < 0 ? [0, 0] : [model.memory.clicksAt(slot), model.memory.examinationsAt(slot)];
  return model.examination.at(position) * attractivenessOf(model.content.attractiveness(Float32Array.from(features), 0), clicks, examinations);
}

const meanLoss = (model: RankerModel, rows: readonly SampleRow[]): number =>
  logLoss(
    rows.map((row) => probability(model, row)),
    rows.map((row) => Number(row.clicked ?? false)),
  )!;

/** Few pairs, each seen often: half of them are clicked whenever looked at. */
function history(n: number, seed: number): SampleRow[] {
  const random = numbers(seed);
  return Array.from({ length: n }, (_, i) => {
    const document = Math.floor(30 * random());
    const position = 1 + (i % 10);
    const predicted = priorExamination(position) * (document % 2 === 0 ? 0.9 : 0.05);
    return { pair: [7, document], features: [4 * random() - 2, random()], position, predicted, clicked: random() < predicted };
  });
}

const replayed = (rows: readonly SampleRow[]): SampleRow[] => rows.map((row) => ({ ...row, kind: ROW_KIND.replayedSample }));
const anchors = (rows: readonly SampleRow[]): SampleRow[] => rows.map((row) => ({ ...row, kind: ROW_KIND.anchorSample }));

describe('batch evidence', () => {
  test('counts new samples with what was predicted when they were shown', () => {
    const { batchEvidence } = run([
      ...Array.from({ length: 75 }, (_, i): SampleRow => ({ pair: [i, 1], predicted: 0.1 })),
      ...Array.from({ length: 25 }, (_, i): SampleRow => ({ pair: [i, 2], predicted: 0.1, clicked: true })),
    ]);
    expect(batchEvidence).toMatchObject({ samples: 100, clicks: 25 });
    expect(batchEvidence!.expectedClicks).toBeCloseTo(10, 5);
    expect(batchEvidence!.z).toBeCloseTo(15 / Math.hypot(3, 1.08), 5);
    expect(batchEvidence!.zl).toBeCloseTo(15 / Math.hypot(3, 1.08), 5);
  });

  test('leaves out what the base ranker served, late clicks on it too', () => {
    const { batchEvidence } = run([
      { pair: [1, 1], predicted: 0.2 },
      { pair: [1, 2], predicted: 0.2, clicked: true, servedByBase: true },
      { pair: [1, 3], predicted: 0.2, clicked: true, servedByBase: true, kind: ROW_KIND.lateClick },
    ]);
    expect(batchEvidence).toMatchObject({ samples: 1, clicks: 0 });
  });

  test('takes late clicks for clicks, expected by nobody any more', () => {
    const rows: SampleRow[] = [{ pair: [1, 1], predicted: 0.25 }, { pair: [1, 2], predicted: 0.5, clicked: true, kind: ROW_KIND.lateClick }];
    const { batchEvidence } = run(rows);
    expect(batchEvidence).toMatchObject({ samples: 1, clicks: 1 });
    expect(batchEvidence!.z).toBeCloseTo((1 - 0.25) / Math.sqrt(0.1875 + (0.12 * 0.1875) ** 2), 6);
  });

  test('leaves out replayed samples and anchors', () => {
    const { batchEvidence } = run([...replayed(history(20, 61)), ...anchors(history(20, 62))]);
    expect(batchEvidence).toEqual({ samples: 0, clicks: 0, expectedClicks: 0, z: null, zl: null, zlWithoutOne: null });
  });

  test('is none for an offline run: nothing of it is new', () => {
    expect(run(history(50, 63), null, { ...ONLINE, mode: 'OFFLINE' }).batchEvidence).toBeNull();
  });
});

describe('anchor evidence', () => {
  const old = history(800, 64);
  const fresh = history(100, 65);

  test('of an online run compares parent and challenger on the replayed rows', () => {
    const parent = run(old).model;
    const { model, anchorEvidence } = run([...replayed(old.slice(-300)), ...fresh], parent);
    expect(anchorEvidence).toMatchObject({ samples: 300, newSamples: 100 });
    expect(anchorEvidence!.championLogLoss).toBeCloseTo(meanLoss(parent, old.slice(-300)), 9);
    expect(anchorEvidence!.challengerLogLoss).toBeCloseTo(meanLoss(model, old.slice(-300)), 9);
    // What both know is known as well as before.
    expect(anchorEvidence!.challengerLogLoss / anchorEvidence!.championLogLoss).toBeLessThan(1.01);
  });

  test('asks both with the champion’s examination: one that moves is no lost memory', () => {
    const parent = run(old).model;
    const drawn = Array.from({ length: 60 }, (_, i): SampleRow => ({ pair: [9, i], position: 2, clicked: true, drawnPair: DRAWN_PAIR.lower }));
    const { model, anchorEvidence } = run([...replayed(old), ...drawn], parent);
    expect(model.examination.at(10)).toBeGreaterThan(2 * parent.examination.at(10));
    expect(meanLoss(model, old)).toBeGreaterThan(1.01 * meanLoss(parent, old));
    expect(anchorEvidence!.challengerLogLoss).toBeCloseTo(meanLoss({ ...model, examination: parent.examination }, old), 9);
    expect(anchorEvidence!.challengerLogLoss / anchorEvidence!.championLogLoss).toBeLessThan(1.01);
  });

  test('is none without a champion, without replayed rows, and where a base ranker serves', () => {
    expect(run(replayed(old)).anchorEvidence).toBeNull();
    expect(run(fresh, run(old).model).anchorEvidence).toBeNull();
    expect(run([...old, ...anchors(old)], null, { ...ONLINE, mode: 'OFFLINE', champion: null }).anchorEvidence).toBeNull();
  });

  test('of an offline run compares what serves and the challenger on anchor rows, which nobody learns', () => {
    const champion = run(old).model;
    const offline: LearnerOptions = { modelType: 'INCREMENTAL', mode: 'OFFLINE', champion };
    const { model, samples, anchorEvidence } = run([...old, ...fresh, ...anchors(old.slice(-200))], null, offline);
    expect(samples).toBe(900);
    expect(model.memory.toColumns()).toEqual(run([...old, ...fresh], null, offline).model.memory.toColumns());
    expect(anchorEvidence).toMatchObject({ samples: 200, newSamples: null });
    expect(anchorEvidence!.championLogLoss).toBeCloseTo(meanLoss(champion, old.slice(-200)), 9);
    expect(anchorEvidence!.challengerLogLoss).toBeCloseTo(meanLoss(model, old.slice(-200)), 9);
  });

  test('an offline run’s parent is no champion', () => {
    const parent = run(old).model;
    expect(run([...old, ...anchors(old)], parent, { modelType: 'INCREMENTAL', mode: 'OFFLINE' }).anchorEvidence).toBeNull();
  });

  test('shows a lost memory', () => {
    const parent = run(old).model;
    const champion = meanLoss(parent, old);
    // A replay of nothing: the challenger has learned none of it.
    const { anchorEvidence } = run(anchors(old), null, { modelType: 'INCREMENTAL', mode: 'OFFLINE', champion: parent });
    expect(anchorEvidence!.championLogLoss).toBeCloseTo(champion, 9);
    expect(anchorEvidence!.challengerLogLoss).toBeGreaterThan(1.01 * champion);
    // The same content model and examination without the memory are seen, too.
    expect(meanLoss({ ...parent, memory: new ClickMemory() }, old)).toBeGreaterThan(1.01 * champion);
  });

  test('is finite also when stored rows are spoiled', () => {
    const spoiled: SampleRow[] = [[NaN, 0], [0, Infinity], [-7, 0]].map((features) => ({ pair: [1, 1], features }));
    const { anchorEvidence } = run(replayed([...old.slice(0, 50), ...spoiled]), run(old).model);
    expect(anchorEvidence!.samples).toBe(50);
    expect(Number.isFinite(anchorEvidence!.championLogLoss)).toBe(true);
    expect(Number.isFinite(anchorEvidence!.challengerLogLoss)).toBe(true);
  });

  test('LOGISTIC gives it as well as INCREMENTAL', () => {
    const parent = run(old).model;
    const { anchorEvidence, model } = run([...replayed(old), ...fresh], parent, { modelType: 'LOGISTIC', mode: 'ONLINE' });
    expect(anchorEvidence!.samples).toBe(800);
    expect(anchorEvidence!.challengerLogLoss).toBeCloseTo(meanLoss(model, old), 9);
  });
});

describe('anchor samples', () => {
  test('keep the newest 2,000, whatever becomes of the batch they came in', () => {
    const anchorSamples = new AnchorSamples(2);
    const batch = batchOf(Array.from({ length: 2500 }, (_, i) => ({ pair: [i, 2 * i] as const, features: [i % 5, i % 3], position: 1 + (i % 9), clicked: i % 4 === 0 })));
    for (let row = 0; row < 2500; row++) anchorSamples.add(batch, row, row < 500 ? 0.9 : 0.2);
    batch.pairKeys.fill(0);
    batch.features.fill(0);
    batch.positions.fill(0);
    batch.labels.fill(0);
    const asked = new Set<number>();
    const evidence = anchorSamples.evidence(0, (kept, row) => {
      const i = kept.pairKeys[2 * row]!;
      asked.add(i);
      expect([kept.pairKeys[2 * row + 1], kept.features[2 * row], kept.features[2 * row + 1], kept.positions[row]]).toEqual([2 * i, i % 5, i % 3, 1 + (i % 9)]);
      return 0.5;
    })!;
    expect(evidence.samples).toBe(ANCHOR_SAMPLES);
    expect([Math.min(...asked), asked.size]).toEqual([500, 2000]);
    expect(evidence.championLogLoss).toBeCloseTo(0.25 * sampleLoss(0.2, true) + 0.75 * sampleLoss(0.2, false), 12);
    expect(evidence.challengerLogLoss).toBeCloseTo(Math.LN2, 12);
  });

  test('without a row say nothing', () => {
    expect(new AnchorSamples(2).evidence(0, () => 0.5)).toBeNull();
  });
});
