/** The server: HTTP and WebSocket on one port, over one schema; it knows GraphQL and sockets, and nothing of ranking. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApolloServer, BaseContext } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../logger.js';
import { createApollo } from './apollo.js';
import { trustedProxies, type RequestFacts } from './clients.js';
import { Gatekeeper, type AccessKeys } from './gatekeeper.js';
import { createHttpApp } from './http-app.js';
import type { Readiness } from './health-routes.js';
import type { Limits } from '../limits.js';
import { explainListenError, listenAddressOf } from './port.js';
import { Refusals } from './refusals.js';
import { OperationMetrics, type Metrics } from './request-metrics.js';
import type { DescribeRequest } from './request-traces.js';
import { WebSocketTransport } from './websocket.js';

export interface ServerOptions<Context> {
  schema: GraphQLSchema;
  host: string;
  /** 0: any free port. */
  port: number;
  /** Origins of browser pages that may use the API besides the server's own. */
  allowedOrigins: readonly string[];
  /** Names in the Host header that are accepted on a loopback bind besides localhost. */
  allowedHosts: readonly string[];
  /** Proxies whose X-Forwarded-For is believed: addresses, networks, or loopback, linklocal, uniquelocal. */
  trustedProxies: readonly string[];
  /** None of either kind: everybody may do everything. */
  keys: AccessKeys;
  /** Which key a field needs on a server that has keys. */
  permissionOf: (type: string, field: string) => 'public' | 'admin';
  /** Called once per HTTP request, and once per operation on a socket; events of a subscription have the context of whoever of those that ask the same came first. */
  context: (request: RequestFacts) => Context;
  readiness: () => Promise<Readiness>;
  /** The built dashboard, served at the root; null: a plain page. */
  dashboardDir: string | null;
  /** The built client for pages, served as /client.js and /client-subscriptions.js; null: none. */
  clientDir: string | null;
  /** Where the server's own figures go; read at /metrics. */
  metrics: Metrics;
  /** Told what each request over HTTP is, for its trace; null: no traces. */
  describeRequest: DescribeRequest | null;
  limits: Limits;
  /** Requests of one client that may be at fault a minute before its further ones are refused unread; 0: no limit. */
  faultsPerMinute: number;
  logger: Logger;
}

interface Running<Context extends BaseContext> {
  apollo: ApolloServer<Context>;
  app: FastifyInstance;
  websocket: WebSocketTransport<Context>;
  requests: RequestCounter;
  url: string;
  port: number;
}

export class GraphQLServer<Context extends BaseContext> {
  readonly #options: ServerOptions<Context>;
  #started: Promise<Running<Context>> | null = null;
  #stopped: Promise<void> | null = null;

  constructor(options: ServerOptions<Context>) {
    this.#options = options;
  }

  async start(): Promise<{ url: string; port: number }> {
    if (this.#stopped) throw new Error('A server that was stopped cannot be started again; make a new one.');
    const { url, port } = await (this.#started ??= this.#start());
    return { url, port };
  }

  /** Stops listening, lets requests under way finish, closes sockets with 1001; takes at most about stopTimeoutMs. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #start(): Promise<Running<Context>> {
    const { host, port, schema, limits, metrics, describeRequest, logger, context, readiness, dashboardDir, clientDir, allowedOrigins, allowedHosts, trustedProxies: proxies, keys, permissionOf, faultsPerMinute } = this.#options;
    const access = { host, allowedOrigins, allowedHosts };
    const gatekeeper = new Gatekeeper(keys, schema, permissionOf);
    const trusted = trustedProxies(proxies);
    const refusals = new Refusals(faultsPerMinute);
    const operations = new OperationMetrics(metrics.registry, () => websocket.open);
    const apollo = createApollo<Context>({ schema, gatekeeper, limits, refusals, operations, describeRequest, logger });
    await apollo.start();
    const app = await createHttpApp({ apollo, gatekeeper, metrics, describeRequest, access, trusted, limits, refusals, context, readiness, dashboardDir, clientDir, logger });
    const websocket: WebSocketTransport<Context> = new WebSocketTransport({ schema, gatekeeper, access, trusted, limits, refusals, operations, context, logger });
    const requests = new RequestCounter(app.server);
    app.server.on('upgrade', (request, socket, head) => websocket.handleUpgrade(request, socket, head));
    try {
      await app.listen({ host: listenAddressOf(host), port });
    } catch (error) {
      await websocket.stop(0);
      await app.close();
      await apollo.stop();
      throw explainListenError(error, host, port);
    }
    const address = boundAddress(app.server);
    return { apollo, app, websocket, requests, port: address.port, url: `http://${nameOf(host)}:${address.port}` };
  }

  async #stop(): Promise<void> {
    const running = await this.#started?.catch(() => null);
    if (!running) return;
    const { apollo, app, websocket, requests } = running;
    const { stopTimeoutMs } = this.#options.limits;
    const closed = app.close();
    const timer = new AbortController();
    await Promise.race([
      Promise.all([requests.allAnswered(), websocket.stop(stopTimeoutMs / 2)]),
      delay(stopTimeoutMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    // Connections kept alive, or opened and left silent, would hold the server open for a minute.
    app.server.closeAllConnections();
    await closed;
    await apollo.stop();
  }
}

/** Knows when no HTTP request is under way. */
class RequestCounter {
  #open = 0;
  #waiting: (() => void)[] = [];

  constructor(server: Server) {
    server.on('request', (_request, response) => {
      this.#open += 1;
      response.once('close', () => {
        this.#open -= 1;
        if (this.#open === 0) for (const resolve of this.#waiting.splice(0)) resolve();
      });
    });
  }

  allAnswered(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function boundAddress(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return address;
}

/** How a client on this machine would name the host. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
