/** GraphQL over WebSocket (graphql-transport-ws) on HTTP's own port, with HTTP's own checks, limits and masking. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { execute, getOperationAST, GraphQLError, parse, specifiedRules, validate, type DocumentNode, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context as SocketContext, type Server } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { DomainError, UnavailableError } from '../errors.js';
import type { Logger } from '../logger.js';
import { checkHost, checkOrigin, type AccessRules } from './access.js';
import { statusOf, toClientError } from './client-error.js';
import { documentRules } from './document-rules.js';
import { EventOrder, subscribeInOrder } from './event-order.js';
import { GRAPHQL_PATH } from './graphql-route.js';
import { errorBody, writeRawError } from './http-errors.js';
import type { Limits } from './limits.js';

/** Close codes of ours, besides those of graphql-ws (4400, 4401, 4403, 4406, 4408, 4409, 4429, 4500) and of WebSocket (1001, 1009). */
export enum SocketCloseCode {
  /** The server stops; a client should connect again. */
  GoingAway = 1001,
  /** The client left more unread than the limit; it should connect again and read the present state. */
  ReadingTooSlowly = 4413,
}

/** After this, a socket that does not answer a close is cut. */
const CLOSE_GRACE_MS = 2_000;

export interface WebSocketTransportOptions<Context> {
  schema: GraphQLSchema;
  access: AccessRules;
  limits: Limits;
  context: (request: { id: string }) => Context;
  logger: Logger;
}

interface SocketState {
  /** The request id of each operation that is open on this socket. */
  requestIds: Map<string, string>;
  order: EventOrder;
}

export class WebSocketTransport<Context> {
  readonly #options: WebSocketTransportOptions<Context>;
  readonly #sockets: WebSocketServer;
  readonly #protocol: Server<SocketState>;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #awaitingPong = new WeakSet<WebSocket>();
  /** Queries and mutations under way; stop() lets them finish. */
  readonly #executing = new Set<Promise<ExecutionResult>>();
  /** To which socket's order an operation belongs: graphql-ws hands us its arguments only. */
  readonly #orders = new WeakMap<ExecutionArgs, EventOrder>();
  #stopping: Promise<void> | null = null;

  constructor(options: WebSocketTransportOptions<Context>) {
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.limits.maxSocketFrameBytes,
      // An unknown subprotocol is accepted for as long as it takes to close it with 4406, which a refused handshake could not say.
      handleProtocols: (protocols) => handleProtocols(protocols) || [...protocols][0] || false,
    });
    this.#protocol = this.#createProtocol();
    this.#heartbeat = setInterval(() => this.#checkPulses(), options.limits.socketHeartbeatMs);
    this.#heartbeat.unref();
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
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket));
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

  #open(socket: WebSocket): void {
    const { limits, logger } = this.#options;
    // ws closes the socket itself after an error (1009 for a frame too large); unheard, the error would end the process.
    socket.on('error', (err) => logger.debug({ err }, 'a socket failed'));
    socket.on('pong', () => this.#awaitingPong.delete(socket));

    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (message) => {
          if (socket.readyState !== socket.OPEN) return;
          if (socket.bufferedAmount > limits.maxUnreadBytesPerSocket) return closeSlowReader(socket, logger);
          socket.send(message);
        },
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (message) => {
            handle(String(message)).catch((err: unknown) => {
              // A message of a known type that only servers may send is garbage like any other.
              if (err instanceof Error && err.message.startsWith('Unexpected message of type')) return socket.close(CloseCode.BadRequest, 'Invalid message received');
              logger.error({ err }, 'a socket message failed unexpectedly');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      { requestIds: new Map(), order: new EventOrder() },
    );
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((err: unknown) => logger.error({ err }, 'closing a socket failed unexpectedly'));
    });
  }

  #createProtocol(): Server<SocketState> {
    const { schema, limits, logger } = this.#options;
    const rules = [...specifiedRules, ...documentRules(limits)];
    const format = (context: SocketContext<Record<string, unknown>, SocketState>, operationId: string) => (error: GraphQLError) =>
      toClientError(error, context.extra.requestIds.get(operationId) ?? randomUUID(), logger);

    return makeServer<Record<string, unknown>, SocketState>({
      connectionInitWaitTimeout: limits.socketInitTimeoutMs,
      execute: (args) => this.#track(execute(args)),
      subscribe: (args) => subscribeInOrder(args, this.#orders.get(args) ?? new EventOrder()),
      onSubscribe: (context, operationId, payload) => {
        const requestId = randomUUID();
        context.extra.requestIds.set(operationId, requestId);
        if (this.#stopping) return [asGraphQLError(new UnavailableError('The server is stopping.'))];
        if (Object.keys(context.subscriptions).length > limits.maxSubscriptionsPerSocket) {
          return [requestError('RATE_LIMITED', `At most ${limits.maxSubscriptionsPerSocket} operations may be open on a socket.`)];
        }
        let document: DocumentNode;
        try {
          document = parse(payload.query, { maxTokens: limits.maxTokens });
        } catch (error) {
          return [requestError('GRAPHQL_PARSE_FAILED', error instanceof Error ? error.message : String(error), error)];
        }
        const faults = validate(schema, document, rules, { maxErrors: limits.maxValidationErrors });
        if (faults.length > 0) return faults.map((fault) => requestError('GRAPHQL_VALIDATION_FAILED', fault.message, fault));
        const operation = getOperationAST(document, payload.operationName);
        if (!operation) return [requestError('OPERATION_RESOLUTION_FAILURE', 'The document has no operation of that name, or several and no name was given.')];
        try {
          const contextValue = this.#options.context({ id: requestId });
          const args: ExecutionArgs = { schema, document, operationName: payload.operationName, variableValues: payload.variables, contextValue };
          this.#orders.set(args, context.extra.order);
          return args;
        } catch (error) {
          return [asGraphQLError(error)];
        }
      },
      onNext: (context, operationId, _payload, _args, result) => (result.errors ? { ...result, errors: result.errors.map(format(context, operationId)) } : undefined),
      onError: (context, operationId, _payload, errors) => {
        const formatted = errors.map(format(context, operationId));
        context.extra.requestIds.delete(operationId);
        return formatted;
      },
      onComplete: (context, operationId) => {
        context.extra.requestIds.delete(operationId);
      },
    });
  }

  #track<Result>(result: Result): Result {
    if (result instanceof Promise) {
      const execution: Promise<ExecutionResult> = result;
      this.#executing.add(execution);
      const done = (): boolean => this.#executing.delete(execution);
      execution.then(done, done);
    }
    return result;
  }

  #checkPulses(): void {
    for (const client of this.#sockets.clients) {
      if (this.#awaitingPong.has(client)) client.terminate();
      else if (client.readyState === client.OPEN) {
        this.#awaitingPong.add(client);
        client.ping();
      }
    }
  }
}

/** What is buffered already stays until the client reads it or the grace is over; nothing is added. */
function closeSlowReader(socket: WebSocket, logger: Logger): void {
  logger.warn({ unreadBytes: socket.bufferedAmount }, 'a socket was closed because its client does not read');
  socket.close(SocketCloseCode.ReadingTooSlowly, 'Reading too slowly');
  setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
}

function requestError(code: string, message: string, fault?: unknown): GraphQLError {
  const { nodes, source, positions } = fault instanceof GraphQLError ? fault : {};
  return new GraphQLError(message, { nodes, source, positions, extensions: { code } });
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
