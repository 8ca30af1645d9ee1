/** Connections to PostgreSQL: a pool that survives lost connections, the server's version, an address from a URL. */
import pg from 'pg';
import type { Logger } from '../logger.js';

/** The oldest PostgreSQL the migrations and queries are written for. */
const MINIMUM_SERVER_MAJOR = 15;

/** Below the two seconds within which a request must be told UNAVAILABLE; covers connecting and waiting for a free connection. */
const CONNECTION_TIMEOUT_MS = 1_600;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_CONNECTIONS = 20;

export interface PoolOptions {
  logger: Logger;
  /** The most connections held at once; 20 unless told. */
  max?: number;
  /** How the connections are named in pg_stat_activity. */
  applicationName?: string;
  /** Statements with a name are planned each time, with their values known: for those that name the partitions they touch by values. */
  planEachTime?: boolean;
}

/**
 * A pool whose lost connections never end the process: pg emits 'error' on the pool for idle clients and on the client
 * itself for checked-out ones, and either without a listener would. The statement under way still rejects.
 */
export function createPool(address: pg.PoolConfig, { logger, max = DEFAULT_MAX_CONNECTIONS, applicationName = 'rankloop', planEachTime = false }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    ...address,
    max,
    application_name: applicationName,
    // Not a parameter of the connection: poolers refuse those that they do not know. It is waited for.
    ...(planEachTime ? { verify: planWithValues } : {}),
  });
  const lost = (error: Error): void => {
    // A pool ends before the server has heard of every goodbye: an embedded one, stopped next, may cut connections that are leaving.
    if (!pool.ending) logger.warn({ reason: error.message }, 'a database connection was lost');
  };
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', (error) => logger.debug({ reason: error.message }, 'a checked-out database connection was lost')));
  return pool;
}

function planWithValues(client: pg.PoolClient, done: (error?: Error) => void): void {
  client.query('set plan_cache_mode = force_custom_plan').then(() => done(), done);
}

/** Where a DATABASE_URL leads. Throws for anything but a PostgreSQL URL, without repeating the password it may hold. */
export function addressOf(databaseUrl: string): pg.PoolConfig {
  const fault = 'DATABASE_URL must look like postgresql://user:password@host:5432/database';
  if (!/^postgres(ql)?:\/\//i.test(databaseUrl)) throw new Error(fault);
  try {
    // Parses without connecting.
    new pg.Client({ connectionString: databaseUrl });
  } catch {
    throw new Error(fault);
  }
  return { connectionString: databaseUrl };
}

/** Refuses a server too old for the SQL written here. */
export async function checkServerVersion(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ number: string; name: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as name`,
  );
  assertSupportedServer(Number(rows[0]!.number), rows[0]!.name);
}

/** `versionNumber` is PostgreSQL's server_version_num: 150004 for 15.4. */
export function assertSupportedServer(versionNumber: number, versionName: string): void {
  if (versionNumber >= MINIMUM_SERVER_MAJOR * 10_000) return;
  throw new Error(
    `The database is PostgreSQL ${versionName}; Rankloop needs ${MINIMUM_SERVER_MAJOR} or later. ` +
      'Upgrade it, point DATABASE_URL at a newer one, or unset DATABASE_URL to use the embedded PostgreSQL.',
  );
}
