/** What subscriptions yield: the present state and then what is newer, with no listener left behind however they end. */
import { expect, test } from '@jest/globals';
import { EventBus } from '../../../src/events.js';
import { mapped, startingWith } from '../../../src/resolvers/subscriptions.js';

/** A bus, a stream of its clicks, and whether that stream still listens. */
function clicks(): { bus: EventBus; stream: AsyncIterableIterator<{ clicks: number }>; isOpen: () => boolean } {
  const bus = new EventBus(() => undefined);
  const stream = bus.stream('click.recorded');
  let open = true;
  const end = stream.return?.bind(stream);
  stream.return = async () => {
    open = false;
    return (await end?.()) ?? { value: undefined, done: true };
  };
  return { bus, stream, isOpen: () => open };
}

const newer = (change: { clicks: number }, first: { clicks: number }): boolean => change.clicks >= first.clicks;

test('events are mapped, and those mapped to null passed over', async () => {
  const { bus, stream } = clicks();
  const even = mapped(stream, ({ clicks: count }) => (count % 2 === 0 ? { even: count } : null));
  for (const count of [1, 2, 3, 4]) bus.emit('click.recorded', { clicks: count });
  expect((await even.next()).value).toEqual({ even: 2 });
  expect((await even.next()).value).toEqual({ even: 4 });
});

test('ended while it waits, a subscription answers, ends and stops listening', async () => {
  const { stream, isOpen } = clicks();
  const events = mapped(stream, (event) => event);
  const waiting = events.next();
  await events.return?.();
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(isOpen()).toBe(false);
});

test('the present state comes first; a change said while it was read follows, one older than it does not', async () => {
  const { bus, stream } = clicks();
  const events = await startingWith(
    async () => {
      bus.emit('click.recorded', { clicks: 4 });
      bus.emit('click.recorded', { clicks: 6 });
      return { clicks: 5 };
    },
    stream,
    newer,
  );
  bus.emit('click.recorded', { clicks: 7 });
  expect([await events.next(), await events.next(), await events.next()].map(({ value }) => value.clicks)).toEqual([5, 6, 7]);
});

test('when the present state cannot be read, the subscription is refused and nothing listens any more', async () => {
  const { stream, isOpen } = clicks();
  await expect(startingWith(() => Promise.reject(new Error('no database')), stream, newer)).rejects.toThrow('no database');
  expect(isOpen()).toBe(false);
});

test('ended before its first read or while it waits, it yields nothing more and stops listening', async () => {
  for (const reads of [0, 1]) {
    const { bus, stream, isOpen } = clicks();
    const events = await startingWith(async () => ({ clicks: 1 }), stream, newer);
    for (let read = 0; read < reads; read++) await events.next();
    const waiting = reads > 0 ? events.next() : null;
    await events.return?.();
    bus.emit('click.recorded', { clicks: 2 });
    expect(isOpen()).toBe(false);
    if (waiting) expect((await waiting).done).toBe(true);
    expect((await events.next()).done).toBe(true);
  }
});
