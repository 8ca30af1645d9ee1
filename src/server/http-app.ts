/** The fastify application: every HTTP route on the one port, with the headers and checks that hold for all of them. */
import { randomUUID } from 'node:crypto';
import type { ApolloServer, BaseContext } from '@apollo/server';
import fastify, { type FastifyInstance } from 'fastify';
import helmet from 'helmet';
import { UnavailableError } from '../errors.js';
import type { Logger } from '../logger.js';
import { checkHost, type AccessRules } from './access.js';
import { REQUEST_ID_HEADER } from './apollo.js';
import { clientScripts } from './client-scripts.js';
import type { RequestFacts, TrustedProxies } from './clients.js';
import { dashboardPages } from './dashboard-pages.js';
import type { Gatekeeper } from './gatekeeper.js';
import { graphiqlPages } from './graphiql-pages.js';
import { graphqlRoute } from './graphql-route.js';
import { healthRoutes, type Readiness } from './health-routes.js';
import { answerError, answerMalformedRequest } from './http-errors.js';
import type { Limits } from '../limits.js';
import type { Refusals } from './refusals.js';
import { countRequests, metricsRoute, type Metrics } from './request-metrics.js';
import { traceRequests, type DescribeRequest } from './request-traces.js';

export interface HttpAppOptions<Context extends BaseContext> {
  apollo: ApolloServer<Context>;
  gatekeeper: Gatekeeper;
  metrics: Metrics;
  describeRequest: DescribeRequest | null;
  access: AccessRules;
  trusted: TrustedProxies;
  limits: Limits;
  refusals: Refusals;
  context: (request: RequestFacts) => Context;
  readiness: () => Promise<Readiness>;
  dashboardDir: string | null;
  clientDir: string | null;
  logger: Logger;
}

export async function createHttpApp<Context extends BaseContext>(options: HttpAppOptions<Context>): Promise<FastifyInstance> {
  const { access, gatekeeper, limits, logger, metrics, describeRequest } = options;
  const onError = answerError(logger);
  const app = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    forceCloseConnections: 'idle',
    // Its 503 is no GraphQL error: refuseWhileStopping gives one.
    return503OnClosing: false,
    frameworkErrors: onError,
    clientErrorHandler: answerMalformedRequest,
  });
  app.setErrorHandler(onError);
  countRequests(app, metrics.registry);
  if (describeRequest) traceRequests(app, describeRequest);
  refuseWhileStopping(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    checkHost(request.headers, access);
  });
  // Made once: @fastify/helmet makes it anew for every request, which took a tenth of the time of recording a click.
  const secure = helmet({
    // No unsafe-eval; styles inline because GraphiQL's editor and React set them.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        fontSrc: ["'self'", 'data:'],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Plain HTTP is spoken here; a proxy that adds TLS adds this too.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  app.addHook('onRequest', (request, reply, done) => secure(request.raw, reply.raw, (error) => done(error as Error | undefined)));
  await app.register(graphqlRoute(options));
  await app.register(healthRoutes(options.readiness, logger));
  await app.register(metricsRoute(metrics, gatekeeper));
  await app.register(graphiqlPages());
  await app.register(clientScripts(options.clientDir, access));
  await dashboardPages(app, options.dashboardDir);
  await app.ready();
  return app;
}

/** Connections kept alive may bring a request just as the server stops. */
function refuseWhileStopping(app: FastifyInstance): void {
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
  });
  app.addHook('onRequest', async (_request, reply) => {
    if (!isStopping) return;
    reply.header('connection', 'close');
    throw new UnavailableError('The server is stopping: try again in a few seconds.');
  });
}
