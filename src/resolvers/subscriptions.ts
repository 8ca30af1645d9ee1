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

/**
 * The present state first, then its changes. The listening begins before the state is read, so nothing in between is lost; `follows` tells
 * whether a change is newer than that state. When the state cannot be read, the listening ends and the subscription is refused.
 */
export async function startingWith<Payload, Root>(
  present: () => Promise<Payload>,
  changes: AsyncIterableIterator<Payload>,
  follows: (change: Payload, first: Payload) => boolean,
  toRoot: (payload: Payload) => Root,
): Promise<AsyncIterableIterator<Root>> {
  let first: Payload;
  try {
    first = await present();
  } catch (error) {
    await changes.return?.();
    throw error;
  }
  let said = false;
  const following = mapped(changes, (change) => (follows(change, first) ? toRoot(change) : null));
  const events: AsyncIterableIterator<Root> = {
    async next() {
      if (said) return following.next();
      said = true;
      return { value: toRoot(first), done: false };
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
