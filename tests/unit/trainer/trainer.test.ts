/** The trainer with real threads: results, back-pressure, cancelling, failures, start and stop. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/logger.js';
import { decodeCheckpoint, withCheckpointMetadata } from '../../../src/learning/checkpoint-format.js';
import { START_WEIGHTS } from '../../../src/learning/content-model.js';
import { Learner } from '../../../src/learning/learner.js';
import { ROW_KIND, type LearningBatch } from '../../../src/learning/learning-batch.js';
import { Trainer } from '../../../src/trainer/trainer.js';
import type { ModelSource, TrainingRequest, TrainingResult } from '../../../src/trainer/training-protocol.js';
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
  return Array.from({ length: count }, () => batchOf(simulatedRows(rowsEach, [-1, 0.6, 0.3], random)));
}

function quietly(signal: AbortSignal = new AbortController().signal) {
  return { signal, onProgress: () => {} };
}

/** A model's bytes under a key, counting how often they are asked for. */
function source(key: string, bytes: Uint8Array): ModelSource & { reads: number } {
  const counted = {
    key,
    reads: 0,
    read: async (): Promise<Uint8Array> => {
      counted.reads++;
      return bytes;
    },
  };
  return counted;
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
        yield batchOf(simulatedRows(5, [-1, 0.6, 0.3], numbers(1)));
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
  });

  test('goes on from the parent’s bytes, which stay the caller’s', async () => {
    const first = await trainer.train(request, stream(batchesOf(1, 50)), quietly());
    const parent = source('a checkpoint', first.bytes);
    const more = [batchOf(simulatedRows(60, [-1, 0.6, 0.3], numbers(2)).map((row) => ({ ...row, pair: [row.pair[0], 7] as const })))];
    const second = await trainer.train({ ...request, parent }, stream(more), quietly());
    expect(first.bytes.length).toBeGreaterThan(0);
    expect(parent.reads).toBe(1);
    expect(decodeCheckpoint(second.bytes).model.memory.size).toBe(110);
  });

  test('trains INCREMENTAL, an offline run with a champion and a run that starts its content model anew as the learner does here', async () => {
    const rows = simulatedRows(300, [-1, 0.6, 0.3], numbers(7));
    const anchors = rows.slice(-50).map((row) => ({ ...row, kind: ROW_KIND.anchorSample }));
    const incremental: TrainingRequest = { ...request, modelType: 'INCREMENTAL' };
    const online = await trainer.train(incremental, stream([batchOf(rows)]), quietly());
    const serving = source('what serves', online.bytes);
    const offline = await trainer.train({ ...incremental, mode: 'OFFLINE', champion: serving }, stream([batchOf(rows.slice(0, 100)), batchOf(anchors)]), quietly());
    const reset = await trainer.train({ ...incremental, parent: serving, resetContent: true }, stream([]), quietly());

    const learner = new Learner(null, { modelType: 'INCREMENTAL', mode: 'ONLINE' });
    learner.learn(batchOf(rows));
    const here = learner.finish();
    expect(decodeCheckpoint(online.bytes).model.content.weights).toEqual(here.model.content.weights);
    expect(online.batchEvidence).toEqual(here.batchEvidence);
    expect(online.batchEvidence!.samples).toBe(300);
    expect(online.anchorEvidence).toBeNull();

    const replay = new Learner(null, { modelType: 'INCREMENTAL', mode: 'OFFLINE', champion: here.model });
    replay.learn(batchOf(rows.slice(0, 100)));
    replay.learn(batchOf(anchors));
    expect(offline.anchorEvidence).toEqual(replay.finish().anchorEvidence);
    expect(offline.anchorEvidence!.samples).toBe(50);
    expect(offline.batchEvidence).toBeNull();

    const started = decodeCheckpoint(reset.bytes).model;
    expect([...started.content.weights]).toEqual([...START_WEIGHTS]);
    expect(started.memory.toColumns()).toEqual(here.model.memory.toColumns());
  });

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
  });

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
  });

  test('a cancelled training rejects, and its samples are told to end', async () => {
    const { batches, begun, ended } = endless();
    const controller = new AbortController();
    const training = trainer.train(request, batches, quietly(controller.signal));
    await begun;
    controller.abort();
    await expect(training).rejects.toThrow('the training was cancelled');
    await ended;
  });

  test('a cancelled training rejects also while its samples keep it waiting', async () => {
    const controller = new AbortController();
    async function* never(): AsyncGenerator<LearningBatch> {
      controller.abort();
      await new Promise(() => {});
    }
    await expect(trainer.train(request, never(), quietly(controller.signal))).rejects.toThrow('the training was cancelled');
  });

  test('a training cancelled before it began does not take a sample', async () => {
    await expect(trainer.train(request, stream([]), quietly(AbortSignal.abort()))).rejects.toThrow('the training was cancelled');
  });

  test('what reading the samples throws is what the training rejects with', async () => {
    async function* broken(): AsyncGenerator<LearningBatch> {
      yield* batchesOf(1, 10);
      throw new Error('the connection was cut');
    }
    await expect(trainer.train(request, broken(), quietly())).rejects.toThrow('the connection was cut');
  });

  test('what hearing of progress throws is what the training rejects with', async () => {
    const onProgress = (): void => {
      throw new Error('no more room');
    };
    await expect(trainer.train(request, stream(batchesOf(6, 10)), { ...quietly(), onProgress })).rejects.toThrow('no more room');
  });

  test('an unreadable parent fails the training, in words', async () => {
    const parent = source('spoiled', new TextEncoder().encode('not a checkpoint at all'));
    await expect(trainer.train({ ...request, parent }, stream([]), quietly())).rejects.toThrow(/^the parent checkpoint cannot be read: .*not a checkpoint/);
  });

  test('an unreadable champion fails the training, in words', async () => {
    const champion = source('spoiled', new TextEncoder().encode('not a checkpoint at all'));
    const offline: TrainingRequest = { ...request, mode: 'OFFLINE', champion };
    await expect(trainer.train(offline, stream(batchesOf(1, 10)), quietly())).rejects.toThrow(/^the active checkpoint cannot be read: .*not a checkpoint/);
  });

  test.each([0, 1, 5])('what reading a model throws is what the training rejects with, of %i batches, and the batches are told to end', async (count) => {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    async function* batches(): AsyncGenerator<LearningBatch> {
      try {
        yield* batchesOf(count, 10);
      } finally {
        end();
      }
    }
    const gone = new Error('the file is gone');
    const parent = { key: 'unread', read: () => Promise.reject(gone) };
    await expect(trainer.train({ ...request, parent }, batches(), quietly())).rejects.toBe(gone);
    await ended;
  });

  test('a source that throws at once is no different', async () => {
    const read = (): Promise<Uint8Array> => {
      throw new Error('no such file');
    };
    await expect(trainer.train({ ...request, parent: { key: 'unread', read } }, stream([]), quietly())).rejects.toThrow('no such file');
  });

  test('a run without a sample gives a checkpoint of what was there', async () => {
    const { bytes, metrics, finite } = await trainer.train(request, stream([]), quietly());
    expect([metrics.samples, metrics.logLoss, finite]).toEqual([0, null, true]);
    expect(decodeCheckpoint(bytes).model.memory.size).toBe(0);
  });
});

