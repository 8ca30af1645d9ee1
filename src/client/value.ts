/** A value that changes, for whoever wants to look at it and to hear of changes (the shape that React's useSyncExternalStore takes). */
export interface Value<T> {
  get: () => T;
  /** Calls the listener after each change, until the returned function is called. */
  subscribe: (listener: () => void) => () => void;
}

/** A Value, and the means to change it. */
export function changingValue<T>(value: T): Value<T> & { set: (next: T) => void } {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
