/** What a browser page tells the client of itself; in Node and in workers some or all of it is missing. */

interface PageScope {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
  document?: { visibilityState: string };
  navigator?: { onLine?: boolean };
}

// Named here, since the client's types must hold with and without those of the DOM.
const scope = globalThis as unknown as PageScope;

/** Listens to an event of the window (`visibilitychange` reaches it too); returns how to stop. */
export function onPage(type: 'online' | 'pagehide' | 'visibilitychange', listener: () => void): () => void {
  scope.addEventListener?.(type, listener);
  return () => scope.removeEventListener?.(type, listener);
}

export function isHidden(): boolean {
  return scope.document?.visibilityState === 'hidden';
}

/** The browser knows of no network at all. That it knows of one promises nothing. */
export function isOffline(): boolean {
  return scope.navigator?.onLine === false;
}
