/** The bus: listeners that fail alone, and streams that end, keep up with slow readers, and leave nothing behind. */
import { expect, test } from '@jest/globals';
import { EventBus } from '../../src/events.js';

function bus(): { events: EventBus; faults: unknown[] } {
  const faults: unknown[] = [];
  return { events: new EventBus((error, event) => faults.push([event, error])), faults };
}

test('listeners are called in order until they are taken off', () => {
  const { events } = bus();
  const heard: string[] = [];
  const offFirst = events.on('search.recorded', ({ samples }) => heard.push(`first ${samples}`));
  events.on('search.recorded', ({ samples }) => heard.push(`second ${samples}`));
  events.emit('search.recorded', { samples: 1 });
  offFirst();
  offFirst();
  events.emit('search.recorded', { samples: 2 });
  events.emit('click.recorded', { clicks: 3 });
  expect(heard).toEqual(['first 1', 'second 1', 'second 2']);
});

test("a listener's failure is reported and keeps neither the others nor the sender", () => {
  const { events, faults } = bus();
  const failure = new Error('mine alone');
  const heard: number[] = [];
  events.on('click.recorded', () => {
    throw failure;
  });
  events.on('click.recorded', ({ clicks }) => heard.push(clicks));
  events.emit('click.recorded', { clicks: 1 });
  expect(heard).toEqual([1]);
  expect(faults).toEqual([['click.recorded', failure]]);
});

test('a stream holds what came since it was made, for readers early and late', async () => {
  const { events } = bus();
  const stream = events.stream('click.recorded');
  events.emit('click.recorded', { clicks: 1 });
  expect(await stream.next()).toEqual({ value: { clicks: 1 }, done: false });
  const [second, third] = [stream.next(), stream.next()];
  events.emit('click.recorded', { clicks: 2 });
  events.emit('click.recorded', { clicks: 3 });
  expect(await Promise.all([second, third])).toEqual([
    { value: { clicks: 2 }, done: false },
    { value: { clicks: 3 }, done: false },
  ]);
});

test('of what waits for a slow reader the newest stay', async () => {
  const { events } = bus();
  const newest = events.stream('click.recorded', 1);
  const three = events.stream('click.recorded', 3);
  for (let clicks = 1; clicks <= 1_000; clicks++) events.emit('click.recorded', { clicks });
  expect((await newest.next()).value).toEqual({ clicks: 1_000 });
  const read = [await three.next(), await three.next(), await three.next()];
  expect(read.map(({ value }) => value.clicks)).toEqual([998, 999, 1_000]);
});

test('ending a stream answers whoever waits, ends all later reads and takes its listener off', async () => {
  const { events } = bus();
  const stream = events.stream('click.recorded');
  const waiting = [stream.next(), stream.next()];
  expect(await stream.return?.()).toEqual({ value: undefined, done: true });
  expect(await Promise.all(waiting)).toEqual(Array(2).fill({ value: undefined, done: true }));
  events.emit('click.recorded', { clicks: 1 });
  expect(await stream.next()).toEqual({ value: undefined, done: true });
  expect(await stream.return?.()).toEqual({ value: undefined, done: true });
});

test('leaving a loop over a stream ends it', async () => {
  const { events } = bus();
  const stream = events.stream('click.recorded');
  events.emit('click.recorded', { clicks: 1 });
  events.emit('click.recorded', { clicks: 2 });
  for await (const { clicks } of stream) {
    expect(clicks).toBe(1);
    break;
  }
  expect((await stream.next()).done).toBe(true);
});
