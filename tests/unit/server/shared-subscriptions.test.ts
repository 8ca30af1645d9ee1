/** Subscribers who ask the same share one source and each event's answer, and notice nothing of it. */
import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { EventBus, type ModelReload } from '../../../src/events.js';
import { mapped, startingWith } from '../../../src/resolvers/subscriptions.js';
import { SECRET, startTestServer, TestSocket, type TestServer } from './support.js';

const ADMIN = 'admin-key-one-0123456789';
const PUBLIC = 'public-key-one-0123456789';

/** The sources behind the schema: how many are open, how often each event was executed, and what their answers wait for. */
class Source {
  readonly bus = new EventBus(() => undefined);
  readonly failure = new EventEmitter();
  open = 0;
  opened = 0;
  executions = 0;
  isRefusing = false;
  /** What the state is when a subscription starts with it. */
  present: () => Promise<number> = async () => 0;
  slow = Promise.resolve();

  emit(rankerId: string): void {
    this.bus.emit('model.reloaded', { rankerId, previousId: 'base', reason: 'ACTIVATED', at: new Date() });
  }

  /** Counts itself as open until it is returned, whoever returns it. */
  stream<Root>(toRoot: (event: ModelReload) => Root): AsyncIterableIterator<Root> {
    if (this.isRefusing) throw new Error(SECRET);
    const events = mapped(this.bus.stream('model.reloaded'), toRoot);
    const end = events.return?.bind(events);
    this.open += 1;
    this.opened += 1;
    events.return = async () => {
      this.open -= 1;
      return (await end?.()) ?? { value: undefined, done: true };
    };
    return events;
  }
}

function schemaOf(source: Source): GraphQLSchema {
  const schema = buildSchema('type Query { ok: Boolean } type Subscription { told(prefix: String = ""): String!  slow: String!  secret: String  counted: Int!  failing: String! }');
  const fields = schema.getSubscriptionType()!.getFields();
  const tell = ({ rankerId }: { rankerId: string }, { prefix = '' }: { prefix?: string }): string => {
    source.executions += 1;
    return `${prefix}${rankerId}`;
  };
  for (const name of ['told', 'slow', 'secret'] as const) fields[name]!.subscribe = () => source.stream((event) => event);
  fields.told!.resolve = tell;
  fields.slow!.resolve = async (event, args) => {
    const told = tell(event as ModelReload, args);
    await source.slow;
    return told;
  };
  fields.secret!.resolve = () => {
    throw new Error(SECRET);
  };
  fields.counted!.subscribe = () =>
    startingWith(
      async () => ({ counted: await source.present() }),
      source.stream(({ rankerId }) => ({ counted: Number(rankerId) })),
      (change, first) => change.counted >= first.counted,
    );
  fields.failing!.subscribe = async function* () {
    yield { failing: 'one' };
    await once(source.failure, 'fail');
    throw new Error(SECRET);
  };
  return schema;
}

let source: Source;
let site: TestServer;
beforeEach(async () => {
  source = new Source();
  site = await startTestServer({ schema: schemaOf(source) });
});
afterEach(() => site.server.stop());

async function listen(query: string, { id = 'mine', ...more }: { id?: string; variables?: Record<string, unknown>; operationName?: string } = {}): Promise<TestSocket> {
  const socket = await TestSocket.connect(site.socketUrl);
  socket.send({ id, type: 'subscribe', payload: { query, ...more } });
  await socket.ping();
  return socket;
}

const told = async (socket: TestSocket): Promise<unknown> => ((await socket.next()).payload as { data: unknown }).data;

describe('an event', () => {
  test('is executed once for all who ask the same, and comes to each under its own id', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, (_, n) => listen('subscription { told }', { id: `subscription "${n}"` })));
    expect({ open: source.open, opened: source.opened }).toEqual({ open: 1, opened: 1 });
    source.emit('a');
    expect(await Promise.all(sockets.map((socket) => socket.next()))).toEqual(sockets.map((_, n) => ({ id: `subscription "${n}"`, type: 'next', payload: { data: { told: 'a' } } })));
    expect(source.executions).toBe(1);
  });

  test('is executed for each text, operation and set of variables of its own', async () => {
    const query = 'subscription A($p: String) { told(prefix: $p) } subscription B { told }';
    const sockets = [
      await listen('subscription { told }'),
      await listen('subscription { renamed: told }'),
      await listen(query, { operationName: 'A', variables: { p: 'x' } }),
      await listen(query, { operationName: 'A', variables: { p: 'y' } }),
      await listen(query, { operationName: 'B' }),
      await listen(query, { operationName: 'B' }),
    ];
    source.emit('a');
    expect(await Promise.all(sockets.map(told))).toEqual([{ told: 'a' }, { renamed: 'a' }, { told: 'xa' }, { told: 'ya' }, { told: 'a' }, { told: 'a' }]);
    expect(source.executions).toBe(5);
  });

  test('that cannot be answered fails for all in the same way, masked, and is logged once', async () => {
    const sockets = await Promise.all(Array.from({ length: 3 }, () => listen('subscription { secret }')));
    source.emit('a');
    const messages = await Promise.all(sockets.map((socket) => socket.next()));
    expect(messages[0]).toMatchObject({ type: 'next', payload: { data: { secret: null }, errors: [{ path: ['secret'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) } }] } });
    expect(JSON.stringify(messages)).not.toContain(SECRET);
    expect(messages[1]).toEqual(messages[0]);
    expect(site.log.filter(({ level }) => Number(level) >= 50)).toHaveLength(1);
  });

  test('whose answer is slow comes before those of later events, on each socket that asks for both, and holds up no other', async () => {
    let release = (): void => undefined;
    source.slow = new Promise((resolve) => (release = resolve));
    const both = await listen('subscription { slow }', { id: 'slow' });
    const quick = await listen('subscription { told }');
    both.subscribe('quick', 'subscription { told }');
    await both.ping();
    source.emit('a');
    expect(await told(quick)).toEqual({ told: 'a' });
    release();
    expect([(await both.next()).id, (await both.next()).id]).toEqual(['slow', 'quick']);
  });
});