describe('models kept by a thread', () => {
  const trainer = new Trainer({ threads: 1, logger });
  beforeAll(() => trainer.start());
  afterAll(() => trainer.stop());
  const train = (changes: Partial<TrainingRequest>, rows = 10): Promise<TrainingResult> => trainer.train({ ...request, ...changes }, stream(batchesOf(1, rows)), quietly());

  test('are asked for once, and a result not at all, by the key it was given', async () => {
    const first = await train({ modelType: 'INCREMENTAL' });
    const parent = source(first.key, first.bytes);
    const kept = await train({ modelType: 'INCREMENTAL', parent }, 20);
    expect(parent.reads).toBe(0);
    const unknown = source('as read from a file', first.bytes);
    const read = await train({ modelType: 'INCREMENTAL', parent: unknown }, 20);
    const again = await train({ modelType: 'INCREMENTAL', parent: unknown }, 20);
    expect(unknown.reads).toBe(1);
    // What stayed in memory and what was read go on alike, to the bit.
    expect(Buffer.compare(kept.bytes, read.bytes)).toBe(0);
    expect(Buffer.compare(again.bytes, read.bytes)).toBe(0);
    expect(new Set([first, kept, read, again].map(({ key }) => key)).size).toBe(4);
  });

  test('are the last three used: another is asked for again', async () => {
    const { bytes } = await train({});
    const [oldest, newer] = [source('oldest', bytes), source('newer', bytes)];
    await train({ parent: oldest });
    for (let run = 0; run < 3; run++) await train({ parent: newer });
    expect([oldest.reads, newer.reads]).toEqual([1, 1]);
    await train({ parent: oldest });
    expect(oldest.reads).toBe(2);
  });

  test('serve as champion as well as parent: one key is one reading', async () => {
    const { bytes } = await train({});
    const both = source('parent and champion', bytes);
    await train({ mode: 'OFFLINE', parent: both, champion: both });
    await train({ mode: 'OFFLINE', champion: both });
    expect(both.reads).toBe(1);
  });

  test('are not those of a run that came to a number that is none', async () => {
    const spoiled = batchOf([{ pair: [1, 2], features: [NaN, 0], clicked: true }]);
    const { finite, key, bytes } = await trainer.train(request, stream([spoiled]), quietly());
    expect(finite).toBe(false);
    const parent = source(key, bytes);
    await train({ parent });
    expect(parent.reads).toBe(1);
  });

  test('are gone with their thread: after a cancelled training they are asked for again', async () => {
    const first = await train({});
    const { batches, begun } = endless();
    const controller = new AbortController();
    const cancelled = expect(trainer.train(request, batches, quietly(controller.signal))).rejects.toThrow('the training was cancelled');
    await begun;
    controller.abort();
    await cancelled;
    const parent = source(first.key, first.bytes);
    await train({ parent });
    expect(parent.reads).toBe(1);
  });
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
  });

  test('stopping rejects what is under way', async () => {
    const trainer = new Trainer({ threads: 1, logger });
    trainer.start();
    const { batches, begun, ended } = endless();
    const training = expect(trainer.train(request, batches, quietly())).rejects.toThrow('the trainer is not running');
    await begun;
    await trainer.stop();
    await training;
    await ended;
  });

  test('a thread that runs out of memory fails its training, not the process, and another takes its place', async () => {
    const trainer = new Trainer({ threads: 1, logger, maxThreadHeapMb: 80 });
    trainer.start();
    const huge = { ...request, windowSize: 4_000_000 };
    const replayed = batchOf(simulatedRows(20_000, [3, 0, 0], numbers(3)).map((row) => ({ ...row, position: 1, predicted: 0.9, kind: 1 })));
    async function* many(): AsyncGenerator<LearningBatch> {
      for (let i = 0; i < 150; i++) yield structuredClone(replayed);
    }
    await expect(trainer.train(huge, many(), quietly())).rejects.toThrow(/^the training thread died: .*memory/);
    expect((await trainer.train(request, stream(batchesOf(1, 10)), quietly())).samples).toBe(10);
    await trainer.stop();
  }, 120_000);
});
