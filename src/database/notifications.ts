/** LISTEN and NOTIFY: small hints between processes on one database, lost while disconnected, so the tables stay the truth. */
import pg from 'pg';
import type { Logger } from '../logger.js';

/** PostgreSQL refuses a payload of 8,000 bytes or more. */
export const MAX_PAYLOAD_BYTES = 7_999;

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;
/** A connection that a firewall dropped says nothing; only asking finds out. */
const HEARTBEAT_INTERVAL_MS = 15_000;
const HEARTBEAT_TIMEOUT_MS = 5_000;
const CONNECTION_TIMEOUT_MS = 2_000;

export interface NotificationsOptions {
  /** Where the listening connection is opened; it must be PostgreSQL itself, not a pooler that shares sessions. */
  address: pg.PoolConfig;
  /** What `send` uses. */
  pool: pg.Pool;
  channel: string;
  logger: Logger;
}

/** One held connection that listens on a channel and comes back after a loss; sending goes through the pool. */
export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #listeners: ((payload: string) => void)[] = [];
  readonly #reconnectListeners: (() => void)[] = [];
  #client: pg.Client | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #connecting: Promise<void> | undefined;

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  /** Is called with the payload of every notification, our own included, in the order of their commits. */
  on(listener: (payload: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Is called each time listening begins again after a loss: what was said meanwhile is lost, so re-read the tables. */
  onReconnect(listener: () => void): void {
    this.#reconnectListeners.push(listener);
  }

  /** Resolves when listening; rejects when the first connection fails. Afterwards losses are repaired in the background. */
  start(): Promise<void> {
    return (this.#started ??= this.#connect());
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#end());
  }

  /** Says `payload` to every listening process, this one included; at once, in a transaction of its own. */
  async send(payload: string): Promise<void> {
    const bytes = Buffer.byteLength(payload);
    if (bytes > MAX_PAYLOAD_BYTES) throw new RangeError(`A notification holds at most ${MAX_PAYLOAD_BYTES} bytes; this one has ${bytes}`);
    await this.#options.pool.query('select pg_notify($1, $2)', [this.#options.channel, payload]);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      query_timeout: HEARTBEAT_TIMEOUT_MS,
      keepAlive: true,
      ...this.#options.address,
      application_name: 'rankloop listen',
    });
    client.on('error', (error) => this.#lost(client, error.message));
    client.on('end', () => this.#lost(client, 'the connection ended'));
    client.on('notification', ({ payload }) => this.#deliver(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(this.#options.channel)}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.#stopped) {
      await client.end();
      return;
    }
    this.#client = client;
    this.#retryMs = FIRST_RETRY_MS;
    this.#heartbeatTimer = setInterval(() => this.#beat(client), HEARTBEAT_INTERVAL_MS);
    this.#heartbeatTimer.unref();
  }

  #beat(client: pg.Client): void {
    client.query('select 1').catch((error: Error) => this.#lost(client, error.message));
  }

  #lost(client: pg.Client, reason: string): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    clearInterval(this.#heartbeatTimer);
    client.end().catch(() => undefined);
    if (this.#stopped) return;
    this.#options.logger.warn({ reason }, 'the connection that listens for other processes was lost; connecting again');
    this.#retryLater();
  }

  #retryLater(): void {
    const delayMs = this.#retryMs * (0.5 + Math.random());
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    this.#retryTimer = setTimeout(() => {
      this.#connecting = this.#reconnect();
    }, delayMs);
  }

  async #reconnect(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      if (this.#stopped) return;
      this.#options.logger.debug({ reason: error instanceof Error ? error.message : String(error) }, 'cannot listen for other processes yet');
      this.#retryLater();
      return;
    }
    if (this.#stopped) return;
    this.#options.logger.info('listening for other processes again');
    for (const listener of this.#reconnectListeners) listener();
  }

  #deliver(payload: string): void {
    for (const listener of this.#listeners) listener(payload);
  }

  async #end(): Promise<void> {
    clearTimeout(this.#retryTimer);
    clearInterval(this.#heartbeatTimer);
    await this.#started?.catch(() => undefined);
    await this.#connecting;
    const client = this.#client;
    this.#client = undefined;
    clearTimeout(this.#retryTimer);
    await client?.end();
  }
}
