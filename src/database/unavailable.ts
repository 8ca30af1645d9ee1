/** Tells a database that does not answer now (trying again later helps) from a statement that is wrong. */
import { isNativeError } from 'node:util/types';
import pg from 'pg';

/** SQLSTATE codes, or their two-letter classes: lost connections, shutdown and crash, too many connections. */
const UNAVAILABLE_STATES = new Set(['08', '57P01', '57P02', '57P03', '53300', '25P03']);

const UNAVAILABLE_SYSTEM_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']);

/** What pg and pg-pool say where they give no code. */
const UNAVAILABLE_MESSAGES = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
];

/** Whether an error (or what caused it) means that PostgreSQL cannot be reached, is restarting, or has no connection free. */
export function isDatabaseUnavailable(error: unknown): boolean {
  // Not instanceof: what the system throws comes from another realm in some hosts (a vm context, as in jest).
  if (!isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors) && error.errors.some(isDatabaseUnavailable)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof pg.DatabaseError) return UNAVAILABLE_STATES.has(code) || UNAVAILABLE_STATES.has(code.slice(0, 2));
  if (UNAVAILABLE_SYSTEM_CODES.has(code) && 'syscall' in error) return code !== 'ENOENT' || error.syscall === 'connect';
  if (UNAVAILABLE_MESSAGES.some((message) => error.message.startsWith(message))) return true;
  return error.cause !== undefined && isDatabaseUnavailable(error.cause);
}
