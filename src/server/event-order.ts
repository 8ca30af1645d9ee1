/** Subscriptions of one socket answer in the order of their events, although each answer takes its own time to put together. */
import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';

/** A queue of answers: work begins at once, and is handed on after all that began before it. */
export class EventOrder {
  #last: Promise<unknown> = Promise.resolve();

  inOrder<Result>(work: Result | Promise<Result>): Promise<Result> {
    const turn = this.#last;
    const result = Promise.resolve(work);
    // What fails, fails for its own subscription only.
    this.#last = Promise.allSettled([turn, result]);
    return turn.then(() => result);
  }
}

/** GraphQL's subscribe, but an event's answer waits for those of earlier events in the same order. */
export async function subscribeInOrder(args: ExecutionArgs, order: EventOrder): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const events = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in events)) return events;
  const source = events[Symbol.asyncIterator]();
  const answers: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const { value, done } = await source.next();
      if (done) return { value: undefined, done: true };
      return { value: await order.inOrder(execute({ ...args, rootValue: value })), done: false };
    },
    async return() {
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => answers,
  };
  return answers;
}
