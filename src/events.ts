/** The one map of event names to payloads, and the bus that carries them inside a process. Tables are the truth; events tell when to look. */
import { EventEmitter } from 'node:events';
import type { Activation, Checkpoint, OnlineLearningConfig, TrainingRun } from './generated/prisma/client.js';
import type { ReloadReason } from './generated/prisma/enums.js';

/** The counts the trigger goes by, as the API shows them. */
export interface SampleStats {
  total: number;
  positive: number;
  negative: number;
  clickRate: number;
  searches: number;
  unsettled: number;
  lastTrainingTotal: number;
  sinceLastTraining: number;
  threshold: number;
  untilTrigger: number;
  waitingReason: string | null;
  runsLastHour: number;
  updatedAt: Date;
}

export interface ModelReload {
  rankerId: string;
  previousId: string;
  reason: ReloadReason;
  at: Date;
}

export interface EventMap {
  /** A list was recorded by this process. */
  'search.recorded': { samples: number };
  /** Clicks were recorded by this process. */
  'click.recorded': { clicks: number };
  /** A run began, in whichever process. */
  'training.started': TrainingRun;
  'training.progress': TrainingRun;
  'training.finished': TrainingRun;
  /** An activation came into force that this process has not loaded yet. */
  'checkpoint.activated': Activation;
  /** This process now serves another model. */
  'model.reloaded': ModelReload;
  'checkpoint.removed': Checkpoint;
  /** The counts changed; said at most 4 times a second. */
  'samples.changed': SampleStats;
  'settings.changed': OnlineLearningConfig;
}

export type EventName = keyof EventMap;

/** Typed publish and subscribe inside one process. A listener's failure is its own: the bus passes it to `onError`. */
export class EventBus {
  readonly #emitter = new EventEmitter();
  readonly #onError: (error: unknown, event: EventName) => void;

  constructor(onError: (error: unknown, event: EventName) => void) {
    this.#onError = onError;
    // One listener a subscription: their number is bounded by the server, not by Node's warning.
    this.#emitter.setMaxListeners(0);
  }

  emit<Name extends EventName>(name: Name, payload: EventMap[Name]): void {
    this.#emitter.emit(name, payload);
  }

  /** @returns a function that ends the listening */
  on<Name extends EventName>(name: Name, listener: (payload: EventMap[Name]) => void): () => void {
    const guarded = (payload: EventMap[Name]): void => {
      try {
        listener(payload);
      } catch (error) {
        this.#onError(error, name);
      }
    };
    this.#emitter.on(name, guarded);
    return () => this.#emitter.off(name, guarded);
  }

  /**
   * The event's payloads as an async iterator, from the call on. At most `capacity` payloads wait for a slow reader; beyond that the oldest go.
   * Give 1 where only the newest matters.
   */
  stream<Name extends EventName>(name: Name, capacity = 256): AsyncIterableIterator<EventMap[Name]> {
    const waiting: EventMap[Name][] = [];
    const readers: ((result: IteratorResult<EventMap[Name]>) => void)[] = [];
    let ended = false;
    const off = this.on(name, (payload) => {
      const reader = readers.shift();
      if (reader) reader({ value: payload, done: false });
      else {
        waiting.push(payload);
        if (waiting.length > capacity) waiting.shift();
      }
    });
    const end = (): Promise<IteratorResult<EventMap[Name]>> => {
      ended = true;
      off();
      waiting.length = 0;
      for (const reader of readers.splice(0)) reader({ value: undefined, done: true });
      return Promise.resolve({ value: undefined, done: true });
    };
    return {
      next: () => {
        if (ended) return Promise.resolve({ value: undefined, done: true });
        const payload = waiting.shift();
        if (payload !== undefined) return Promise.resolve({ value: payload, done: false });
        return new Promise((resolve) => readers.push(resolve));
      },
      return: end,
      throw: end,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
