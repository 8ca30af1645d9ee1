/** The socket's manners: close codes, limits, and what a client that does not read may cost. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_LIMITS } from '../../../src/limits.js';
import { startTestServer, TestSocket, type TestServer } from './support.js';

let site: TestServer;
beforeAll(async () => {
  site = await startTestServer();
});
afterAll(() => site.server.stop());

describe('a socket is closed', () => {
  test('with 4408 when it does not introduce itself', async () => {
    const impatient = await startTestServer({ limits: { ...DEFAULT_LIMITS, socketInitTimeoutMs: 50 } });
    const socket = await TestSocket.open(impatient.socketUrl);
    expect(await socket.closed).toMatchObject({ code: 4408 });
    await impatient.server.stop();
  });

  test.each(['graphql-ws', 'mine', ''])('with 4406 when it speaks the subprotocol "%s"', async (protocol) => {
    const socket = await TestSocket.open(site.socketUrl, { protocol });
    expect(await socket.closed).toMatchObject({ code: 4406 });
  });

  test('with 4401 when it subscribes before the acknowledgement', async () => {
    const socket = await TestSocket.open(site.socketUrl);
    socket.subscribe('1', '{ hello }');
    expect(await socket.closed).toMatchObject({ code: 4401 });
  });

  test('with 4429 when it introduces itself twice', async () => {
    const socket = await TestSocket.connect(site.socketUrl);
    socket.send({ type: 'connection_init' });
    expect(await socket.closed).toMatchObject({ code: 4429 });
  });

  test.each(['garbage', '{}', '[]', 'null', '{"type":"nonsense"}', '{"type":"subscribe","id":"1"}', '{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}', '{"type":"subscribe","id":"1","payload":{"query":5}}', '{"type":"next","id":"1","payload":{}}'])(
    'with 4400 when it sends %s',
    async (message) => {
      const socket = await TestSocket.connect(site.socketUrl);
      socket.send(message);
      expect(await socket.closed).toMatchObject({ code: 4400 });
    },
  );

  test('with 4409 when an id is used twice', async () => {
    const socket = await TestSocket.connect(site.socketUrl);
    const subscribed = once(site.stage, 'subscribed');
    socket.subscribe('1', 'subscription { ticks }');
    await subscribed;
    socket.subscribe('1', 'subscription { ticks }');
    expect(await socket.closed).toMatchObject({ code: 4409 });
  });

  test('with 1009 when a frame is too large', async () => {
    const socket = await TestSocket.connect(site.socketUrl);
    socket.subscribe('1', `{ hello } #${'x'.repeat(64 * 1024)}`);
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });

  test('with 1007 when a text is not UTF-8', async () => {
    const socket = await TestSocket.connect(site.socketUrl);
    socket.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect(await socket.closed).toMatchObject({ code: 1007 });
  });
});

test('none of that is an error in the log', () => {
  expect(site.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});

describe('a socket stays', () => {
  test('after a syntax error, which is told for that id', async () => {
    const socket = await TestSocket.connect(site.socketUrl);
    socket.subscribe('1', '{ hello');
    expect(await socket.next()).toMatchObject({ id: '1', type: 'error', payload: [{ locations: [{ line: 1, column: 8 }], extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] });
    socket.subscribe('1', '{ hello }');
    expect(await socket.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { hello: 'hello world' } } });
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
    await socket.close();
  });

  test('when it asks for one operation more than allowed, which is refused', async () => {
    const socket = await TestSocket.connect(site.socketUrl);
    const ids = Array.from({ length: 50 }, (_, n) => String(n + 1));
    for (const id of ids) socket.subscribe(id, 'subscription { ticks }');
    socket.subscribe('51', 'subscription { ticks }');
    expect(await socket.next()).toMatchObject({ id: '51', type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    socket.send({ id: '7', type: 'complete' });
    socket.subscribe('52', 'subscription { ticks }');
    await socket.ping();
    site.stage.emit('tick', 'x');
    const told: unknown[] = [];
    while (told.length < 50) told.push((await socket.next()).id);
    expect(told).toEqual([...ids.filter((id) => id !== '7'), '52']);
    await socket.close();
  });

  test('and answers pings', async () => {
    const socket = await TestSocket.connect(site.socketUrl);
    socket.send({ type: 'ping', payload: { n: 1 } });
    expect(await socket.next()).toEqual({ type: 'pong', payload: { n: 1 } });
    await socket.close();
  });
});

test('each operation has a request id of its own', async () => {
  const socket = await TestSocket.connect(site.socketUrl);
  const ids = new Set<unknown>();
  for (const id of ['1', '2']) {
    socket.subscribe(id, '{ requestId }');
    ids.add(((await socket.next()).payload as { data: { requestId: string } }).data.requestId);
    await socket.next();
  }
  expect(ids.size).toBe(2);
  await socket.close();
});

describe('a client that does not read', () => {
  test('is closed with 4413 when it has left more unread than the limit, and others are not', async () => {
    const limits = { ...DEFAULT_LIMITS, maxUnreadBytesPerSocket: 100_000 };
    const busy = await startTestServer({ limits });
    const slow = await TestSocket.connect(busy.socketUrl);
    const quick = await TestSocket.connect(busy.socketUrl);
    for (const socket of [slow, quick]) {
      socket.subscribe('1', 'subscription { ticks }');
      await socket.ping();
    }
    slow.socket.pause();
    const tick = 'x'.repeat(50_000);
    // The kernel takes some megabytes before the server has to keep any: tick until it has had enough.
    let ticks = 0;
    while (!busy.log.some(({ msg }) => String(msg).includes('does not read')) && ticks < 1_000) {
      busy.stage.emit('tick', tick);
      await quick.next();
      ticks += 1;
    }
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 4413, reason: 'Reading too slowly' });
    busy.stage.emit('tick', 'last');
    expect(await quick.next()).toMatchObject({ payload: { data: { ticks: 'last' } } });
    await busy.server.stop();
  });

  test('is cut when it stays silent, and its subscriptions end', async () => {
    const busy = await startTestServer({ limits: { ...DEFAULT_LIMITS, socketHeartbeatMs: 50 } });
    const socket = await TestSocket.connect(busy.socketUrl);
    const subscribed = once(busy.stage, 'subscribed');
    socket.subscribe('1', 'subscription { ticks }');
    await subscribed;
    const unsubscribed = once(busy.stage, 'unsubscribed');
    socket.socket.pause();
    busy.stage.once('tick', () => undefined);
    const ticking = setInterval(() => busy.stage.emit('tick', 'x'), 20);
    await unsubscribed;
    clearInterval(ticking);
    expect(busy.stage.openSources).toBe(0);
    socket.socket.terminate();
    await busy.server.stop();
  });
});
