/** Reads again after something has happened to models, at most every few seconds, and not under the hand of somebody who is about to press a button. */
import { useEffect, useRef, useState } from 'react';
import { useApp } from './app-context.js';

const LEAST_PAUSE_MS = 3_000;

interface Held {
  onPointerEnter: () => void;
  onPointerLeave: () => void;
  onFocus: () => void;
  onBlur: () => void;
}

/** @returns handlers for the element within which nothing should move while it is pointed at or has the focus */
export function useReloadOnEvents(reload: () => void): Held {
  const { live } = useApp();
  const [isPointed, setIsPointed] = useState(false);
  const [hasFocus, setHasFocus] = useState(false);
  const isHeld = isPointed || hasFocus;
  const state = useRef({ isDue: false, at: performance.now() });

  useEffect(() => {
    const own = state.current;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const readSoon = (): void => {
      own.isDue = true;
      if (isHeld || document.hidden || timer !== undefined) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          own.isDue = false;
          own.at = performance.now();
          reload();
        },
        Math.max(0, own.at + LEAST_PAUSE_MS - performance.now()),
      );
    };
    let feed = live.get().feed;
    const end = live.subscribe(() => {
      const before = feed;
      feed = live.get().feed;
      if (feed !== before) readSoon();
    });
    const onShow = (): void => {
      if (!document.hidden && own.isDue) readSoon();
    };
    document.addEventListener('visibilitychange', onShow);
    if (own.isDue) readSoon();
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onShow);
      end();
    };
  }, [live, reload, isHeld]);

  return { onPointerEnter: () => setIsPointed(true), onPointerLeave: () => setIsPointed(false), onFocus: () => setHasFocus(true), onBlur: () => setHasFocus(false) };
}
