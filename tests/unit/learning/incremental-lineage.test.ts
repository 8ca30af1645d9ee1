/** INCREMENTAL runs one after another: what comes in several runs is learned as in one. */
import { describe, expect, test } from '@jest/globals';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/learning/checkpoint-format.js';
import { sigmoid, START_WEIGHTS } from '../../../src/learning/content-model.js';
import { PRIOR_EXAMINATION } from '../../../src/learning/examination.js';
import { DRAWN_PAIR, ROW_KIND } from '../../../src/learning/learning-batch.js';
import { Learner, type LearnerOptions, type LearningResult } from '../../../src/learning/learner.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { metadataOf } from './checkpoints.js';
import { numbers } from './random-numbers.js';
import { batchOf, NOON, simulatedRows, type SampleRow } from './samples.js';

const ONLINE: LearnerOptions = { modelType: 'INCREMENTAL', mode: 'ONLINE' };

/** One run over the rows, in batches of `batchRows`. */
function run(rows: readonly SampleRow[], parent: RankerModel | null = null, options = ONLINE, batchRows = Infinity): LearningResult {
  const learner = new Learner(parent, options);
  for (let at = 0; at < rows.length; at += batchRows) learner.learn(batchOf(rows.slice(at, at + batchRows)));
  return learner.finish();
}

/** Everything a model holds, as the bytes of its checkpoint. */
const bytesOf = (model: RankerModel): Buffer => Buffer.from(encodeCheckpoint(model, metadataOf({})));

/** Ten results a search, of few queries and documents, so that all is seen again; now and then a late click on an earlier one. */
function traffic(searches: number, seed: number): SampleRow[][] {
  const random = numbers(seed);
  const seen: SampleRow[] = [];
  return Array.from({ length: searches }, (_, search) => {
    const query = Math.floor(8 * random());
    const drawnPair = 1 + Math.floor(9 * random());
    const rows = simulatedRows(10, [-1, 0.6, 0.3], random).map((row, place): SampleRow => ({
      ...row,
      pair: [query, Math.floor(20 * random())],
      cells: [query + 100 * place, Math.floor(random() * 2 ** 32)],
      query: `query ${query}`,
      shownAtSeconds: NOON + 5000 * search,
      drawnPair: place + 1 === drawnPair ? DRAWN_PAIR.upper : place === drawnPair ? DRAWN_PAIR.lower : DRAWN_PAIR.none,
    }));
    const late = seen[Math.floor(seen.length * random())];
    seen.push(...rows.filter((row) => !row.clicked));
    return late !== undefined && random() < 0.2 ? [...rows, { ...late, kind: ROW_KIND.lateClick, clicked: true }] : rows;
  });
}

describe('a lineage', () => {
  const searches = traffic(150, 51).map((rows) => rows.map((row) => ({ ...row, drawnPair: DRAWN_PAIR.none })));
  const rows = searches.flat();
  const inOne = bytesOf(run(rows).model);

  test.each([1, 7, 10, 64, 1000])('learned in batches of %i rows is the same to the bit', (batchRows) => {
    expect(Buffer.compare(bytesOf(run(rows, null, ONLINE, batchRows).model), inOne)).toBe(0);
  });

  test.each([
    [1, 3],
    [2, 10],
    [7, 64],
    [40, 1000],
  ])('learned in %i runs of batches of %i rows is the same to the bit as in one', (runs, batchRows) => {
    let model: RankerModel | null = null;
    // A run's rows begin and end with searches: they are sealed as a whole.
    const each = Math.ceil(searches.length / runs);
    for (let at = 0; at < searches.length; at += each) {
      model = run(searches.slice(at, at + each).flat(), model, ONLINE, batchRows).model;
      // What a file gives back goes on like what stayed in memory.
      if (at % (2 * each) === 0) model = decodeCheckpoint(bytesOf(model)).model;
    }
    expect(Buffer.compare(bytesOf(model!), inOne)).toBe(0);
  });

  test('that replays what it has learned before is the same to the bit: INCREMENTAL learns each sample once', () => {
    const [before, after] = [searches.slice(0, 50).flat(), searches.slice(50).flat()];
    const replayed = before.filter(({ kind }) => kind === undefined).map((row) => ({ ...row, kind: ROW_KIND.replayedSample }));
    expect(Buffer.compare(bytesOf(run([...replayed, ...after], run(before).model).model), inOne)).toBe(0);
  });

  test('with drawn pairs counts the same clicks, and at its end has the same examination', () => {
    // On the way θ is what it was when last looked at: every 50 clicks, and at the end of each run.
    const pairs = traffic(400, 52).flat();
    const once = run(pairs).model;
    let model: RankerModel | null = null;
    for (let at = 0; at < pairs.length; at += 500) model = run(pairs.slice(at, at + 500), model).model;
    expect(once.examination.isPrior).toBe(false);
    expect(model!.examination.clicksAbove).toEqual(once.examination.clicksAbove);
    expect(model!.examination.clicksBelow).toEqual(once.examination.clicksBelow);
    expect(model!.examination.firstPlaces()).toEqual(once.examination.firstPlaces());
    model!.content.weights.forEach((weight, i) => expect(weight).toBeCloseTo(once.content.weights[i]!, 1));
  });

  test('leaves every parent as it was', () => {
    const parent = run(rows.slice(0, 300)).model;
    const before = bytesOf(parent);
    run(rows.slice(300), parent);
    expect(Buffer.compare(bytesOf(parent), before)).toBe(0);
  });

  test('finds the weights of synthetic users who do not look everywhere', () => {
    const { weights } = run(simulatedRows(6000, [-1.2, 0.6, 0.4], numbers(53))).model.content;
    [-1.2, 0.6, 0.4].forEach((weight, i) => expect(Math.abs(weights[i]! - weight)).toBeLessThan(0.2));
  });
});

