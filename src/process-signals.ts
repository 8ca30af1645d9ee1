/** Signals that mean stop, and npm's disappearance, which means the same: npm does not pass signals on. */
import type { Logger } from './logger.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PARENT_CHECK_MS = 500;

export interface StopOnSignalsOptions {
  stop: () => Promise<void>;
  startedByNpm: boolean;
  logger: Logger;
}

/** Stops once, however many signals arrive (Ctrl-C in a terminal sends one to npm and one to us), and exits with 0. */
export function stopOnSignals({ stop, startedByNpm, logger }: StopOnSignalsOptions): void {
  let stopping = false;
  const end = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'stopping');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  for (const signal of SIGNALS) process.on(signal, () => end(signal));
  if (!startedByNpm) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end('npm is gone');
  }, PARENT_CHECK_MS).unref();
}
