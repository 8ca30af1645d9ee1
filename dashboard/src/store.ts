/** A value that changes, and those who want to know: the page's state lives in a few of these, outside React. */
import { useSyncExternalStore } from 'react';
import type { Value } from '../../src/client/subscriptions.js';

export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly get = (): T => this.#value;

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  /** Changes the fields given, keeps the rest. */
  patch(change: Partial<T>): void {
    this.set({ ...this.#value, ...change });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export function useStore<T>(store: Value<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** What is picked of a value; draws again only when that changes: the counts change four times a second, the rest seldom. `pick` gives a field, not something made anew. */
export function useOf<T, Part>(store: Value<T>, pick: (value: T) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => pick(store.get()));
}