describe('one sample', () => {
  test('is learned by everything, each with the state before it', () => {
    const first: SampleRow = { pair: [1, 2], position: 2, features: [1, -1], clicked: false, cells: [5, 6], query: 'red shoe' };
    const { model } = run([first, { ...first, clicked: true, position: 1, drawnPair: DRAWN_PAIR.upper }]);
    const theta = PRIOR_EXAMINATION.at(2);

    const x = [1, 1, -1];
    const variances = [1 / 3, 1 / 30, 1 / 30];
    const g = sigmoid(-1.3);
    const examined = (theta * (1 - g)) / (1 - theta * g);
    const v = x.map((value, i) => value * variances[i]!);
    const d = 1 + examined * g * (1 - g) * (1 / 3 + 2 / 30);
    const afterFirst = v.map((value, i) => START_WEIGHTS[i]! - (value * examined * g) / d);
    const P = v.map((value, i) => v.map((other, j) => (i === j ? variances[i]! : 0) - (examined * g * (1 - g) * value * other) / d));
    const p = sigmoid(afterFirst.reduce((sum, weight, i) => sum + weight * x[i]!, 0));
    const v2 = P.map((row) => row.reduce((sum, value, i) => sum + value * x[i]!, 0));
    const d2 = 1 + p * (1 - p) * v2.reduce((sum, value, i) => sum + value * x[i]!, 0);
    v2.forEach((value, i) => expect(model.content.weights[i]).toBeCloseTo(afterFirst[i]! + (value * (1 - p)) / d2, 12));

    const slot = model.memory.find(1, 2);
    expect(model.memory.clicksAt(slot)).toBe(1);
    expect(model.memory.examinationsAt(slot)).toBeCloseTo(1 + theta, 6);
    expect(model.cells.toColumns()).toMatchObject({ shown: Float32Array.of(2, 2), clicks: Float32Array.of(1, 1) });
    expect(model.knownQueries.all()).toEqual([{ text: 'red shoe', examinations: theta + 1, updatedAtSeconds: NOON }]);
    expect([...model.examination.clicksAbove]).toEqual([1]);
  });

  test('is looked at with a probability that rests on what the memory knows of it', () => {
    const looks: SampleRow[] = Array.from({ length: 20 }, () => ({ pair: [1, 2], clicked: true, features: [6, 6] }));
    const parent = run(looks).model;
    // Clicked whenever looked at: not clicked at place 5, it was hardly seen, and teaches next to nothing.
    const known = run([{ pair: [1, 2], position: 5, features: [-1, 1] }], parent).model.content.weights;
    const unknown = run([{ pair: [3, 4], position: 5, features: [-1, 1] }], parent).model.content.weights;
    const before = parent.content.weights;
    expect(Math.abs(known[0]! - before[0]!)).toBeLessThan(Math.abs(unknown[0]! - before[0]!) / 2);
  });

  test('is predicted with the cells of its page', () => {
    const row: SampleRow = { pair: [1, 2], cells: [5, 6], clicked: false };
    const parent = run(Array.from({ length: 2000 }, () => row)).model;
    const [same, other] = [row, { ...row, cells: [7, 8] as const }].map((one) => run([one], parent).metrics.logLoss!);
    expect(same).toBeLessThan(other!);
  });

  test('that is a click outside a drawn pair teaches examination nothing, nor does one in a pair that was not clicked', () => {
    const { model } = run([{ pair: [1, 2], clicked: true }, { pair: [1, 2], drawnPair: DRAWN_PAIR.lower, position: 2 }]);
    expect(model.examination.isPrior).toBe(true);
  });
});

