/** The trainer with real threads: results, back-pressure, cancelling, failures, start and stop. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/logger.js';
import { decodeCheckpoint, withCheckpointMetadata } from '../../../src/learning/checkpoint-format.js';
import { Learner } from '../../../src/learning/learner.js';
import type { LearningBatch } from '../../../src/learning/learning-batch.js';
import { Trainer } from '../../../src/trainer/trainer.js';
import type { TrainingRequest } from '../../../src/trainer/training-protocol.js';
import { numbers } from '../learning/random-numbers.js';
import { batchOf, simulatedRows } from '../learning/samples.js';

const logger = createLogger({ level: 'silent', format: 'json' });
const request: TrainingRequest = {
  parent: null,
  modelType: 'LOGISTIC',
  mode: 'ONLINE',
  origin: { parent: null, learnedThrough: 300, setAside: [] },
  windowSize: 200,
};

function batchesOf(count: number, rowsEach: number): LearningBatch[] {
  const random = numbers(41);
  return Array.from({ length: count }, () => batchOf(simulatedRows(rowsEach, [-1, 0.6], random)));
}

function quietly(signal: AbortSignal = new AbortController().signal) {
  return { signal, onProgress: () => {} };
}

async function* stream(batches: LearningBatch[]): AsyncGenerator<LearningBatch> {
  yield* batches;
}

/** Yields one batch and then nothing, until it is told to end. */
function endless(): { batches: AsyncIterable<LearningBatch>; begun: Promise<void>; ended: Promise<void> } {
  let begin = (): void => {};
  let end = (): void => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const ended = new Promise<void>((resolve) => (end = resolve));
  async function* batches(): AsyncGenerator<LearningBatch> {
    try {
      for (;;) {
        yield batchOf(simulatedRows(5, [-1, 0.6], numbers(1)));
        begin();
      }
    } finally {
      end();
    }
  }
  return { batches: batches(), begun, ended };
}

