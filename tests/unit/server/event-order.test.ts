/** A socket's answers come in the order of their events, whatever each takes to put together. */
import { EventEmitter, on } from 'node:events';
import { expect, test } from '@jest/globals';
import { buildSchema, parse, type GraphQLObjectType } from 'graphql';
import { EventOrder, subscribeInOrder } from '../../../src/server/event-order.js';

function schemaOf(emitter: EventEmitter, slowAnswer: Promise<string>) {
  const schema = buildSchema('type Query { ok: Boolean } type Subscription { slow: String! quick: String! failing: String! }');
  const fields = (schema.getType('Subscription') as GraphQLObjectType).getFields();
  for (const name of ['slow', 'quick', 'failing']) {
    fields[name]!.subscribe = async function* () {
      for await (const [value] of on(emitter, name)) yield { [name]: value };
    };
  }
  fields.slow!.resolve = () => slowAnswer;
  fields.failing!.resolve = () => Promise.reject(new Error('no'));
  return schema;
}

test('an answer waits for the slower answer of an earlier event, and not for one that failed', async () => {
  const emitter = new EventEmitter();
  let release: (answer: string) => void = () => undefined;
  const schema = schemaOf(emitter, new Promise((resolve) => (release = resolve)));
  const order = new EventOrder();
  const answers: string[] = [];
  const listen = async (name: string): Promise<void> => {
    const stream = await subscribeInOrder({ schema, document: parse(`subscription { ${name} }`) }, order);
    if (!(Symbol.asyncIterator in stream)) throw new Error('not subscribed');
    const { value } = await stream.next();
    answers.push(`${name}: ${JSON.stringify(value.data ?? value.errors?.[0]?.message)}`);
    await stream.return?.();
  };
  const all = [listen('failing'), listen('slow'), listen('quick')];
  await new Promise((resolve) => setImmediate(resolve));
  emitter.emit('failing', 'a');
  emitter.emit('slow', 'b');
  emitter.emit('quick', 'c');
  // Everything that needs no release has had its turns.
  await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toEqual(['failing: "no"']);
  release('late');
  await Promise.all(all);
  expect(answers).toEqual(['failing: "no"', 'slow: {"slow":"late"}', 'quick: {"quick":"c"}']);
});
