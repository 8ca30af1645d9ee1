/** A server under test: a small schema of its own, real sockets, and a logger whose lines can be read. */
import { EventEmitter, on, once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { jest } from '@jest/globals';
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { pino, type Logger } from 'pino';
import { Registry } from 'prom-client';
import WebSocket, { type ClientOptions } from 'ws';
import { ConflictError, UnavailableError } from '../../../src/errors.js';
import { GraphQLServer, type ServerOptions } from '../../../src/server/graphql-server.js';
import { DEFAULT_LIMITS } from '../../../src/limits.js';

/** Sockets are slow on a machine that runs other tests at once. */
jest.setTimeout(120_000);

export const SECRET = 'password=hunter2 at 10.0.0.7';

export interface TestContext {
  id: string;
}

/** What the schema's resolvers wait for and tell; one per server. */
export class Stage extends EventEmitter {
  /** Resolvers of `slow` wait for the event "release". */
  readonly released = once(this, 'release');
  /** Sources of `ticks` that are open. */
  openSources = 0;

  async *ticks(): AsyncGenerator<{ ticks: string }> {
    this.openSources += 1;
    const stop = new AbortController();
    this.once('stop-ticks', () => stop.abort());
    try {
      this.emit('subscribed');
      for await (const [tick] of on(this, 'tick', { signal: stop.signal })) yield { ticks: String(tick) };
    } finally {
      this.openSources -= 1;
      this.emit('unsubscribed');
    }
  }
}

function buildTestSchema(stage: Stage): GraphQLSchema {
  const schema = buildSchema(`
    scalar Any
    type Query { hello(name: String! = "world"): String!  requestId: String!  slow: String!  secret: String  coded: String  conflict: String  unavailable: String!  nothing: String!  deep: Deep!  repeat(bytes: Int!): String! }
    type Deep { deep: Deep!  leaf: String! }
    type Mutation { importDocuments(documents: Any!): Int!  bump(by: Int! = 1): Int! }
    type Subscription { ticks: String!  secretTicks: String!  failingTicks: String!  refused: String! }
  `);
  const deep = { deep: () => deep, leaf: 'leaf' };
  const fail = (): never => {
    throw new Error(SECRET);
  };
  resolve(schema, 'Query', {
    hello: (_: unknown, { name }: { name: string }) => `hello ${name}`,
    requestId: (_: unknown, __: unknown, context: TestContext) => context.id,
    slow: async () => {
      stage.emit('slow-began');
      await stage.released;
      return 'done';
    },
    secret: fail,
    coded: () => {
      throw new GraphQLError(SECRET, { extensions: { code: 'SOMETHING_INTERNAL' } });
    },
    conflict: () => {
      throw new ConflictError('A run is open already.', { runId: 'run-1' });
    },
    unavailable: () => {
      throw new UnavailableError('The database does not answer.');
    },
    nothing: () => null,
    deep: () => deep,
    repeat: (_: unknown, { bytes }: { bytes: number }) => 'x'.repeat(bytes),
  });
  let bumps = 0;
  resolve(schema, 'Mutation', {
    importDocuments: (_: unknown, { documents }: { documents: unknown[] }) => documents.length,
    bump: (_: unknown, { by }: { by: number }) => (bumps += by),
  });
  subscribe(schema, {
    ticks: () => stage.ticks(),
    secretTicks: async function* () {
      yield { secretTicks: fail };
    },
    failingTicks: async function* () {
      yield { failingTicks: 'one' };
      fail();
    },
    refused: fail,
  });
  return schema;
}

type Resolvers = Record<string, (source: unknown, args: never, context: never) => unknown>;

function resolve(schema: GraphQLSchema, type: 'Query' | 'Mutation', resolvers: Resolvers): void {
  const fields = (type === 'Query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {};
  for (const [name, resolver] of Object.entries(resolvers)) fields[name]!.resolve = (source, args, context) => resolver(source, args as never, context as never);
}

function subscribe(schema: GraphQLSchema, sources: Record<string, () => AsyncIterable<unknown>>): void {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, source] of Object.entries(sources)) fields[name]!.subscribe = source;
}

export interface TestServer {
  server: GraphQLServer<TestContext>;
  stage: Stage;
  url: string;
  port: number;
  graphql: string;
  socketUrl: string;
  /** The log so far, a line each. */
  log: Record<string, unknown>[];
}

export async function startTestServer(options: Partial<ServerOptions<TestContext>> = {}): Promise<TestServer> {
  const stage = new Stage();
  stage.setMaxListeners(0);
  const log: Record<string, unknown>[] = [];
  const server = new GraphQLServer<TestContext>({
    schema: buildTestSchema(stage),
    host: '127.0.0.1',
    port: 0,
    allowedOrigins: [],
    allowedHosts: [],
    trustedProxies: [],
    keys: { admin: [], public: [] },
    permissionOf: (type, field) => (type === 'Query' && field === 'hello' ? 'public' : 'admin'),
    context: ({ id }) => ({ id }),
    readiness: async () => ({ ready: true, checks: { database: 'ok' } }),
    dashboardDir: null,
    clientDir: null,
    metrics: { registry: new Registry(), refresh: async () => undefined },
    describeRequest: null,
    limits: DEFAULT_LIMITS,
    faultsPerMinute: 0,
    logger: collectingLogger(log),
    ...options,
  });
  const { url, port } = await server.start();
  return { server, stage, url, port, graphql: `${url}/graphql`, socketUrl: `ws://127.0.0.1:${port}/graphql`, log };
}

export function collectingLogger(log: Record<string, unknown>[]): Logger {
  return pino({ level: 'debug' }, new Writable({ write: (chunk, _encoding, done) => { log.push(JSON.parse(String(chunk)) as Record<string, unknown>); done(); } }));
}

export interface GraphQLAnswer {
  status: number;
  headers: Headers;
  text: string;
  body: { data?: Record<string, unknown> | null; errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[] };
}

/** POSTs an operation as JSON. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<GraphQLAnswer> {
  return send(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

export async function send(url: string, init: RequestInit = {}): Promise<GraphQLAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? {} : (JSON.parse(text) as GraphQLAnswer['body']) };
}

export interface SocketMessage {
  id?: string;
  type: string;
  payload?: unknown;
}

/** A bare graphql-transport-ws client: what is sent is sent as it is, also when it is wrong. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #messages: AsyncIterator<unknown[]>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    this.closed = once(socket, 'close').then(([code, reason]: unknown[]) => ({ code: Number(code), reason: String(reason) }));
    this.#messages = on(socket, 'message', { close: ['close'] });
  }

  static async open(url: string, { protocol = 'graphql-transport-ws', ...options }: ClientOptions & { protocol?: string } = {}): Promise<TestSocket> {
    const client = new TestSocket(new WebSocket(url, protocol === '' ? [] : protocol, options));
    await once(client.socket, 'open');
    return client;
  }

  /** Opens a socket and waits for the acknowledgement. */
  static async connect(url: string): Promise<TestSocket> {
    const client = await TestSocket.open(url);
    client.send({ type: 'connection_init' });
    await client.next();
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables?: Record<string, unknown>): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  async next(): Promise<SocketMessage> {
    const { value, done } = await this.#messages.next();
    if (done) throw new Error('The socket was closed.');
    return JSON.parse(String(value[0])) as SocketMessage;
  }

  /** Resolves when the server has taken what was sent before. */
  async ping(): Promise<void> {
    this.send({ type: 'ping' });
    const { type } = await this.next();
    if (type !== 'pong') throw new Error(`Expected a pong, got ${type}.`);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

/** Sends bytes as they are and reads until the server closes the connection. */
export async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
