/** A database cluster's making and running: initdb, its settings, the server process. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chown, mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '../../logger.js';
import { exists, hasCode, replaceFile, syncFolder } from './files.js';
import type { Home } from './home.js';
import { isProcess } from './postmaster.js';
import type { Program, Runtime } from './runtime.js';

export const SUPERUSER = 'rankloop';
const INITDB_PREFIX = 'initdb-';
const LOG_ROTATION_BYTES = 10_000_000;
const WINDOWS = process.platform === 'win32';
/** Linux writes a whole file system out in one call, which is quicker than a thousand files one by one. */
const SYNC_METHOD = process.platform === 'linux' ? 'syncfs' : 'fsync';

/**
 * Collation and character classes: the builtin C.UTF-8 sorts the same everywhere and for ever. pg_trgm takes what a
 * letter is from lc_ctype, whose UTF-8 locale has another name on macOS.
 */
const LOCALES: { ctype: string; limits?: string }[] = [
  { ctype: 'C.UTF-8' },
  { ctype: 'en_US.UTF-8' },
  { ctype: 'UTF-8' },
  { ctype: 'C', limits: 'this system has no UTF-8 locale: misspelt queries are corrected in Latin script only' },
];

/** Makes the cluster unless there is one. Elsewhere first, then by a rename: two first starts at once are safe, one that is killed leaves nothing half. */
export async function createCluster(home: Home, runtime: Runtime, logger: Logger): Promise<void> {
  if (await exists(join(home.data, 'PG_VERSION'))) return;
  logger.info({ folder: home.folder }, 'making the embedded PostgreSQL database; this happens once');
  const temporary = join(home.folder, `${INITDB_PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await initdb(temporary, home, runtime, logger);
    await rename(temporary, home.data);
    for (const folder of [home.folder, dirname(home.folder)]) await syncFolder(folder);
  } catch (error) {
    const otherWasFirst = hasCode(error, 'EEXIST', 'ENOTEMPTY', 'EPERM') && (await exists(join(home.data, 'PG_VERSION')));
    if (!otherWasFirst) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What first starts that were killed have left. An initdb may outlive its parent a little: what it still writes goes next time. */
export async function removeUnfinished(home: Home): Promise<void> {
  for (const name of await readdir(home.folder)) {
    const pid = /^(?:initdb|copying)-(\d+)-/.exec(name)?.[1];
    if (pid && !isProcess(Number(pid))) await rm(join(home.folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Refuses a cluster that another major version of PostgreSQL has made. */
export async function checkClusterVersion(home: Home, runtime: Runtime): Promise<void> {
  const made = Number((await readFile(join(home.data, 'PG_VERSION'), 'utf8')).trim());
  if (made === runtime.major) return;
  throw new Error(
    `The database in ${home.folder} was made by PostgreSQL ${made}; the embedded one is ${runtime.major}, which cannot read it. ` +
      'Set RANKLOOP_DATA_DIR to another folder, or carry the data over with pg_dump and set DATABASE_URL.',
  );
}

async function initdb(target: string, home: Home, runtime: Runtime, logger: Logger): Promise<void> {
  const passwordFile = `${target}.password`;
  if (WINDOWS) await replaceFile(passwordFile, await windowsPassword(home), undefined);
  const authentication = WINDOWS ? ['--auth=scram-sha-256', `--pwfile=${passwordFile}`] : ['--auth-local=trust', '--auth-host=reject'];
  try {
    for (const { ctype, limits } of LOCALES) {
      await rm(target, { recursive: true, force: true });
      await mkdir(target, { mode: 0o700 });
      if (home.identity) await chown(target, home.identity.uid, home.identity.gid);
      const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', `--lc-ctype=${ctype}`];
      const { code, output } = await run('initdb', ['-D', target, '-U', SUPERUSER, '-E', 'UTF8', ...locale, ...authentication, '--no-instructions', `--sync-method=${SYNC_METHOD}`], home, runtime);
      if (code === 0) {
        if (limits) logger.warn(limits);
        return;
      }
      if (!/locale/i.test(output)) throw new Error(`The embedded PostgreSQL database cannot be made in ${home.folder}; set DATABASE_URL to use another one.\n${output.trim()}`);
    }
    throw new Error('The embedded PostgreSQL finds no locale on this system; set DATABASE_URL to use another one.');
  } finally {
    await rm(passwordFile, { force: true });
  }
}

export interface SpawnedServer {
  server: ChildProcess;
  /** Why there is no process. */
  fault?: Error;
}

/** Writes the settings and starts the server; whether it comes up is seen in postmaster.pid. */
export async function spawnServer(
  home: Home,
  runtime: Runtime,
  options: { socketFolder: string; port: number; settings: Record<string, string>; detached: boolean; reusedPid: number | undefined },
): Promise<SpawnedServer> {
  await replaceFile(join(home.data, 'postgresql.conf'), configuration(options), home.identity);
  const log = await openLog(home);
  try {
    const server = spawn(runtime.pathOf('postgres'), ['-D', home.data], {
      ...spawnOptions(home),
      // Of its own session: Ctrl-C in a terminal goes to us alone, and we stop it in our own time.
      detached: options.detached,
      stdio: ['ignore', log.fd, log.fd],
      ...(options.reusedPid && !WINDOWS && { env: { ...environment(), PG_GRANDPARENT_PID: String(options.reusedPid) } }),
    });
    const spawned: SpawnedServer = { server };
    server.on('error', (error) => (spawned.fault = error));
    return spawned;
  } finally {
    await log.close();
  }
}

/** Runs one of PostgreSQL's programs to its end, as whom the server runs. */
export function run(program: Program, args: string[], home: Home, runtime: Runtime): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(runtime.pathOf(program), args, { ...spawnOptions(home), stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    child.stdout!.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr!.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', (error) => reject(new Error(`${runtime.pathOf(program)} cannot be run; set DATABASE_URL to use another PostgreSQL`, { cause: error })));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(output).toString() }));
  });
}

function spawnOptions({ identity }: Home): SpawnOptions {
  // Every user can be in "/", but not in what happens to be our working folder.
  return { ...identity, ...(!WINDOWS && { cwd: '/', env: environment() }), windowsHide: true };
}

/** Nothing of ours: PGPORT, PGDATA, LC_ALL and their kind would change what the server does. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/**
 * Written anew at every start, so that the settings are those of the code and `pg_ctl restart` finds them too.
 * Durability is PostgreSQL's default: fsync, synchronous_commit and full_page_writes stay on.
 */
function configuration({ socketFolder, port, settings }: { socketFolder: string; port: number; settings: Record<string, string> }): string {
  const all: Record<string, string> = {
    ...(WINDOWS
      ? { listen_addresses: '127.0.0.1', unix_socket_directories: '' }
      : // The inner quotes make it one folder, whatever commas and spaces are in it.
        { listen_addresses: '', unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`, unix_socket_permissions: '0700' }),
    port: String(port),
    max_connections: '60',
    // A statement that names no day locks every partition with its indexes: some 1,500 of a full retention.
    max_locks_per_transaction: '256',
    shared_buffers: '128MB',
    // Parallel queries keep rows in /dev/shm, which containers make small; the queries here are short ones.
    max_parallel_workers_per_gather: '0',
    max_parallel_maintenance_workers: '0',
    jit: 'off',
    max_wal_senders: '0',
    recovery_init_sync_method: SYNC_METHOD,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    lc_messages: 'C',
    cluster_name: 'rankloop',
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return `# Written by Rankloop at every start; set other values with ALTER SYSTEM.\n${lines.join('\n')}\n`;
}

async function openLog({ log }: Home): Promise<FileHandle> {
  if (await stat(log).then(({ size }) => size > LOG_ROTATION_BYTES, () => false)) await rename(log, `${log}.1`);
  // Root must not follow a link that the server's user has put there.
  return open(log, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0), 0o600);
}

/** The last lines of the server's output, for a message on why it did not start. */
export async function logTail({ log }: Home, lines = 12): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/** Windows has no private sockets here: the server listens on loopback, and this password is what keeps others out. */
export async function windowsPassword({ folder }: Home): Promise<string> {
  const file = join(folder, 'password');
  if (!(await exists(file))) await replaceFile(file, randomBytes(24).toString('hex'), undefined);
  return (await readFile(file, 'utf8')).trim();
}
