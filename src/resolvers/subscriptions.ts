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

/** The present state first, then its changes. The listening begins before the state is read, so nothing in between is lost. */
export function startingWith<Payload, Field extends string>(
  present: () => Promise<Payload>,
  changes: AsyncIterableIterator<Payload>,
  field: Field,
): AsyncIterableIterator<Record<Field, Payload>> {
  let first = true;
  const root = (payload: Payload): Record<Field, Payload> => ({ [field]: payload }) as Record<Field, Payload>;
  const following = mapped(changes, root);
  return {
    async next() {
      if (!first) return following.next();
      first = false;
      return { value: root(await present()), done: false };
    },
    return: () => following.return?.() ?? Promise.resolve({ value: undefined, done: true }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
