/** A database for one run of a benchmark: on the PostgreSQL that TEST_DATABASE_URL names, else on an embedded one in the folder given. */
import path from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { createLogger } from '../src/logger.js';

export interface BenchDatabase {
  url: string;
  pool: pg.Pool;
  drop(): Promise<void>;
}

export async function createBenchDatabase(folder: string): Promise<BenchDatabase> {
  const external = process.env.TEST_DATABASE_URL;
  return external ? onExternal(external) : onEmbedded(folder);
}

async function onExternal(address: string): Promise<BenchDatabase> {
  const name = `rankloop_bench_${process.pid}`;
  const url = new URL(address);
  url.pathname = `/${name}`;
  const asAdmin = async (statement: string): Promise<void> => {
    const admin = new pg.Client({ connectionString: address });
    await admin.connect();
    try {
      await admin.query(statement);
    } finally {
      await admin.end();
    }
  };
  await asAdmin(`create database ${name}`);
  const pool = new pg.Pool({ connectionString: url.href, max: 2 });
  return {
    url: url.href,
    pool,
    drop: async () => {
      await pool.end();
      await asAdmin(`drop database ${name} with (force)`);
    },
  };
}

async function onEmbedded(folder: string): Promise<BenchDatabase> {
  const embedded = new EmbeddedPostgres({ dataDir: path.join(folder, 'data'), logger: createLogger({ level: 'warn', format: 'json' }), detached: false });
  const address = await embedded.start();
  const pool = new pg.Pool({ ...address, max: 2 });
  return {
    url: `postgresql://${address.user}@${encodeURIComponent(address.host ?? '')}:${address.port}/${address.database}`,
    pool,
    drop: async () => {
      await pool.end();
      await embedded.stop();
    },
  };
}
