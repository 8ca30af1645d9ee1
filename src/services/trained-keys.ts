/** By which key the training threads may still know a checkpoint's model; only of what this process trained a moment ago. */

/** A thread keeps fewer. */
const KEPT = 8;

export class TrainedKeys {
  readonly #keys = new Map<string, string>();

  get(checkpointId: string): string | undefined {
    return this.#keys.get(checkpointId);
  }

  set(checkpointId: string, key: string): void {
    this.#keys.set(checkpointId, key);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= KEPT) break;
      this.#keys.delete(oldest);
    }
  }
}
