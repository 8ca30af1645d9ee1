/** Sends batches to a training thread no faster than it learns them, and the models that it asks for. */
import type { MessagePort } from 'node:worker_threads';
import { batchBuffers, type LearningBatch } from '../learning/learning-batch.js';
import { BATCHES_IN_FLIGHT, type FromThread, type ModelSource, type ToThread } from './training-protocol.js';

/** One run's sending end: at most BATCHES_IN_FLIGHT batches are under way, each answered by the thread when learned. */
export class BatchFeed {
  readonly #port: MessagePort;
  readonly #sources: readonly ModelSource[];
  readonly #onProgress: (samplesDone: number, logLoss: number | null) => void;
  #inFlight = 0;
  #closed = false;
  #failure: { error: unknown } | null = null;
  #failed: (error: unknown) => void = () => {};
  #wake: () => void = () => {};

  constructor(port: MessagePort, sources: readonly ModelSource[], onProgress: (samplesDone: number, logLoss: number | null) => void) {
    this.#port = port;
    this.#sources = sources;
    this.#onProgress = onProgress;
    port.on('message', (message: FromThread) => this.#heard(message));
  }

  /** Sends all batches, then the end. Ends early, telling `batches` so, once closed, or with what `onProgress` or a source threw. */
  async run(batches: AsyncIterable<LearningBatch>): Promise<void> {
    const failed = new Promise<never>((_, reject) => (this.#failed = reject));
    failed.catch(() => undefined);
    await Promise.race([this.#send(batches), failed]);
  }

  async #send(batches: AsyncIterable<LearningBatch>): Promise<void> {
    for await (const batch of batches) {
      while (!this.#closed && this.#failure === null && this.#inFlight >= BATCHES_IN_FLIGHT) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#closed) return;
      if (this.#failure !== null) throw this.#failure.error;
      this.#inFlight++;
      this.#port.postMessage({ batch } satisfies ToThread, batchBuffers(batch));
    }
    if (!this.#closed) this.#port.postMessage({ batch: null } satisfies ToThread);
  }

  close(): void {
    this.#closed = true;
    this.#port.close();
    this.#wake();
  }

  #heard(message: FromThread): void {
    if ('needs' in message) {
      void this.#sendModel(message.needs).catch((error: unknown) => this.#fail(error));
      return;
    }
    this.#inFlight--;
    try {
      this.#onProgress(message.samplesDone, message.logLoss);
    } catch (error) {
      this.#fail(error);
    }
    this.#wake();
  }

  async #sendModel(key: string): Promise<void> {
    const source = this.#sources.find((candidate) => candidate.key === key);
    if (source === undefined) throw new Error(`the thread asks for a model that nobody named: ${key}`);
    const bytes = await source.read();
    if (!this.#closed) this.#port.postMessage({ key, bytes } satisfies ToThread);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#failed(error);
    this.#wake();
  }
}