describe('a running trainer', () => {
  const trainer = new Trainer({ threads: 2, logger });
  beforeAll(() => trainer.start());
  afterAll(() => trainer.stop());
  // Whatever a test did to the pool, the next training works.
  afterEach(async () => {
    expect((await trainer.train(request, stream(batchesOf(1, 10)), quietly())).samples).toBe(10);
  });

  test('trains in its thread exactly what the learner trains here', async () => {
    const progress: [number, number | null][] = [];
    const onProgress = (samplesDone: number, logLoss: number | null): void => void progress.push([samplesDone, logLoss]);
    const { bytes, metrics, servedMetrics, calibrationBins, examination, samples, finite } = await trainer.train(
      request,
      stream(batchesOf(3, 100)),
      { signal: new AbortController().signal, onProgress },
    );
    const learner = new Learner(null, { modelType: 'LOGISTIC', mode: 'ONLINE', windowSize: 200 });
    for (const batch of batchesOf(3, 100)) learner.learn(batch);
    const here = learner.finish();
    expect({ metrics, servedMetrics, calibrationBins, samples, finite }).toEqual({
      metrics: here.metrics,
      servedMetrics: here.servedMetrics,
      calibrationBins: here.calibrationBins,
      samples: 300,
      finite: true,
    });
    const { model, metadata } = decodeCheckpoint(bytes);
    expect(model.content.weights).toEqual(here.model.content.weights);
    expect(model.memory.toColumns()).toEqual(here.model.memory.toColumns());
    expect(metadata).toMatchObject({ name: '', mode: 'ONLINE', learnedThrough: 300, samples: 300, metrics });
    expect(decodeCheckpoint(withCheckpointMetadata(bytes, { name: 'ctr_model_online_001' })).metadata.name).toBe('ctr_model_online_001');
    expect(examination).toHaveLength(20);
    expect(progress.map(([done]) => done).slice(0, 2)).toEqual([100, 200]);
    expect(progress[0]![1]).toBeGreaterThan(0);
  }, 60_000);

  test('goes on from the parent’s bytes, which stay the caller’s', async () => {
    const first = await trainer.train(request, stream(batchesOf(1, 50)), quietly());
    const more = [batchOf(simulatedRows(60, [-1, 0.6], numbers(2)).map((row) => ({ ...row, pair: [row.pair[0], 7] as const })))];
    const second = await trainer.train({ ...request, parent: first.bytes }, stream(more), quietly());
    expect(first.bytes.length).toBeGreaterThan(0);
    expect(decodeCheckpoint(second.bytes).model.memory.size).toBe(110);
  }, 60_000);

  test('two trainings go on side by side', async () => {
    const [a, b] = [endless(), endless()];
    const [stopA, stopB] = [new AbortController(), new AbortController()];
    const trainings = Promise.allSettled([
      trainer.train(request, a.batches, quietly(stopA.signal)),
      trainer.train({ ...request, mode: 'OFFLINE' }, b.batches, quietly(stopB.signal)),
    ]);
    await Promise.all([a.begun, b.begun]);
    stopA.abort();
    stopB.abort();
    expect((await trainings).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  }, 60_000);

  test('asks for no more than two batches that it has not learned', async () => {
    let taken = 0;
    let learned = 0;
    let most = 0;
    async function* counted(): AsyncGenerator<LearningBatch> {
      for (const batch of batchesOf(20, 50)) {
        most = Math.max(most, ++taken - learned);
        yield batch;
      }
    }
    await trainer.train(request, counted(), { signal: new AbortController().signal, onProgress: () => void learned++ });
    expect(taken).toBe(20);
    // Two under way, and one taken from the stream that waits its turn.
    expect(most).toBeLessThanOrEqual(3);
  }, 60_000);

  test('a cancelled training rejects, and its samples are told to end', async () => {
    const { batches, begun, ended } = endless();
    const controller = new AbortController();
    const training = trainer.train(request, batches, quietly(controller.signal));
    await begun;
    controller.abort();
    await expect(training).rejects.toThrow('the training was cancelled');
    await ended;
  }, 60_000);

  test('a cancelled training rejects also while its samples keep it waiting', async () => {
    const controller = new AbortController();
    async function* never(): AsyncGenerator<LearningBatch> {
      controller.abort();
      await new Promise(() => {});
    }
    await expect(trainer.train(request, never(), quietly(controller.signal))).rejects.toThrow('the training was cancelled');
  }, 60_000);

  test('a training cancelled before it began does not take a sample', async () => {
    await expect(trainer.train(request, stream([]), quietly(AbortSignal.abort()))).rejects.toThrow('the training was cancelled');
  });

  test('what reading the samples throws is what the training rejects with', async () => {
    async function* broken(): AsyncGenerator<LearningBatch> {
      yield* batchesOf(1, 10);
      throw new Error('the connection was cut');
    }
    await expect(trainer.train(request, broken(), quietly())).rejects.toThrow('the connection was cut');
  }, 60_000);

  test('what hearing of progress throws is what the training rejects with', async () => {
    const onProgress = (): void => {
      throw new Error('no more room');
    };
    await expect(trainer.train(request, stream(batchesOf(6, 10)), { ...quietly(), onProgress })).rejects.toThrow('no more room');
  }, 60_000);

  test('an unreadable parent fails the training, in words', async () => {
    const parent = new TextEncoder().encode('not a checkpoint at all');
    await expect(trainer.train({ ...request, parent }, stream([]), quietly())).rejects.toThrow(/^the parent checkpoint cannot be read: .*not a checkpoint/);
  }, 60_000);

  test('a kind of model that cannot be trained fails the training, in words', async () => {
    await expect(trainer.train({ ...request, modelType: 'INCREMENTAL' }, stream([]), quietly())).rejects.toThrow('INCREMENTAL');
  }, 60_000);

  test('a run without a sample gives a checkpoint of what was there', async () => {
    const { bytes, metrics, finite } = await trainer.train(request, stream([]), quietly());
    expect([metrics.samples, metrics.logLoss, finite]).toEqual([0, null, true]);
    expect(decodeCheckpoint(bytes).model.memory.size).toBe(0);
  }, 60_000);
});

describe('start and stop', () => {
  test('starting twice is starting once, stopping gives one promise, and it can start again', async () => {
    const trainer = new Trainer({ threads: 1, logger });
    await trainer.stop();
    trainer.start();
    trainer.start();
    const stopping = trainer.stop();
    expect(trainer.stop()).toBe(stopping);
    await stopping;
    await expect(trainer.train(request, stream([]), quietly())).rejects.toThrow('the trainer is not running');
    trainer.start();
    expect((await trainer.train(request, stream(batchesOf(1, 10)), quietly())).samples).toBe(10);
    await trainer.stop();
  }, 60_000);

  test('stopping rejects what is under way', async () => {
    const trainer = new Trainer({ threads: 1, logger });
    trainer.start();
    const { batches, begun, ended } = endless();
    const training = expect(trainer.train(request, batches, quietly())).rejects.toThrow('the trainer is not running');
    await begun;
    await trainer.stop();
    await training;
    await ended;
  }, 60_000);

  test('a thread that runs out of memory fails its training, not the process, and another takes its place', async () => {
    const trainer = new Trainer({ threads: 1, logger, maxThreadHeapMb: 80 });
    trainer.start();
    const huge = { ...request, windowSize: 4_000_000 };
    const replayed = batchOf(simulatedRows(20_000, [3, 0], numbers(3)).map((row) => ({ ...row, position: 1, predicted: 0.9, kind: 1 })));
    async function* many(): AsyncGenerator<LearningBatch> {
      for (let i = 0; i < 150; i++) yield structuredClone(replayed);
    }
    await expect(trainer.train(huge, many(), quietly())).rejects.toThrow(/^the training thread died: .*memory/);
    expect((await trainer.train(request, stream(batchesOf(1, 10)), quietly())).samples).toBe(10);
    await trainer.stop();
  }, 120_000);
});
