/** /healthz: the process answers. /readyz: it can serve, or what it lacks. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from '../logger.js';

export interface Readiness {
  ready: boolean;
  /** What was looked at, and how it is, in a word or a sentence. */
  checks: Record<string, string>;
}

/** A check that takes longer counts as failed: whoever probes has a time limit of its own. */
const READINESS_TIMEOUT_MS = 2_000;

export function healthRoutes(readiness: () => Promise<Readiness>, logger: Logger) {
  return async (scope: FastifyInstance): Promise<void> => {
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });
    scope.get('/healthz', async () => ({ status: 'ok' }));
    scope.get('/readyz', async (_request, reply) => {
      const { ready, checks } = await checkInTime(readiness, logger);
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
    });
  };
}

async function checkInTime(readiness: () => Promise<Readiness>, logger: Logger): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve({ ready: false, checks: { readiness: `no answer within ${READINESS_TIMEOUT_MS} ms` } }), READINESS_TIMEOUT_MS);
  });
  try {
    return await Promise.race([readiness(), timeout]);
  } catch (err) {
    logger.error({ err }, 'the readiness check failed');
    return { ready: false, checks: { readiness: 'the check failed; the log says why' } };
  } finally {
    clearTimeout(timer);
  }
}
