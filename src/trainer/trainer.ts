/** The worker-thread pool: training requests in, checkpoint bytes and metrics out, the main thread free meanwhile. */
import { randomUUID } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { LearningBatch } from '../learning/learning-batch.js';
import type { Logger } from '../logger.js';
import { BatchFeed } from './batch-feed.js';
import { THREAD_ARGUMENTS, THREAD_FILE } from './thread-file.js';
import { TrainerStoppedError, TrainingAbortedError, TrainingFailedError, TrainingThreadDiedError } from './training-errors.js';
import type { TrainingOutcome, TrainingRequest, TrainingResult, TrainingTask } from './training-protocol.js';

export interface TrainerOptions {
  /** Trainings that can go on at once; further ones wait. 2 let online and offline go on side by side. */
  threads: number;
  logger: Logger;
  /** Heap of a thread in MiB; beyond it the thread dies, not the process. Left out: as Node decides. */
  maxThreadHeapMb?: number;
}

export interface TrainOptions {
  signal: AbortSignal;
  /** After each batch: new samples learned so far, and the challenger's mean loss on them (nats). */
  onProgress: (samplesDone: number, logLoss: number | null) => void;
}

/** A further thread stays so long, with the models it keeps: replays may follow each other. */
const IDLE_THREAD_MS = 60_000;

/**
 * Trains in threads. A thread sees samples and bytes only: no database, no files.
 *
 * Example: `const { bytes, metrics } = await trainer.train(request, batches, { signal, onProgress });`
 */
export class Trainer {
  readonly #options: TrainerOptions;
  #pool: Piscina | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: TrainerOptions) {
    this.#options = options;
  }

  /** Starts the first thread, so that a training does not wait for it; a further one starts when two trainings go on at once, and ends when idle. */
  start(): void {
    if (this.#pool !== null) return;
    const { threads, maxThreadHeapMb, logger } = this.#options;
    this.#stopping = null;
    this.#pool = new Piscina({
      filename: THREAD_FILE,
      name: 'train',
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: IDLE_THREAD_MS,
      concurrentTasksPerWorker: 1,
      ...(THREAD_ARGUMENTS.length > 0 && { execArgv: [...THREAD_ARGUMENTS] }),
      ...(maxThreadHeapMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: maxThreadHeapMb } }),
    });
    // What fails under a task rejects that task; this is for a thread that fails while idle.
    this.#pool.on('error', (error: unknown) => logger.error({ err: error }, 'an idle training thread failed'));
  }

  /** Ends the threads; trainings under way reject with TrainerStoppedError. */
  stop(): Promise<void> {
    if (this.#stopping === null) {
      const pool = this.#pool;
      this.#pool = null;
      this.#stopping = pool === null ? Promise.resolve() : pool.destroy();
    }
    return this.#stopping;
  }

  /**
   * Trains on `batches`, taken one by one as the thread asks for them; their arrays are moved and empty afterwards.
   * Rejects with TrainingAbortedError as soon as the signal says so, with TrainingThreadDiedError, TrainingFailedError or
   * TrainerStoppedError (see there), or with what `batches`, `onProgress` or a model's source threw. Once begun, `batches` is always told to end
   * (its `return`), but not waited for; the pool stays usable.
   */
  async train(request: TrainingRequest, batches: AsyncIterable<LearningBatch>, options: TrainOptions): Promise<TrainingResult> {
    const pool = this.#pool;
    if (pool === null) throw new TrainerStoppedError();
    if (options.signal.aborted) throw new TrainingAbortedError();

    const { port1, port2 } = new MessageChannel();
    const feedFailed = new AbortController();
    const { parent, champion = null, ...rest } = request;
    const sources = [parent, champion].filter((source) => source !== null);
    const feed = new BatchFeed(port1, sources, { onProgress: options.onProgress, onFailure: (error) => feedFailed.abort(error) });
    const feeding = feed.run(batches);
    const task: TrainingTask = { ...rest, parentKey: parent?.key ?? null, championKey: champion?.key ?? null, resultKey: randomUUID(), port: port2 };
    try {
      const signal = AbortSignal.any([options.signal, feedFailed.signal]);
      const outcome = (await pool.run(task, { signal, transferList: [port2] })) as TrainingOutcome;
      if ('error' in outcome) throw new TrainingFailedError(outcome.error);
      await feeding;
      return outcome.result;
    } catch (error) {
      if (error instanceof TrainingFailedError) throw error;
      if (options.signal.aborted) throw new TrainingAbortedError();
      if (feedFailed.signal.aborted) throw feedFailed.signal.reason;
      if (this.#pool !== pool) throw new TrainerStoppedError();
      throw new TrainingThreadDiedError(error);
    } finally {
      feed.close();
    }
  }
}
