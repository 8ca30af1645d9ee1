/** The client library as modules for pages that have no build of their own: /client.js and /client-subscriptions.js, also for pages of allowed origins. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { AccessRules } from './access.js';
import { errorBody } from './http-errors.js';

const NAMES = ['client.js', 'client-subscriptions.js'];

/** @param clientDir where the build has put them; null: nowhere */
export function clientScripts(clientDir: string | null, { allowedOrigins }: AccessRules) {
  return async (scope: FastifyInstance): Promise<void> => {
    await scope.register(fastifyStatic, { serve: false, preCompressed: true });
    scope.addHook('onRequest', async ({ headers: { origin } }, reply) => {
      reply.header('cache-control', 'no-cache').header('vary', 'origin, accept-encoding');
      if (origin !== undefined && allowedOrigins.includes(origin)) reply.header('access-control-allow-origin', origin);
    });
    for (const name of NAMES) {
      scope.get(`/${name}`, async (_request, reply) => {
        if (clientDir !== null && existsSync(join(clientDir, name))) return reply.sendFile(name, clientDir, { cacheControl: false });
        return reply.code(404).send(errorBody('NOT_FOUND', 'The client for pages has not been built yet: `npm run build` builds it.'));
      });
    }
  };
}
