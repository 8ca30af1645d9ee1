/** A store's value in a component, taken over at most once a frame and a moment after it came: events may come faster than a screen shows them. */
import { useCallback, useSyncExternalStore } from 'react';
import type { Store } from './store.js';

/**
 * An event reaches all pages that watch a server at once. Each waits a moment of its own, too short to be seen, so that those
 * of one machine do not all draw, nor ask the server for more, at the same time.
 */
const OWN_MOMENT_MS = Math.random() * 200;
/** What a page shows at first comes without it. */
const FIRST_MS = 2_000;
/** A frame takes some ten milliseconds. One that takes this long waited for a processor: the moments get longer, and so further apart, until there is one again. */
const SLOW_FRAME_MS = 40;
const LONGEST_MOMENTS = 5;
let moments = 1;

function noteFrame(tookMs: number): void {
  moments = tookMs > SLOW_FRAME_MS ? Math.min(LONGEST_MOMENTS, moments * 2) : Math.max(1, moments * 0.9);
}

export function useFrameStore<T>(store: Store<T>): T {
  const subscribe = useCallback(
    (listener: () => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let frame = 0;
      const takeOver = (): void => {
        timer = undefined;
        const startedAt = performance.now();
        listener();
        // After what was drawn has been painted.
        setTimeout(() => noteFrame(performance.now() - startedAt));
      };
      const end = store.subscribe(() => {
        timer ??= setTimeout(() => (frame = requestAnimationFrame(takeOver)), performance.now() < FIRST_MS ? 0 : OWN_MOMENT_MS * moments);
      });
      return () => {
        clearTimeout(timer);
        cancelAnimationFrame(frame);
        end();
      };
    },
    [store],
  );
  return useSyncExternalStore(subscribe, store.get);
}
