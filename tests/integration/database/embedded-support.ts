/** What the tests of the embedded server share: folders that go away with whatever runs in them, and other processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from '../../../src/database/embedded-postgres.js';
import { canReach } from '../../../src/database/embedded/identity.js';
import { createLogger } from '../../../src/logger.js';
import { killEmbedded } from '../../support/kill-embedded.js';

const script = fileURLToPath(new URL('embedded-process.ts', import.meta.url));

export const isRoot = process.getuid?.() === 0;

/** Somebody without rights; PostgreSQL wants the user to be in /etc/passwd. */
export const NOBODY = { uid: 65534, gid: 65534 };

/** Whether somebody else can run the code of this folder, as some tests need. */
export const nobodyCanRead = isRoot && (await canReach(script, NOBODY, 0o4));

const made: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

export function embeddedIn(dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}): EmbeddedPostgres {
  const embedded = new EmbeddedPostgres({ dataDir, logger: createLogger({ level: 'silent', format: 'json' }), detached: false, ...options });
  made.push(embedded);
  return embedded;
}

/** Stops what a failed test has not. */
export async function stopAll(): Promise<void> {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(made.splice(0).map((embedded) => embedded.stop()));
}

/** A folder that everybody may pass through. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `rankloop-embedded-${process.pid}-`));
  await chmod(folder, 0o755);
  return folder;
}

/** Removes a data folder, the database also where it was put elsewhere, and ends what still runs there. */
export async function removeDataDir(dataDir: string): Promise<void> {
  await killEmbedded(dataDir);
  const home = await realpath(join(dataDir, 'postgres')).catch(() => undefined);
  if (home) await rm(home, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

export async function query(address: pg.PoolConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(address);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

export function serverLog(dataDir: string): Promise<string> {
  return readFile(join(dataDir, 'postgres', 'postgres.log'), 'utf8');
}

export interface EmbeddedProcess {
  child: ChildProcess;
  /** What it said when it had started, or had failed to. */
  said: { address: pg.PoolConfig; serverPid: number; error?: string };
  /** Sends the signal and resolves with the exit code once it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts an embedded server from a process of its own, as another user if told. */
export async function startProcess(dataDir: string, user?: { uid: number; gid: number }): Promise<EmbeddedProcess> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, dataDir], { ...user, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const silence = exited.then(([code]) => [JSON.stringify({ error: `it ended with the exit code ${code}` })]);
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), silence])) as [string];
  return {
    child,
    said: JSON.parse(line) as EmbeddedProcess['said'],
    end: async (signal) => {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}
