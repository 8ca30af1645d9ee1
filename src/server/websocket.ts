/** GraphQL over WebSocket (graphql-transport-ws) on HTTP's own port, with HTTP's own checks, limits and masking. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { execute, getOperationAST, GraphQLError, specifiedRules, type ExecutionArgs, type ExecutionResult, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context as SocketContext, type Server, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { DomainError, UnavailableError } from '../errors.js';
import type { Logger } from '../logger.js';
import { checkHost, checkOrigin, type AccessRules } from './access.js';
import { statusOf, toClientError } from './client-error.js';
import { senderOf, type RequestFacts, type Sender, type TrustedProxies } from './clients.js';
import { documentRules } from './document-rules.js';
import { EventOrder } from './event-order.js';
import type { Gatekeeper, Role } from './gatekeeper.js';
import { GRAPHQL_PATH } from './graphql-route.js';
import { errorBody, writeRawError } from './http-errors.js';
import { KnownDocuments, requestError } from './known-documents.js';
import type { Limits } from '../limits.js';
import type { Refusals } from './refusals.js';
import { firstField, type OperationMetrics } from './request-metrics.js';
import { SharedSubscriptions, type Subscriber } from './shared-subscriptions.js';

/** Close codes of ours, besides those of graphql-ws (4400, 4401, 4403, 4406, 4408, 4409, 4429, 4500) and of WebSocket (1001, 1009). */
export enum SocketCloseCode {
  /** The server stops; a client should connect again. */
  GoingAway = 1001,
  /** The client left more unread than the limit; it should connect again and read the present state. */
  ReadingTooSlowly = 4413,
  /** Too much that came from the client's address was at fault; it should come again in a minute. */
  TooManyFaults = 4420,
}

/** Closes that the client is to blame for. */
const CLOSED_AT_FAULT: ReadonlySet<number> = new Set([CloseCode.BadRequest, CloseCode.Unauthorized, CloseCode.Forbidden, CloseCode.SubscriberAlreadyExists, CloseCode.TooManyInitialisationRequests]);

/** After this, a socket that does not answer a close is cut. */
const CLOSE_GRACE_MS = 2_000;

/** Pings go out in so many portions: those of thousands of sockets at once would hold up everything else. */
const PULSE_PORTIONS = 24;

export interface WebSocketTransportOptions<Context> {
  schema: GraphQLSchema;
  gatekeeper: Gatekeeper;
  access: AccessRules;
  trusted: TrustedProxies;
  limits: Limits;
  refusals: Refusals;
  operations: OperationMetrics;
  context: (request: RequestFacts) => Context;
  logger: Logger;
}

interface SocketState {
  /** The request id of each operation that is open on this socket. */
  requestIds: Map<string, string>;
  order: EventOrder;
  send: (message: string) => void;
  close: (code: number, reason: string) => void;
  /** The upgrade request; its authorization header is one that a browser cannot set. */
  request: IncomingMessage;
  /** Both known once the connection is initialised; before, it is as one without a key. */
  role: Role;
  sender: Sender;
}

export class WebSocketTransport<Context> {
  readonly #options: WebSocketTransportOptions<Context>;
  readonly #sockets: WebSocketServer;
  readonly #protocol: Server<SocketState>;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #awaitingPong = new WeakSet<WebSocket>();
  /** Which portion of the pings each socket belongs to. */
  readonly #portions = new WeakMap<WebSocket, number>();
  #opened = 0;
  #portion = 0;
  /** Queries and mutations under way; stop() lets them finish. */
  readonly #executing = new Set<Promise<ExecutionResult>>();
  readonly #shared: SharedSubscriptions;
  /** Whose an operation is: graphql-ws hands us its arguments only. */
  readonly #operations = new WeakMap<ExecutionArgs, { requestId: string; field: string; subscriber: Subscriber }>();
  #stopping: Promise<void> | null = null;

