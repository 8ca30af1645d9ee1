/** Who may stop the embedded server: the one process that holds an advisory lock on a connection it keeps open. */
import pg from 'pg';

/** Any number would do; it is taken in the database "postgres", where nothing else takes locks. */
const OWNER_LOCK = 7_265_776_501;

const CONNECTION_TIMEOUT_MS = 2_000;

export type Attempt = { owned: Ownership } | { heldBy: string } | { unreachable: string };

/** The lock, held. PostgreSQL gives it back by itself when this process dies, however it dies. */
export class Ownership {
  readonly client: pg.Client;

  private constructor(client: pg.Client) {
    this.client = client;
  }

  /** Tries once. `onLost` is called when the connection of an ownership gained is lost. */
  static async attempt(address: pg.PoolConfig, onLost: () => void): Promise<Attempt> {
    const client = new pg.Client({
      ...address,
      database: 'postgres',
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      application_name: `rankloop owner, process ${process.pid}`,
    });
    let gained = false;
    // A lost connection may say so twice, as an error and as an end.
    const lost = (): void => {
      if (!gained) return;
      gained = false;
      onLost();
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [OWNER_LOCK]);
      if (rows[0]!.taken) {
        gained = true;
        return { owned: new Ownership(client) };
      }
      const heldBy = await nameHolder(client);
      await client.end();
      return { heldBy };
    } catch (error) {
      client.end().catch(() => undefined);
      return { unreachable: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Creates a database unless there is one. */
  async createDatabase(name: string): Promise<void> {
    const { rowCount } = await this.client.query('select from pg_database where datname = $1', [name]);
    if (!rowCount) await this.client.query(`create database ${this.client.escapeIdentifier(name)}`);
  }

  async release(): Promise<void> {
    this.client.removeAllListeners('end');
    await this.client.end().catch(() => undefined);
  }
}

async function nameHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name
       from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database()) and l.granted and (l.classid::bigint << 32) + l.objid::bigint = $1`,
    [OWNER_LOCK],
  );
  return rows[0]?.name.replace('rankloop owner, ', '') ?? 'another process';
}
