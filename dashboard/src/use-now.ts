/** The time, so that ages grow while nothing else happens: one clock for the whole page, which stands still while nobody looks at it. */
import { useSyncExternalStore } from 'react';

const TICK_MS = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const listen of listeners) listen();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** What is made of the time; draws again only when that changes, not at every tick. */
export function useOfNow<T extends string | number | boolean>(make: (nowMs: number) => T): T {
  return useSyncExternalStore(subscribe, () => make(now));
}
