/** Sends batches to a training thread no faster than it learns them, and the models that it asks for. */
import type { MessagePort } from 'node:worker_threads';
import { batchBuffers, type LearningBatch } from '../learning/learning-batch.js';
import { BATCHES_IN_FLIGHT, type FromThread, type ModelSource, type ToThread } from './training-protocol.js';

/** One run's sending end: at most BATCHES_IN_FLIGHT batches are under way, each answered by the thread when learned. */
export class BatchFeed {
  readonly #port: MessagePort;
  readonly #sources: readonly ModelSource[];
  readonly #onProgress: (samplesDone: number, logLoss: number | null) => void;
  readonly #onFailure: (error: unknown) => void;
  #inFlight = 0;
  #closed = false;
  #failed = false;
  #wake: () => void = () => {};

  /** `onFailure` hears what `onProgress`, a source or the batches threw, the first of it, also after the last batch has been sent. */
  constructor(
    port: MessagePort,
    sources: readonly ModelSource[],
    { onProgress, onFailure }: { onProgress: (samplesDone: number, logLoss: number | null) => void; onFailure: (error: unknown) => void },
  ) {
    this.#port = port;
    this.#sources = sources;
    this.#onProgress = onProgress;
    this.#onFailure = onFailure;
    port.on('message', (message: FromThread) => this.#heard(message));
  }

  /** Sends all batches, then the end. Ends early, telling `batches` so, once closed or failed. Never rejects. */
  async run(batches: AsyncIterable<LearningBatch>): Promise<void> {
    try {
      await this.#send(batches);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #send(batches: AsyncIterable<LearningBatch>): Promise<void> {
    for await (const batch of batches) {
      while (!this.#closed && !this.#failed && this.#inFlight >= BATCHES_IN_FLIGHT) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#closed || this.#failed) return;
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
    if (this.#failed || this.#closed) return;
    this.#failed = true;
    this.#onFailure(error);
    this.#wake();
  }
}
