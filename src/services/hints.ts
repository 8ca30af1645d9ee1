/** Hints between processes on one database: "look at your tables". They may be lost or doubled, and carry nothing else. */
import type { Notifications } from '../database/notifications.js';
import type { Logger } from '../logger.js';

const TOPICS = ['settings', 'catalog', 'samples', 'runs'] as const;
export type HintTopic = (typeof TOPICS)[number];

export interface HintsOptions {
  notifications: Notifications;
  /** Our own hints come back to us, and are passed over. */
  processId: string;
  logger: Logger;
}

export class Hints {
  readonly #options: HintsOptions;
  /** Topics to say as soon as the one under way has been said: each at most once, however often asked for. */
  readonly #waiting = new Set<HintTopic>();
  #sending: Promise<void> | undefined;

  constructor(options: HintsOptions) {
    this.#options = options;
  }

  /** `onLost` is called after hints may have been lost: look at everything. */
  async start(onHint: (topic: HintTopic) => void, onLost: () => void): Promise<void> {
    const { notifications, processId } = this.#options;
    notifications.on((payload) => {
      const [sender, topic] = payload.split(' ');
      if (sender === processId) return;
      const known = TOPICS.find((candidate) => candidate === topic);
      if (known) onHint(known);
    });
    notifications.onReconnect(onLost);
    await notifications.start();
  }

  async stop(): Promise<void> {
    await this.#sending;
    await this.#options.notifications.stop();
  }

  /** Call it after the commit. */
  say(topic: HintTopic): void {
    this.#waiting.add(topic);
    this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    const { notifications, processId, logger } = this.#options;
    for (const topic of this.#waiting) {
      this.#waiting.delete(topic);
      try {
        await notifications.send(`${processId} ${topic}`);
      } catch (error) {
        logger.debug({ err: error, topic }, 'a hint could not be sent: the other processes look by themselves');
      }
    }
    // Here, not later: a hint asked for in between would be left lying.
    this.#sending = undefined;
  }
}
