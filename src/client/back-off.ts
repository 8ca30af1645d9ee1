/** How long to wait before trying again. */
import { onPage } from './page.js';
import { RequestError } from './request-error.js';

const FIRST_WAIT_MS = 250;

/** What the server asked to wait for, if it did (Retry-After). */
export function retryAfterOf(error: unknown): number {
  const retryAfterMs = error instanceof RequestError ? error.extensions.retryAfterMs : undefined;
  return typeof retryAfterMs === 'number' ? retryAfterMs : 0;
}

/** Twice as long from one attempt to the next, half of it at random, so that many clients do not come back at once. `failures` counts from 1. */
export function backOffMs(failures: number, longestMs: number): number {
  return Math.min(longestMs, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

/** Waits; a network that returns (`isForNetwork`), or the signal, cuts it short. */
export function wait(waitMs: number, isForNetwork: boolean, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      forget();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    const forget = isForNetwork ? onPage('online', done) : () => undefined;
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done);
  });
}
