/** /metrics for Prometheus, and what the server itself adds to it: requests over HTTP, and GraphQL operations by what they ask for. */
import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import { Kind, type GraphQLFormattedError, type OperationDefinitionNode } from 'graphql';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { ForbiddenError, UnauthenticatedError } from '../errors.js';
import type { Gatekeeper } from './gatekeeper.js';

export interface Metrics {
  registry: Registry;
  /** Brings up to date what has to be asked for; called before each reading. */
  refresh: () => Promise<void>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts answers by route and status, whatever became of the request before. */
export function countRequests(app: FastifyInstance, registry: Registry): void {
  const requests = new Counter({ name: 'rankloop_http_requests_total', help: 'Requests answered.', labelNames: ['method', 'route', 'status'] as const, registers: [registry] });
  app.addHook('onResponse', (request, reply, done) => {
    // The route as it was declared: a client cannot make labels by the thousand.
    requests.inc({ method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) });
    done();
  });
}

/** Operations over HTTP and WebSocket alike: how long they took by their first field, and the errors that they were answered by code. */
export class OperationMetrics {
  readonly #seconds: Histogram<'field'>;
  readonly #errors: Counter<'code'>;
  readonly #subscriptions: Counter<'field'>;

  constructor(registry: Registry, socketsOpen: () => number) {
    const registers = [registry];
    this.#seconds = new Histogram({ name: 'rankloop_graphql_seconds', help: 'How long GraphQL queries and mutations took, by their first field.', labelNames: ['field'], buckets: SECONDS, registers });
    this.#errors = new Counter({ name: 'rankloop_graphql_errors_total', help: 'Errors that GraphQL operations were answered, by code.', labelNames: ['code'], registers });
    this.#subscriptions = new Counter({ name: 'rankloop_graphql_subscriptions_total', help: 'Subscriptions begun, by their first field.', labelNames: ['field'], registers });
    const sockets: Gauge = new Gauge({ name: 'rankloop_sockets', help: 'WebSockets open.', registers, collect: () => sockets.set(socketsOpen()) });
    this.#errors.inc({ code: 'INTERNAL_SERVER_ERROR' }, 0);
  }

  /** @param field of one that passed validation: a name of the schema's own, so that a client cannot make labels by the thousand */
  took(field: string, ms: number): void {
    this.#seconds.observe({ field }, ms / 1_000);
  }

  subscribed(field: string): void {
    this.#subscriptions.inc({ field });
  }

  failed(errors: readonly GraphQLFormattedError[]): void {
    for (const { extensions } of errors) this.#errors.inc({ code: typeof extensions?.code === 'string' ? extensions.code : 'NONE' });
  }
}

/** Counts what Apollo answers, over HTTP. */
export function timeOperations(operations: OperationMetrics): ApolloServerPlugin<BaseContext> {
  return {
    requestDidStart: async () => {
      const startedAt = performance.now();
      let field: string | null = null;
      return {
        didResolveOperation: async ({ operation }) => {
          if (operation) field = firstField(operation);
        },
        willSendResponse: async ({ response: { body } }) => {
          if (field !== null) operations.took(field, performance.now() - startedAt);
          if (body.kind === 'single') operations.failed(body.singleResult.errors ?? []);
        },
      };
    },
  };
}

/** What an operation asks for, by a name of the schema. */
export function firstField({ selectionSet }: OperationDefinitionNode): string {
  const first = selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
  return first?.kind === Kind.FIELD ? first.name.value : 'fragment';
}

/** On a server with keys the figures are the operator's: they need an admin key, as Prometheus can send one. */
export function metricsRoute({ registry, refresh }: Metrics, gatekeeper: Gatekeeper) {
  return async (scope: FastifyInstance): Promise<void> => {
    scope.get('/metrics', async (request, reply) => {
      const role = gatekeeper.roleOf(request.headers.authorization);
      if (role === 'public') throw new ForbiddenError('/metrics needs an admin key; this one is public.');
      if (role !== 'admin') throw new UnauthenticatedError('/metrics needs an admin key: send the header "Authorization: Bearer KEY".');
      await refresh();
      return reply.header('cache-control', 'no-store').type(registry.contentType).send(await registry.metrics());
    });
  };
}
