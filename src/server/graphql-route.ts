/** GraphQL over HTTP on /graphql: who may ask, in which form, and how much; what remains goes to Apollo. */
import type { ApolloServer, BaseContext } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getOperationAST, Kind, OperationTypeNode, parse } from 'graphql';
import { PayloadTooLargeError } from '../errors.js';
import { checkFetchSite, checkOrigin, type AccessRules } from './access.js';
import { CLIENT_HEADER, REQUEST_ID_HEADER } from './apollo.js';
import { senderOf, type RequestFacts, type Sender, type TrustedProxies } from './clients.js';
import type { Gatekeeper } from './gatekeeper.js';
import { errorBody } from './http-errors.js';
import type { Limits } from '../limits.js';
import type { Refusals } from './refusals.js';

export const GRAPHQL_PATH = '/graphql';

export interface GraphQLRouteOptions<Context extends BaseContext> {
  apollo: ApolloServer<Context>;
  gatekeeper: Gatekeeper;
  access: AccessRules;
  trusted: TrustedProxies;
  limits: Limits;
  refusals: Refusals;
  context: (request: RequestFacts) => Context;
}

/** What the sender is to blame for; a click on what is not there (404), or one too many (429), is not of these. */
const AT_FAULT: ReadonlySet<number> = new Set([400, 401, 403, 405, 413, 415]);

/** Registers the route in a scope of its own, so that its body parser and its checks touch no other route. */
export function graphqlRoute<Context extends BaseContext>({ apollo, gatekeeper, access, trusted, limits, refusals, context }: GraphQLRouteOptions<Context>) {
  return async (scope: FastifyInstance): Promise<void> => {
    const senders = new WeakMap<FastifyRequest, Sender>();
    const bytesRead = new WeakMap<FastifyRequest, number>();
    scope.addHook('onRequest', async (request, reply) => {
      const sender = senderOf(request.raw, gatekeeper.roleOf(request.headers.authorization), trusted, gatekeeper.hasKeys);
      senders.set(request, sender);
      request.headers[CLIENT_HEADER] = sender.client ?? undefined;
      request.headers[REQUEST_ID_HEADER] = request.id;
      checkOrigin(request.headers, access);
      reply.header('cache-control', 'no-store');
    });
    scope.addHook('onSend', async (request, reply) => {
      if (AT_FAULT.has(reply.statusCode)) await refusals.count(senders.get(request)?.client ?? null, bytesRead.get(request));
    });
    await scope.register(cors, { origin: [...access.allowedOrigins], methods: ['GET', 'POST'], maxAge: 600, strictPreflight: false, exposedHeaders: [REQUEST_ID_HEADER, 'retry-after'] });
    // After what lets a page read why.
    scope.addHook('onRequest', async (request, reply) => {
      const refusal = refusals.refusalOf(senders.get(request)!.client);
      if (!refusal) return;
      // A body that nobody reads is not waited for either: the connection ends with the answer.
      reply.header('connection', 'close');
      await refusals.pause();
      throw refusal;
    });

    const parseJson = scope.getDefaultJsonParser('error', 'error');
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer', bodyLimit: limits.maxImportBodyBytes }, (request, body, done) => {
      bytesRead.set(request, body.length);
      void parseJson(request, body.toString('utf8'), (error, parsed: unknown) => {
        const tooLarge = !error && body.length > limits.maxBodyBytes && !isImport(parsed, limits);
        done(tooLarge ? new PayloadTooLargeError(`The body is larger than ${limits.maxBodyBytes} bytes.`, { maxBytes: limits.maxBodyBytes }) : error, parsed);
      });
    });

    scope.route({
      method: ['GET', 'POST'],
      url: GRAPHQL_PATH,
      exposeHeadRoute: false,
      onRequest: async (request) => {
        if (request.method === 'GET') checkFetchSite(request.headers);
      },
      handler: fastifyApolloHandler(apollo, { context: async (request) => context({ id: request.id, ...senders.get(request)! }) }),
    });
    scope.route({
      method: ['HEAD', 'PUT', 'PATCH', 'DELETE'],
      url: GRAPHQL_PATH,
      onRequest: async (request, reply) =>
        reply.code(405).header('allow', 'GET, POST').send(errorBody('BAD_REQUEST', `${request.method} is not supported here: use POST, or GET for queries.`)),
      handler: async () => undefined,
    });
  };
}

/** Whether a parsed body is a mutation of nothing but importDocuments, which may be larger than others. */
function isImport(body: unknown, limits: Limits): boolean {
  if (typeof body !== 'object' || body === null || !('query' in body) || typeof body.query !== 'string') return false;
  const operationName = 'operationName' in body && typeof body.operationName === 'string' ? body.operationName : null;
  try {
    const operation = getOperationAST(parse(body.query, { maxTokens: limits.maxTokens, noLocation: true }), operationName);
    return (
      operation?.operation === OperationTypeNode.MUTATION &&
      operation.selectionSet.selections.every((field) => field.kind === Kind.FIELD && field.name.value === 'importDocuments')
    );
  } catch {
    return false;
  }
}
