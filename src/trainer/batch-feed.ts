/** Sends batches to a training thread no faster than it learns them. */
import type { MessagePort } from 'node:worker_threads';
import { batchBuffers, type LearningBatch } from '../learning/learning-batch.js';
import { BATCHES_IN_FLIGHT, type FromThread, type ToThread } from './training-protocol.js';

/** One run's sending end: at most BATCHES_IN_FLIGHT batches are under way, each answered by the thread when learned. */
export class BatchFeed {
  readonly #port: MessagePort;
  #inFlight = 0;
  #closed = false;
  #progressError: Error | null = null;
  #wake: () => void = () => {};

  constructor(port: MessagePort, onProgress: (samplesDone: number, logLoss: number | null) => void) {
    this.#port = port;
    port.on('message', ({ samplesDone, logLoss }: FromThread) => {
      this.#inFlight--;
      try {
        onProgress(samplesDone, logLoss);
      } catch (error) {
        this.#progressError ??= error instanceof Error ? error : new Error(String(error));
      }
      this.#wake();
    });
  }

  /** Sends all batches, then the end. Ends early, telling `batches` so, once closed, or with what `onProgress` threw. */
  async run(batches: AsyncIterable<LearningBatch>): Promise<void> {
    for await (const batch of batches) {
      while (!this.#closed && this.#inFlight >= BATCHES_IN_FLIGHT) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#closed) return;
      if (this.#progressError !== null) throw this.#progressError;
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
}
