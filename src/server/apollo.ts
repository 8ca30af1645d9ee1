/** Apollo Server as Rankloop runs it: nothing phones home, errors are masked, statuses follow GraphQL over HTTP. */
import { randomUUID } from 'node:crypto';
import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, OperationTypeNode, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import type { Logger } from '../logger.js';
import { statusOf, toClientError } from './client-error.js';
import { documentRules } from './document-rules.js';
import type { Gatekeeper } from './gatekeeper.js';
import type { Limits } from '../limits.js';
import type { Refusals } from './refusals.js';
import { timeOperations, type OperationMetrics } from './request-metrics.js';
import { traceOperations, type DescribeRequest } from './request-traces.js';

/** Carries the request's id through Apollo; set by the route, never taken from the client. */
export const REQUEST_ID_HEADER = 'x-request-id';
/** Carries whom limits are counted for; the same, and absent for who is not limited. */
export const CLIENT_HEADER = 'x-rankloop-client';

export interface ApolloOptions {
  schema: GraphQLSchema;
  gatekeeper: Gatekeeper;
  limits: Limits;
  refusals: Refusals;
  operations: OperationMetrics;
  /** null: no traces. */
  describeRequest: DescribeRequest | null;
  logger: Logger;
}

export function createApollo<Context extends BaseContext>({ schema, gatekeeper, limits, refusals, operations, describeRequest, logger }: ApolloOptions): ApolloServer<Context> {
  const requestIds = new WeakMap<object, string>();

  return new ApolloServer<Context>({
    schema,
    logger,
    introspection: true,
    persistedQueries: false,
    // The route refuses foreign pages itself; Apollo's check would also refuse honest clients.
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: documentRules(limits),
    validationOptions: { maxErrors: limits.maxValidationErrors },
    formatError: (_formatted, error) => toClientError(asGraphQLError(error), requestIdOf(error, requestIds), logger),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      rememberRequestIds(requestIds),
      refuseSubscriptions(),
      checkKeys(gatekeeper),
      setStatus(),
      countFaults(refusals),
      timeOperations(operations),
      ...(describeRequest ? [traceOperations(describeRequest)] : []),
    ],
  });
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}

function requestIdOf(error: unknown, requestIds: WeakMap<object, string>): string {
  return (typeof error === 'object' && error !== null ? requestIds.get(error) : undefined) ?? randomUUID();
}

/** formatError is told nothing of the request, so each error's id is noted when it is first met. */
function rememberRequestIds(requestIds: WeakMap<object, string>): ApolloServerPlugin<BaseContext> {
  return {
    requestDidStart: async ({ request }) => ({
      didEncounterErrors: async ({ errors }) => {
        const id = request.http?.headers.get(REQUEST_ID_HEADER);
        if (id) for (const error of errors) requestIds.set(error, id);
      },
    }),
  };
}

/** Without this, a subscription over POST would be answered with 200 and an internal error. */
function refuseSubscriptions(): ApolloServerPlugin<BaseContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ operation }) => {
        if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
        throw new GraphQLError('Subscriptions are served over WebSocket (graphql-transport-ws), on this same path.', {
          extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
        });
      },
    }),
  };
}

function checkKeys(gatekeeper: Gatekeeper): ApolloServerPlugin<BaseContext> {
  return {
    requestDidStart: async ({ request }) => ({
      didResolveOperation: async ({ document, operation }) => {
        if (operation) gatekeeper.check(gatekeeper.roleOf(request.http?.headers.get('authorization')), document, operation);
      },
    }),
  };
}

const DOCUMENT_CODES: ReadonlySet<unknown> = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);
const WHOLE_REQUEST_CODES = ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'UNAVAILABLE'] as const;

function setStatus(): ApolloServerPlugin<BaseContext> {
  return {
    requestDidStart: async ({ request }) => ({
      willSendResponse: async ({ response }) => {
        if (response.body.kind !== 'single') return;
        const { data, errors } = response.body.singleResult;
        if (!errors?.length || data) return;
        const accept = request.http?.headers.get('accept') ?? '';
        if (response.http.status === 400 && wantsLegacyJson(accept) && errors.every((error) => DOCUMENT_CODES.has(error.extensions?.code))) {
          response.http.status = 200;
        }
        // Retry logic and load balancers look at the status: say there what is true of the whole request.
        const code = WHOLE_REQUEST_CODES.find((candidate) => errors.every((error) => codeOf(error) === candidate));
        if (code) response.http.status = statusOf(code);
        const wait = code === 'RATE_LIMITED' ? errors[0]?.extensions?.retryAfterSeconds : undefined;
        if (typeof wait === 'number') response.http.headers.set('retry-after', String(wait));
        if (code === 'UNAUTHENTICATED') response.http.headers.set('www-authenticate', 'Bearer');
      },
    }),
  };
}

/** What was at fault, but is answered with 200: the route sees to the rest. */
function countFaults(refusals: Refusals): ApolloServerPlugin<BaseContext> {
  return {
    requestDidStart: async ({ request }) => ({
      willSendResponse: async ({ response: { http, body } }) => {
        if (body.kind !== 'single' || (http.status ?? 200) !== 200) return;
        const { data, errors } = body.singleResult;
        if (!data && errors?.length && errors.every((error) => DOCUMENT_CODES.has(codeOf(error)))) await refusals.count(request.http?.headers.get(CLIENT_HEADER) ?? null);
      },
    }),
  };
}

function codeOf(error: GraphQLFormattedError): unknown {
  return error.extensions?.code;
}

/** GraphQL over HTTP: a client that names only application/json gets 200 for faults of its document; `*` and none get 400. */
function wantsLegacyJson(accept: string): boolean {
  return accept.includes('application/json') && !accept.includes('application/graphql-response+json');
}
