/** Starting and stopping: on a taken port, under load, with clients that hold on. */
import { EventEmitter, once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_LIMITS } from '../../../src/limits.js';
import { post, startTestServer, TestSocket } from './support.js';

/** Well under stopTimeoutMs, which a stop that waits for something it should not would take. */
const DEADLINE_MS = 5_000;

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

/** How long a stop took. */
async function timeOf(work: Promise<void>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

describe('start', () => {
  test('on a taken port says which, and what to set', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startTestServer({ port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use by another program. Set PORT to a free one, for example PORT=${port + 1}.`);
    other.close();
  });

  test('on an address that this machine lacks says so', async () => {
    await expect(startTestServer({ host: '192.0.2.1' })).rejects.toThrow('This machine has no address "192.0.2.1". Set HOST');
  });

  test.each(['localhost', '127.0.0.1', '::1', '[::1]'])('on %s gives an address that works', async (host) => {
    if (host.includes(':') && !hasIPv6) return console.warn(`Skipped ${host}: this machine has no IPv6.`);
    const { server, url } = await startTestServer({ host });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await server.stop();
  });

  test('twice starts once', async () => {
    const { server, port } = await startTestServer();
    expect((await server.start()).port).toBe(port);
    await server.stop();
  });

  test('after a stop is refused', async () => {
    const { server } = await startTestServer();
    await server.stop();
    await expect(server.start()).rejects.toThrow('cannot be started again');
  });
});

describe('stop', () => {
  test('is one shared promise', async () => {
    const { server } = await startTestServer();
    const stopped = server.stop();
    expect(server.stop()).toBe(stopped);
    await stopped;
    expect(server.stop()).toBe(stopped);
  });

  test('after a failed start does nothing', async () => {
    const first = await startTestServer();
    const taken = startTestServer({ port: first.port });
    await expect(taken).rejects.toThrow('in use');
    await first.server.stop();
  });

  test('frees the port', async () => {
    const first = await startTestServer();
    await first.server.stop();
    const second = await startTestServer({ port: first.port });
    await second.server.stop();
  });

  test('lets an HTTP request under way finish, and takes no new one', async () => {
    const { server, stage, graphql, port } = await startTestServer();
    const began = once(stage, 'slow-began');
    const answer = post(graphql, { query: '{ slow }' });
    await began;
    const stopped = server.stop();
    await refusedConnection(port);
    stage.emit('release');
    expect((await answer).body.data).toEqual({ slow: 'done' });
    expect(await timeOf(stopped)).toBeLessThan(DEADLINE_MS);
  });

  test('answers a request that arrives meanwhile on an open connection UNAVAILABLE, and closes the connection', async () => {
    const { server, stage, graphql, port } = await startTestServer();
    const late = await openConnection(port);
    // Begun, so that the connection is not idle.
    late.write(`POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`);
    const began = once(stage, 'slow-began');
    const answer = post(graphql, { query: '{ slow }' });
    await began;
    const stopped = server.stop();
    await refusedConnection(port);
    late.write('content-type: application/json\r\ncontent-length: 21\r\n\r\n{"query":"{ hello }"}');
    const response = String(await once(late, 'data'));
    expect(response).toMatch(/^HTTP\/1\.1 503 /);
    expect(response).toMatch(/^connection: close\r$/im);
    expect(JSON.parse(response.slice(response.indexOf('{')))).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    stage.emit('release');
    expect((await answer).status).toBe(200);
    await stopped;
  });

  test('lets a query on a socket finish, then closes it with 1001', async () => {
    const { server, stage, socketUrl } = await startTestServer();
    const socket = await TestSocket.connect(socketUrl);
    const began = once(stage, 'slow-began');
    socket.subscribe('1', '{ slow }');
    await began;
    const stopped = server.stop();
    socket.subscribe('2', '{ hello }');
    expect(await socket.next()).toMatchObject({ id: '2', type: 'error', payload: [{ extensions: { code: 'UNAVAILABLE' } }] });
    stage.emit('release');
    expect(await socket.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { slow: 'done' } } });
    expect(await socket.closed).toMatchObject({ code: 1001 });
    await stopped;
  });

  test('ends subscriptions', async () => {
    const { server, stage, socketUrl } = await startTestServer();
    const socket = await TestSocket.connect(socketUrl);
    const subscribed = once(stage, 'subscribed');
    socket.subscribe('1', 'subscription { ticks }');
    await subscribed;
    expect(await timeOf(server.stop())).toBeLessThan(DEADLINE_MS);
    expect(await socket.closed).toMatchObject({ code: 1001 });
  });

  test('is not held up by connections kept alive, silent ones or refused handshakes', async () => {
    const { server, port } = await startTestServer();
    const agent = new Agent({ keepAlive: true });
    const [response] = await once(request({ host: '127.0.0.1', port, path: '/healthz', agent }).end(), 'response');
    response.resume();
    await once(response, 'end');
    const silent = await openConnection(port);
    const refused = await openConnection(port);
    refused.write('GET /graphql HTTP/1.1\r\nhost: evil.example\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    await once(refused, 'data');
    const stopped = timeOf(server.stop());
    await once(silent, 'close');
    expect(await stopped).toBeLessThan(DEADLINE_MS);
    agent.destroy();
    refused.destroy();
  });

  test('is bounded when a request never ends and a socket never answers', async () => {
    const { server, stage, graphql, socketUrl } = await startTestServer({ limits: { ...DEFAULT_LIMITS, stopTimeoutMs: 200 } });
    const began = once(stage, 'slow-began');
    const answer = post(graphql, { query: '{ slow }' });
    answer.catch(() => undefined);
    await began;
    const socket = await TestSocket.connect(socketUrl);
    socket.socket.pause();
    expect(await timeOf(server.stop())).toBeLessThan(DEADLINE_MS);
    await expect(answer).rejects.toThrow();
    socket.socket.terminate();
  });

  test('under load loses no request that was accepted', async () => {
    const { server, graphql } = await startTestServer();
    let stopping = false;
    const outcomes = { answered: 0, refused: 0, wrong: 0 };
    const progress = new EventEmitter();
    const underLoad = once(progress, 'busy');
    const client = async (): Promise<void> => {
      for (;;) {
        try {
          const { status, body } = await post(graphql, { query: '{ hello }' });
          if (status === 200 && body.data?.hello === 'hello world') outcomes.answered += 1;
          else if (status === 503 && stopping) outcomes.refused += 1;
          else outcomes.wrong += 1;
          if (outcomes.answered === 200) progress.emit('busy');
        } catch {
          if (!stopping) outcomes.wrong += 1;
          return;
        }
      }
    };
    const clients = Array.from({ length: 32 }, client);
    await underLoad;
    stopping = true;
    expect(await timeOf(server.stop())).toBeLessThan(DEADLINE_MS);
    await Promise.all(clients);
    expect(outcomes.wrong).toBe(0);
  });
});

async function openConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Resolves once the port takes no connection any more. */
async function refusedConnection(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const refused = await new Promise<boolean>((resolve) => socket.once('error', () => resolve(true)).once('connect', () => resolve(false)));
    socket.destroy();
    if (refused) return;
  }
}
