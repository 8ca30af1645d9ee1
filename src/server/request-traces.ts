/** What the server adds to the trace of a request: its route and id, and the GraphQL operation it turned out to be. */
import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import { firstField } from './request-metrics.js';

/** Says of the request under way what it is. */
export type DescribeRequest = (facts: { route?: string; attributes: Readonly<Record<string, string>> }) => void;

/** The route as it was declared, so that spans of one kind have one name; the id is the one in answers and in the log. */
export function traceRequests(app: FastifyInstance, describe: DescribeRequest): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { url } = request.routeOptions;
    describe({ ...(url === undefined ? {} : { route: url }), attributes: { 'rankloop.request_id': request.id } });
    done();
  });
}

/** Operations over HTTP by name, type and first field; never by their text or variables. */
export function traceOperations(describe: DescribeRequest): ApolloServerPlugin<BaseContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ operation, operationName }) => {
        if (!operation) return;
        const name: Record<string, string> = operationName == null ? {} : { 'graphql.operation.name': operationName };
        describe({ attributes: { 'graphql.operation.type': operation.operation, 'rankloop.field': firstField(operation), ...name } });
      },
    }),
  };
}
