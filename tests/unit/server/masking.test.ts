/** What clients see of errors: the same over both transports, and nothing of what was not meant for them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { post, SECRET, startTestServer, TestSocket, type GraphQLAnswer, type TestServer } from './support.js';

let site: TestServer;
beforeAll(async () => {
  site = await startTestServer();
});
beforeEach(() => {
  site.log.length = 0;
});
afterAll(() => site.server.stop());

type Body = GraphQLAnswer['body'];

async function overWebSocket(query: string, url = site.socketUrl): Promise<Body> {
  const socket = await TestSocket.connect(url);
  socket.subscribe('1', query);
  const { type, payload } = await socket.next();
  await socket.close();
  return (type === 'error' ? { errors: payload } : payload) as Body;
}

const transports: [string, (query: string) => Promise<Body>][] = [
  ['HTTP', async (query) => (await post(site.graphql, { query })).body],
  ['WebSocket', (query) => overWebSocket(query)],
];

describe.each(transports)('over %s', (_name, ask) => {
  test.each([['secret'], ['coded']])('an unexpected error in %s is masked, and logged whole under its request id', async (field) => {
    const body = await ask(`{ hello ${field} }`);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(body.data).toEqual({ hello: 'hello world', [field]: null });
    const [error] = body.errors ?? [];
    expect(error).toMatchObject({ path: [field], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) } });
    expect(site.log).toContainEqual(expect.objectContaining({ level: 50, requestId: error?.extensions.requestId, err: expect.objectContaining({ message: SECRET, stack: expect.any(String) }) }));
  });

  test('the id of a masked error is the one its resolvers had', async () => {
    const body = await ask('{ requestId secret }');
    expect(body.errors?.[0]?.extensions.requestId).toBe(body.data?.requestId);
  });

  test('a domain error keeps its message, code and details', async () => {
    const body = await ask('{ conflict }');
    expect(body.errors).toMatchObject([{ message: 'A run is open already.', path: ['conflict'], extensions: { code: 'CONFLICT', runId: 'run-1' } }]);
  });

  test('a null where none may be is the server’s mistake', async () => {
    const body = await ask('{ nothing }');
    expect(body.errors).toMatchObject([{ message: expect.stringMatching(/^Internal server error/), extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  });

  test.each([
    ['{ hello', 'GRAPHQL_PARSE_FAILED'],
    ['{ goodbye }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query A { hello } query B { hello }', 'OPERATION_RESOLUTION_FAILURE'],
    ['query($n: String!) { hello(name: $n) }', 'BAD_USER_INPUT'],
  ])('%s is answered with %s', async (query, code) => {
    const body = await ask(query);
    expect(body.errors?.[0]?.extensions.code).toBe(code);
    expect(body.data ?? null).toBeNull();
  });
});

describe('a subscription', () => {
  test('whose source cannot be opened is masked', async () => {
    const body = await overWebSocket('subscription { refused }');
    expect(body.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  test('whose event fails is masked', async () => {
    const body = await overWebSocket('subscription { secretTicks }');
    expect(body.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  test('whose source fails midway ends with a masked error, and the socket stays', async () => {
    const socket = await TestSocket.connect(site.socketUrl);
    socket.subscribe('1', 'subscription { failingTicks }');
    expect(await socket.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { failingTicks: 'one' } } });
    const failure = await socket.next();
    expect(failure).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
    expect(JSON.stringify(failure)).not.toContain('hunter2');
    socket.subscribe('2', '{ hello }');
    expect(await socket.next()).toMatchObject({ id: '2', type: 'next' });
    await socket.close();
  });
});

describe('a context that cannot be made', () => {
  let broken: TestServer;
  beforeAll(async () => {
    broken = await startTestServer({
      context: () => {
        throw new Error(SECRET);
      },
    });
  });
  afterAll(() => broken.server.stop());

  test('is masked on both transports', async () => {
    const overHttp = await post(broken.graphql, { query: '{ hello }' });
    expect(overHttp.status).toBe(500);
    for (const body of [overHttp.body, await overWebSocket('{ hello }', broken.socketUrl)]) {
      expect(body.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
      expect(JSON.stringify(body)).not.toContain('hunter2');
    }
  });
});

test('when nothing of a request could be answered for want of a service, HTTP says 503', async () => {
  expect((await post(site.graphql, { query: '{ unavailable }' })).status).toBe(503);
  expect((await post(site.graphql, { query: '{ unavailable }' }, { accept: 'application/json' })).status).toBe(503);
});

test('other domain errors of a resolver leave the status at 200', async () => {
  expect((await post(site.graphql, { query: '{ conflict }' })).status).toBe(200);
});