describe('a source', () => {
  test('is closed when the last of its subscribers has left, however that leaves, and opened again for the next', async () => {
    const [first, second, third] = [await listen('subscription { told }'), await listen('subscription { told }'), await listen('subscription { told }')];
    first.send({ id: 'mine', type: 'complete' });
    await first.ping();
    second.socket.terminate();
    source.emit('a');
    expect(await told(third)).toEqual({ told: 'a' });
    expect(source.open).toBe(1);
    third.send({ id: 'mine', type: 'complete' });
    await third.ping();
    await second.closed;
    while (source.open > 0) await third.ping();
    const next = await listen('subscription { told }');
    expect({ open: source.open, opened: source.opened }).toEqual({ open: 1, opened: 2 });
    source.emit('b');
    expect(await told(next)).toEqual({ told: 'b' });
    // Who has left is told nothing.
    await first.ping();
  });

  test('that cannot be opened refuses its subscriber, masked, and is tried anew for the next', async () => {
    source.isRefusing = true;
    const socket = await TestSocket.connect(site.socketUrl);
    socket.subscribe('1', 'subscription { told }');
    expect(JSON.stringify(await socket.next())).toContain('INTERNAL_SERVER_ERROR');
    source.isRefusing = false;
    const next = await listen('subscription { told }');
    source.emit('a');
    expect(await told(next)).toEqual({ told: 'a' });
  });

  test('that fails midway ends all its subscriptions with a masked error, and the sockets stay', async () => {
    const sockets = [await TestSocket.connect(site.socketUrl), await TestSocket.connect(site.socketUrl)];
    for (const socket of sockets) {
      socket.subscribe('1', 'subscription { failing }');
      // One that comes later has missed what came before.
      if (socket === sockets[0]) expect(await told(socket)).toEqual({ failing: 'one' });
      await socket.ping();
    }
    source.failure.emit('fail');
    for (const socket of sockets) {
      const failure = await socket.next();
      expect(failure).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
      expect(JSON.stringify(failure)).not.toContain(SECRET);
      await socket.ping();
    }
  });
});

describe('who subscribes later', () => {
  test('begins with the state as it is then, alone; what is newer follows, what is older does not', async () => {
    source.present = async () => 5;
    const early = await TestSocket.connect(site.socketUrl);
    early.subscribe('1', 'subscription { counted }');
    expect(await told(early)).toEqual({ counted: 5 });
    source.emit('6');
    expect(await told(early)).toEqual({ counted: 6 });

    let answer = (_: number): void => undefined;
    const asked = new Promise<void>((resolve) => {
      source.present = () => {
        resolve();
        return new Promise((present) => (answer = present));
      };
    });
    const late = await TestSocket.connect(site.socketUrl);
    late.subscribe('1', 'subscription { counted }');
    await asked;
    // While its state is being read: the first is in it already, the second is not.
    for (const change of [7, 9]) {
      source.emit(String(change));
      expect(await told(early)).toEqual({ counted: change });
    }
    answer(8);
    expect([await told(late), await told(late)]).toEqual([{ counted: 8 }, { counted: 9 }]);
    source.emit('10');
    expect([await told(early), await told(late)]).toEqual([{ counted: 10 }, { counted: 10 }]);
    expect(source.open).toBe(1);
  });

  test('is refused alone when its state cannot be read', async () => {
    const early = await TestSocket.connect(site.socketUrl);
    early.subscribe('1', 'subscription { counted }');
    await told(early);
    source.present = () => Promise.reject(new Error(SECRET));
    const late = await TestSocket.connect(site.socketUrl);
    late.subscribe('1', 'subscription { counted }');
    expect(JSON.stringify(await late.next())).toContain('INTERNAL_SERVER_ERROR');
    source.emit('1');
    expect(await told(early)).toEqual({ counted: 1 });
    expect(source.open).toBe(1);
  });
});

test('what an admin key may listen to is refused to a public one, also while an admin listens', async () => {
  const keyed = await startTestServer({ schema: schemaOf(source), keys: { admin: [ADMIN], public: [PUBLIC] }, permissionOf: () => 'admin' });
  const connect = async (key: string): Promise<TestSocket> => {
    const socket = await TestSocket.open(keyed.socketUrl);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } });
    await socket.next();
    socket.subscribe('1', 'subscription { told }');
    return socket;
  };
  const admin = await connect(ADMIN);
  const refused = await connect(PUBLIC);
  expect(await refused.next()).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] });
  source.emit('a');
  expect(await told(admin)).toEqual({ told: 'a' });
  refused.subscribe('2', '{ __typename }');
  expect(await refused.next()).toMatchObject({ id: '2', type: 'next' });
  await keyed.server.stop();
});