  constructor(options: WebSocketTransportOptions<Context>) {
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.limits.maxSocketFrameBytes,
      // An unknown subprotocol is accepted for as long as it takes to close it with 4406, which a refused handshake could not say.
      handleProtocols: (protocols) => handleProtocols(protocols) || [...protocols][0] || false,
    });
    this.#shared = new SharedSubscriptions((result, args) => {
      const requestId = this.#operations.get(args)?.requestId ?? randomUUID();
      return JSON.stringify(result.errors ? { ...result, errors: result.errors.map((error) => toClientError(error, requestId, options.logger)) } : result);
    });
    this.#protocol = this.#createProtocol();
    this.#heartbeat = setInterval(() => this.#checkPulses(), options.limits.socketHeartbeatMs / PULSE_PORTIONS);
    this.#heartbeat.unref();
  }

  /** Sockets open now. */
  get open(): number {
    return this.#sockets.clients.size;
  }

  /** Takes over an upgrade request from the HTTP server, or answers why not. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    try {
      checkHost(request.headers, this.#options.access);
      checkOrigin(request.headers, this.#options.access);
      if (this.#stopping) throw new UnavailableError('The server is stopping.');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      writeRawError(socket, statusOf(error.code), errorBody(error.code, error.message));
      return;
    }
    if (request.url?.split('?')[0] !== GRAPHQL_PATH) {
      writeRawError(socket, 404, errorBody('NOT_FOUND', `WebSockets are served at ${GRAPHQL_PATH} only.`));
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, request));
  }

  /** Lets queries and mutations under way finish within `graceMs`, then closes every socket with 1001. */
  stop(graceMs: number): Promise<void> {
    return (this.#stopping ??= this.#stop(graceMs));
  }

  async #stop(graceMs: number): Promise<void> {
    clearInterval(this.#heartbeat);
    await within(graceMs, Promise.allSettled(this.#executing));
    // The results that just arrived are sent in the turn of the event loop that follows.
    await nextTurn();
    const clients = [...this.#sockets.clients];
    const closed = clients.map((client) => new Promise<void>((resolve) => client.once('close', () => resolve())));
    for (const client of clients) client.close(SocketCloseCode.GoingAway, 'The server is stopping');
    await within(CLOSE_GRACE_MS, Promise.all(closed));
    for (const client of clients) client.terminate();
    await Promise.all(closed);
  }

  #open(socket: WebSocket, request: IncomingMessage): void {
    const { limits, logger, gatekeeper, trusted, refusals } = this.#options;
    // ws closes the socket itself after an error (1009 for a frame too large); unheard, the error would end the process.
    socket.on('error', (err) => {
      logger.debug({ err }, 'a socket failed');
      void refusals.count(state.sender.client);
    });
    this.#portions.set(socket, this.#opened++ % PULSE_PORTIONS);
    socket.on('pong', () => this.#awaitingPong.delete(socket));

    const send = (message: string): void => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > limits.maxUnreadBytesPerSocket) return closeSlowReader(socket, logger);
      socket.send(message);
    };
    const close = (code?: number, reason?: string): void => {
      if (code !== undefined && CLOSED_AT_FAULT.has(code)) void refusals.count(state.sender.client);
      socket.close(code, reason);
    };
    const state: SocketState = { requestIds: new Map(), order: new EventOrder(), send, close, request, role: 'none', sender: senderOf(request, 'none', trusted, gatekeeper.hasKeys) };
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send,
        close,
        onMessage: (handle) => {
          socket.on('message', (message) => {
            handle(String(message)).catch((err: unknown) => {
              // A message of a known type that only servers may send is garbage like any other.
              if (err instanceof Error && err.message.startsWith('Unexpected message of type')) return close(CloseCode.BadRequest, 'Invalid message received');
              logger.error({ err }, 'a socket message failed unexpectedly');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      state,
    );
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((err: unknown) => logger.error({ err }, 'closing a socket failed unexpectedly'));
    });
  }

  #createProtocol(): Server<SocketState> {
    const { schema, gatekeeper, trusted, limits, refusals, operations, logger } = this.#options;
    const documents = new KnownDocuments(schema, [...specifiedRules, ...documentRules(limits)], limits);
    const format = (context: SocketContext<Record<string, unknown>, SocketState>, operationId: string, errors: readonly GraphQLError[]): GraphQLFormattedError[] => {
      const formatted = errors.map((error) => toClientError(error, context.extra.requestIds.get(operationId) ?? randomUUID(), logger));
      operations.failed(formatted);
      return formatted;
    };

    return makeServer<Record<string, unknown>, SocketState>({
      connectionInitWaitTimeout: limits.socketInitTimeoutMs,
      // A wrong key closes the socket (4403); none is told by each operation that needs one.
      onConnect: async ({ connectionParams, extra }) => {
        extra.role = gatekeeper.roleOf(connectionParams?.authorization ?? extra.request.headers.authorization);
        extra.sender = senderOf(extra.request, extra.role, trusted, gatekeeper.hasKeys);
        if (refusals.refusalOf(extra.sender.client)) {
          await refusals.pause();
          extra.close(SocketCloseCode.TooManyFaults, 'Too many requests were at fault');
        }
        return extra.role !== 'unknown';
      },
      execute: (args) => {
        const startedAt = performance.now();
        const field = this.#operations.get(args)?.field ?? 'none';
        return this.#track(execute(args), () => operations.took(field, performance.now() - startedAt));
      },
      subscribe: (args) => {
        const operation = this.#operations.get(args);
        if (!operation) throw new Error('A subscription has come that no socket asked for.');
        operations.subscribed(operation.field);
        return this.#shared.subscribe(args, operation.subscriber);
      },
      onSubscribe: ({ extra, subscriptions }, operationId, payload) => {
        const requestId = randomUUID();
        extra.requestIds.set(operationId, requestId);
        const refused = (errors: GraphQLError[]): GraphQLError[] => {
          void refusals.count(extra.sender.client);
          return errors;
        };
        const refusal = this.#stopping ? new UnavailableError('The server is stopping.') : refusals.refusalOf(extra.sender.client);
        if (refusal) return [asGraphQLError(refusal)];
        if (Object.keys(subscriptions).length > limits.maxSubscriptionsPerSocket) {
          return refused([requestError('RATE_LIMITED', `At most ${limits.maxSubscriptionsPerSocket} operations may be open on a socket.`)]);
        }
        const document = documents.read(payload.query);
        if (Array.isArray(document)) return refused(document);
        const operation = getOperationAST(document, payload.operationName);
        if (!operation) return refused([requestError('OPERATION_RESOLUTION_FAILURE', 'The document has no operation of that name, or several and no name was given.')]);
        try {
          gatekeeper.check(extra.role, document, operation);
        } catch (error) {
          return refused([asGraphQLError(error)]);
        }
        try {
          const contextValue = this.#options.context({ id: requestId, ...extra.sender });
          const args: ExecutionArgs = { schema, document, operationName: payload.operationName, variableValues: payload.variables, contextValue };
          this.#operations.set(args, { requestId, field: firstField(operation), subscriber: subscriberOf(extra, operationId, payload) });
          return args;
        } catch (error) {
          return [asGraphQLError(error)];
        }
      },
      onNext: (context, operationId, _payload, _args, result) => {
        if (!result.errors) return undefined;
        const errors = format(context, operationId, result.errors);
        if (!result.data && errors.every(({ extensions }) => extensions?.code === 'BAD_USER_INPUT')) void refusals.count(context.extra.sender.client);
        return { ...result, errors };
      },
      onError: (context, operationId, _payload, errors) => {
        const formatted = format(context, operationId, errors);
        context.extra.requestIds.delete(operationId);
        return formatted;
      },
      onComplete: (context, operationId) => {
        context.extra.requestIds.delete(operationId);
      },
    });
  }

  #track<Result>(result: Result, ended: () => void): Result {
    if (result instanceof Promise) {
      const execution: Promise<ExecutionResult> = result;
      this.#executing.add(execution);
      const done = (): void => {
        this.#executing.delete(execution);
        ended();
      };
      execution.then(done, done);
    } else ended();
    return result;
  }

  #checkPulses(): void {
    this.#portion = (this.#portion + 1) % PULSE_PORTIONS;
    for (const client of this.#sockets.clients) {
      if (this.#portions.get(client) !== this.#portion) continue;
      if (this.#awaitingPong.has(client)) client.terminate();
      else if (client.readyState === client.OPEN) {
        this.#awaitingPong.add(client);
        client.ping();
      }
    }
  }
}

/** Those share answers who may do the same and ask the same, in the same words: an error says where in the text it arose. */
function subscriberOf({ role, order, send }: SocketState, operationId: string, { query, operationName, variables }: SubscribePayload): Subscriber {
  const opening = `{"id":${JSON.stringify(operationId)},"type":"next","payload":`;
  return { key: JSON.stringify([role, operationName ?? null, variables ?? null, query]), order, send: (json) => send(`${opening}${json}}`) };
}

/** What is buffered already stays until the client reads it or the grace is over; nothing is added. */
function closeSlowReader(socket: WebSocket, logger: Logger): void {
  logger.warn({ unreadBytes: socket.bufferedAmount }, 'a socket was closed because its client does not read');
  socket.close(SocketCloseCode.ReadingTooSlowly, 'Reading too slowly');
  setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
}

function asGraphQLError(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, delay(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
}
