/** Streams of events as the payloads that GraphQL subscriptions yield. */

/** Each payload as the subscription's root value; null passes one over. */
export function mapped<Payload, Root>(events: AsyncIterableIterator<Payload>, toRoot: (payload: Payload) => Root | null): AsyncIterableIterator<Root> {
  return {
    async next() {
      for (;;) {
        const { value, done } = await events.next();
        if (done) return { value: undefined, done: true };
        const root = toRoot(value);
        if (root !== null) return { value: root, done: false };
      }
    },
    // Ended from outside while it waits: passed on at once, so that the listener goes.
    async return() {
      await events.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** A subscription that starts with the present state: as a whole, and in the parts that a server which shares sources hands out. */
export interface StartingWith<Root> extends AsyncIterableIterator<Root> {
  /** The state, for one subscriber alone. */
  readonly first: Root;
  /** All changes from before that state was read on, also those it holds already. */
  readonly changes: AsyncIterableIterator<Root>;
  /** Whether a change is newer than that state. */
  follows(change: Root): boolean;
}

export function isStartingWith(source: object): source is StartingWith<unknown> {
  return 'first' in source && 'changes' in source && 'follows' in source;
}

/**
 * The present state first, then its changes. The listening begins before the state is read, so nothing in between is lost; `follows` tells
 * whether a change is newer than that state. When the state cannot be read, the listening ends and the subscription is refused.
 */
export async function startingWith<Root>(present: () => Promise<Root>, changes: AsyncIterableIterator<Root>, follows: (change: Root, first: Root) => boolean): Promise<StartingWith<Root>> {
  let first: Root;
  try {
    first = await present();
  } catch (error) {
    await changes.return?.();
    throw error;
  }
  let said = false;
  const following = mapped(changes, (change) => (follows(change, first) ? change : null));
  const events: StartingWith<Root> = {
    first,
    changes,
    follows: (change) => follows(change, first),
    async next() {
      if (said) return following.next();
      said = true;
      return { value: first, done: false };
    },
    async return() {
      said = true;
      await changes.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return events;
}
