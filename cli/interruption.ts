/** Ctrl-C and its like: a command that is under way ends in order, and says where it stands; a second one ends it at once. */
import { constants } from 'node:os';

/** Thrown where a signal ended the work. */
export class Interrupted extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
    this.name = 'Interrupted';
  }

  /** As shells have it: 128 and the signal's number. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/** Runs with a signal that aborts, for the reason Interrupted, at the first SIGINT, SIGTERM or SIGHUP. */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const handler = (): void => controller.abort(new Interrupted(name));
    process.once(name, handler);
    return () => process.off(name, handler);
  });
  try {
    return await run(controller.signal);
  } catch (error) {
    // Whatever failed because of it.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const forget of handlers) forget();
  }
}
