/** Tells a database that does not answer now (trying again later helps) from a statement that is wrong. */

/** SQLSTATE codes, or their two-letter classes: lost connections, shutdown and crash, too many connections. */
const UNAVAILABLE_STATES = new Set(['08', '57P01', '57P02', '57P03', '53300', '25P03']);

const UNAVAILABLE_SYSTEM_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

/** The embedded server's socket while it is down; Prisma keeps the code ENOENT, which files have too, but not the system call. */
const SOCKET_IS_GONE = 'connect ENOENT';

/** What Prisma's adapter makes of them. */
const UNAVAILABLE_KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);

/** What pg and pg-pool say where they give no code. */
const UNAVAILABLE_MESSAGES = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'Query read timeout',
];

/** An error of pg, pg-pool, node's sockets or Prisma, or what one of them gives as its cause. */
interface Failure {
  message?: unknown;
  code?: unknown;
  originalCode?: unknown;
  kind?: unknown;
  cause?: unknown;
  errors?: unknown;
  meta?: { driverAdapterError?: unknown };
}

/** Whether an error (or what caused it) means that PostgreSQL cannot be reached, is restarting, or has no connection free. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { message, code, originalCode, kind, cause, errors, meta }: Failure = error;
  if (isUnavailableState(code) || isUnavailableState(originalCode)) return true;
  if (typeof code === 'string' && UNAVAILABLE_SYSTEM_CODES.has(code)) return true;
  if (typeof kind === 'string' && UNAVAILABLE_KINDS.has(kind)) return true;
  if (typeof message === 'string' && (UNAVAILABLE_MESSAGES.some((start) => message.startsWith(start)) || message.includes(SOCKET_IS_GONE))) return true;
  if (Array.isArray(errors) && errors.some(isDatabaseUnavailable)) return true;
  return isDatabaseUnavailable(cause) || isDatabaseUnavailable(meta?.driverAdapterError);
}

function isUnavailableState(code: unknown): boolean {
  return typeof code === 'string' && code.length === 5 && (UNAVAILABLE_STATES.has(code) || UNAVAILABLE_STATES.has(code.slice(0, 2)));
}
