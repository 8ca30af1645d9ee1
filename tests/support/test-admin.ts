/** How test processes reach the run's PostgreSQL server, to make and drop databases on it. */
import pg from 'pg';

/** What the tests of this run need to make databases; handed on in this variable, since they are other processes. */
export const TEST_SERVER_VARIABLE = 'RANKLOOP_TEST_SERVER';

export interface TestServer {
  address: pg.PoolConfig;
  /** The name of the database that tests are cloned from. */
  template: string;
  /** One with partitions for the days ahead, too, as a server finds it that has run before. */
  templateWithDays: string;
  /** What the names of this run's databases begin with. */
  prefix: string;
}

/** The same server, another database. */
export function addressIn(address: pg.PoolConfig, database: string): pg.PoolConfig {
  if (!address.connectionString) return { ...address, database };
  const url = new URL(address.connectionString);
  url.pathname = `/${database}`;
  return { ...address, connectionString: url.href };
}

export async function asAdmin<T>(address: pg.PoolConfig, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ ...address, application_name: 'rankloop test admin' });
  // The statement under way rejects; without a listener the process would end before the test can say so.
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
