/** The dashboard's files at the root, or a plain page that says how to build them; unknown paths end here. */
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errorBody } from './http-errors.js';

const INDEX = 'index.html';

const PLAIN_PAGE = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Rankloop</title><style>body{font:16px/1.6 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}</style></head>
  <body>
    <h1>Rankloop is running</h1>
    <p>The dashboard has not been built yet: <code>npm run build</code> builds it, then start the server again.</p>
    <p>The API is at <code>/graphql</code>, for HTTP and WebSocket; try it in the <a href="/graphiql">playground</a>.</p>
  </body>
</html>
`;

export async function dashboardPages(app: FastifyInstance, dashboardDir: string | null): Promise<void> {
  const hasDashboard = dashboardDir !== null && existsSync(join(dashboardDir, INDEX));
  if (hasDashboard) {
    await app.register(fastifyStatic, {
      root: dashboardDir,
      cacheControl: false,
      // The build puts compressed files beside the plain ones.
      preCompressed: true,
      setHeaders: (reply, path) => {
        // Vite puts a hash into the names of what it builds, so those never change.
        const immutable = path.includes(`${sep}assets${sep}`);
        reply.setHeader('vary', 'accept-encoding');
        reply.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  } else {
    app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(PLAIN_PAGE));
  }

  app.setNotFoundHandler(async (request, reply) => {
    // The dashboard keeps its state in the address, so every page's address leads to it.
    if (hasDashboard && isPageOfDashboard(request)) return reply.sendFile(INDEX);
    return reply.code(404).send(errorBody('NOT_FOUND', `There is nothing at ${request.method} ${pathOf(request)}.`));
  });
}

function isPageOfDashboard(request: FastifyRequest): boolean {
  const lastSegment = pathOf(request).split('/').at(-1) ?? '';
  return request.method === 'GET' && !lastSegment.includes('.') && (request.headers.accept ?? '').includes('text/html');
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? request.url;
}