describe('a late click', () => {
  const sample: SampleRow = { pair: [1, 2], cells: [5, 6], position: 3, features: [1, 0.5] };
  const late: SampleRow = { ...sample, kind: ROW_KIND.lateClick, clicked: true };

  test('corrects memory, cells and weights, with e₀ from the state of now', () => {
    const parent = run([sample]).model;
    const { model, samples, metrics } = run([late], parent);
    expect([samples, metrics.samples]).toEqual([0, 0]);
    const slot = model.memory.find(1, 2);
    const [before, theta] = [parent.memory.examinationsAt(parent.memory.find(1, 2)), PRIOR_EXAMINATION.at(3)];
    expect([model.memory.clicksAt(slot), model.memory.examinationsAt(slot)]).toEqual([1, before]);
    expect(model.cells.toColumns()).toMatchObject({ shown: Float32Array.of(1, 1), clicks: Float32Array.of(1, 1) });
    expect(model.content.covariance).toEqual(parent.content.covariance);

    const p = parent.content.attractiveness(Float32Array.of(1, 0.5), 0);
    const alpha = (5 * p) / (before + 5);
    const e0 = (theta * (1 - alpha)) / (1 - theta * alpha);
    const x = [1, 1, 0.5];
    const v = [0, 1, 2].map((i) => x.reduce((sum, value, j) => sum + value * parent.content.covariance[3 * i + j]!, 0));
    const spread = v.reduce((sum, value, i) => sum + value * x[i]!, 0);
    const step = (1 - p) / (1 + p * (1 - p) * spread) + (e0 * p) / (1 + e0 * p * (1 - p) * spread);
    v.forEach((value, i) => expect(model.content.weights[i]).toBeCloseTo(parent.content.weights[i]! + value * step, 12));
  });

  test('leaves examination and known queries alone', () => {
    const parent = run([sample]).model;
    const { model } = run([{ ...late, drawnPair: DRAWN_PAIR.upper, query: 'another' }], parent);
    expect(model.examination.isPrior).toBe(true);
    expect(model.knownQueries.all()).toEqual(parent.knownQueries.all());
  });
});

describe('giving up what the content model has learned', () => {
  const parent = run(simulatedRows(300, [1, -0.5, 2], numbers(54))).model;

  test('starts it anew, and keeps memory, cells, examination and queries', () => {
    const { model } = run([], parent, { ...ONLINE, resetContent: true });
    expect([...model.content.weights]).toEqual([...START_WEIGHTS]);
    expect([...model.content.covariance]).toEqual([1 / 3, 0, 0, 0, 1 / 30, 0, 0, 0, 1 / 30]);
    expect(model.memory.toColumns()).toEqual(parent.memory.toColumns());
    expect(model.cells.toColumns()).toEqual(parent.cells.toColumns());
    expect(model.knownQueries.all()).toEqual(parent.knownQueries.all());
    expect([...parent.content.weights]).not.toEqual([...START_WEIGHTS]);
  });

  test('is learned on from the start by the same run', () => {
    const row: SampleRow = { pair: [9, 9], features: [0, 0], clicked: true };
    const { model } = run([row], parent, { ...ONLINE, resetContent: true });
    expect(model.content.weights).toEqual(run([row]).model.content.weights);
  });

  test('holds for LOGISTIC, too', () => {
    const { model } = run([], parent, { modelType: 'LOGISTIC', mode: 'ONLINE', resetContent: true });
    expect([...model.content.weights]).toEqual([...START_WEIGHTS]);
  });
});

describe('an offline run', () => {
  test('of INCREMENTAL begins anew and comes to what one long online run comes to', () => {
    const rows = traffic(60, 55).flat();
    const parent = run(traffic(20, 56).flat()).model;
    const offline = run(rows, parent, { modelType: 'INCREMENTAL', mode: 'OFFLINE' });
    expect(Buffer.compare(bytesOf(offline.model), bytesOf(run(rows).model))).toBe(0);
    expect(offline.batchEvidence).toBeNull();
  });
});
