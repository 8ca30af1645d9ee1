/** A whole Rankloop on a database of its own, and clients that reach it as anybody does: over HTTP and WebSocket. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/logger.js';
import { ApiClient, type Answer } from './api-client.js';
import { asAdmin } from './test-admin.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export interface RunningApp {
  app: App;
  client: ApiClient;
  database: TestDatabase;
  modelsDir: string;
  url: string;
  /** Stops the app, keeping database and models, and starts another on them. */
  restart(): Promise<void>;
  /** A second process' worth of Rankloop on the same database, with a models folder of its own; `overrides` go before the first one's environment. */
  startReplica(overrides?: Record<string, string>): Promise<{ app: App; client: ApiClient; modelsDir: string }>;
  /** The rows of a statement on the database, over a connection of its own. */
  sql(text: string, values?: readonly unknown[]): Promise<Answer[]>;
  /** Stops everything and drops the database; rejects when connections were left open. */
  stop(): Promise<void>;
}

export async function startApp(environment: Record<string, string> = {}): Promise<RunningApp> {
  const database = await createTestDatabase({ withDays: true });
  const folders: string[] = [];
  const started: { app: App; client: ApiClient }[] = [];
  const begin = async (modelsDir: string, overrides: Record<string, string> = {}): Promise<{ app: App; client: ApiClient; url: string }> => {
    const config = readConfig({ PORT: '0', DATABASE_URL: database.url, RANKLOOP_MODELS_DIR: modelsDir, LOG_FORMAT: 'json', LOG_LEVEL: 'error', ...environment, ...overrides });
    const app = new App({ config, logger: createLogger({ level: config.logLevel, format: 'json' }) });
    const { url } = await app.start();
    const client = new ApiClient(url, config.adminKeys[0]);
    started.push({ app, client });
    return { app, client, url };
  };
  const folder = async (): Promise<string> => {
    const made = await mkdtemp(path.join(tmpdir(), 'rankloop models '));
    folders.push(made);
    return made;
  };
  const end = async ({ app, client }: { app: App; client: ApiClient }): Promise<void> => {
    await client.close();
    await app.stop();
  };
  const modelsDir = await folder();
  const running: RunningApp = {
    ...(await begin(modelsDir)),
    database,
    modelsDir,
    restart: async () => {
      await end(running);
      started.splice(started.findIndex(({ app }) => app === running.app), 1);
      Object.assign(running, await begin(modelsDir));
    },
    startReplica: async (overrides) => {
      const own = await folder();
      return { ...(await begin(own, overrides)), modelsDir: own };
    },
    sql: (text, values = []) => asAdmin(database.address, async (client) => (await client.query(text, [...values])).rows),
    stop: async () => {
      for (const entry of started.splice(0)) await end(entry);
      for (const made of folders) await rm(made, { recursive: true, force: true });
      await database.drop();
    },
  };
  return running;
}
