/** The PostgreSQL that comes with Rankloop: started in the data folder, kept running, stopped; one process owns it at a time. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../logger.js';
import {
  checkClusterVersion,
  createCluster,
  logTail,
  removeUnfinished,
  run,
  spawnServer,
  SUPERUSER,
  windowsPassword,
} from './embedded/cluster.js';
import { openHome, openSocketFolder, removeSocketFolder, type Home } from './embedded/home.js';
import type { Identity } from './embedded/identity.js';
import { Ownership } from './embedded/ownership.js';
import { findPostmaster, findReusedPid, type Postmaster } from './embedded/postmaster.js';
import { freePort } from './embedded/port.js';
import { openRuntime, removeOldCopies, type Runtime } from './embedded/runtime.js';

const ON_WINDOWS = process.platform === 'win32';
const DATABASE = 'rankloop';
const SOCKET_PORT = 5432;

/** How long to wait for another process to let go of the server. */
const OWNERSHIP_TIMEOUT_MS = 10_000;
/** How long what another process leaves behind (backends that are going, a lock file) may keep a new server from starting. */
const CLEARANCE_TIMEOUT_MS = 15_000;
/** A server may need long to recover from a crash, but not for ever. */
const READY_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 20_000;

const POLL_MS = 10;
const OWNERSHIP_POLL_MS = 100;
/** A server that went is started again after this, so that somebody who restarts it by hand comes first. */
const REPAIR_DELAY_MS = 300;
const LONGEST_REPAIR_DELAY_MS = 2_000;

export interface EmbeddedPostgresOptions {
  /** RANKLOOP_DATA_DIR: the server's files go into `postgres/` in it. */
  dataDir: string;
  logger: Logger;
  /** Who called sudo (SUDO_UID, SUDO_GID): as root, PostgreSQL preferably runs as that user. */
  invokingUser?: Identity | undefined;
  /**
   * Whether the server is out of reach of what the terminal sends to our process group (Ctrl-C); true unless told.
   * A killed process then leaves its server running, which the next start adopts. Tests say false.
   */
  detached?: boolean;
  /** PostgreSQL settings beside, or instead of, the usual ones. */
  settings?: Record<string, string>;
  /** How long to wait for another process to let go of the server; 10 s unless told. */
  ownershipTimeoutMs?: number;
}

interface Opened {
  home: Home;
  runtime: Runtime;
}

/**
 * `start()` resolves when the server answers and this process owns it, whether it had to be made, started, or was left
 * running by a process that was killed. A server that dies is started again. `stop()` ends it cleanly.
 */
export class EmbeddedPostgres {
  readonly #options: EmbeddedPostgresOptions;
  readonly #logger: Logger;
  #opened: Opened | undefined;
  #server: ChildProcess | undefined;
  #ownership: Ownership | undefined;
  #started: Promise<pg.PoolConfig> | undefined;
  #repaired: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(options: EmbeddedPostgresOptions) {
    this.#options = options;
    this.#logger = options.logger;
  }

  /** Resolves with the address for pools; rejects with the reason and the way out. */
  start(): Promise<pg.PoolConfig> {
    return (this.#started ??= this.#start());
  }

  /** Ends the server, also after half a start. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  /** The id of the server's first process, while it runs. */
  async serverPid(): Promise<number | undefined> {
    return this.#opened && (await findPostmaster(this.#opened.home.data))?.pid;
  }

  async #start(): Promise<pg.PoolConfig> {
    const { dataDir, invokingUser, ownershipTimeoutMs = OWNERSHIP_TIMEOUT_MS } = this.#options;
    const startedAt = performance.now();
    const home = await openHome(dataDir, invokingUser, this.#logger);
    const runtime = await openRuntime(home);
    await createCluster(home, runtime, this.#logger);
    await checkClusterVersion(home, runtime);
    this.#opened = { home, runtime };
    const { ownership, address } = await this.#own(this.#opened, ownershipTimeoutMs);
    await ownership.createDatabase(DATABASE);
    await removeUnfinished(home);
    await removeOldCopies(home, runtime);
    this.#logger.debug({ folder: home.folder, tookMs: Math.round(performance.now() - startedAt) }, 'embedded PostgreSQL is ready');
    return address;
  }

  /** Brings the server up if need be and gains the ownership of it; another process may do the same at any point. */
  async #own(opened: Opened, timeoutMs: number): Promise<{ ownership: Ownership; address: pg.PoolConfig }> {
    const { data } = opened.home;
    const startedAt = performance.now();
    let heldSince: number | undefined;
    for (;;) {
      this.#stopping.signal.throwIfAborted();
      await this.#checkPatience(startedAt, opened.home);
      const postmaster = await findPostmaster(data);
      if (!postmaster) {
        await this.#launch(opened, startedAt);
        continue;
      }
      if (!postmaster.ready) {
        await sleep(POLL_MS);
        continue;
      }
      const address = await addressOfServer(postmaster, opened.home);
      const attempt = await Ownership.attempt(address, () => this.#repair('its connection was lost'));
      if ('owned' in attempt) {
        this.#ownership = attempt.owned;
        return { ownership: attempt.owned, address };
      }
      if ('heldBy' in attempt) {
        heldSince ??= performance.now();
        if (performance.now() - heldSince > timeoutMs) throw inUse(attempt.heldBy, opened.home);
      }
      await sleep(OWNERSHIP_POLL_MS);
    }
  }

  /** Starts a server and waits until it is ready or gone. When another process was first, it goes and that one's is found. */
  async #launch(opened: Opened, startedAt: number): Promise<void> {
    const { home, runtime } = opened;
    const { settings = {}, detached = true } = this.#options;
    const socketFolder = ON_WINDOWS ? '' : await openSocketFolder(home);
    const port = ON_WINDOWS ? await freePort() : SOCKET_PORT;
    const reusedPid = await findReusedPid(home.data, socketFolder);
    const spawned = await spawnServer(home, runtime, { socketFolder, port, settings, detached, reusedPid });
    const { server } = spawned;
    this.#server = server;
    server.once('exit', () => {
      if (this.#server === server) this.#server = undefined;
    });
    for (;;) {
      const postmaster = await findPostmaster(home.data);
      if (postmaster?.pid === server.pid && postmaster?.ready) return;
      if (hasExited(server)) break;
      this.#stopping.signal.throwIfAborted();
      await this.#checkPatience(startedAt, home);
      await sleep(POLL_MS);
    }
    this.#server = undefined;
    const output = spawned.fault?.message ?? (await logTail(home));
    // Another server on its way up or down, or its socket's folder that was just removed.
    const isInTheWay = /lock file ".*" already exists|is still in use|could not (bind|create lock file)/i.test(output);
    if (!isInTheWay || performance.now() - startedAt > CLEARANCE_TIMEOUT_MS) {
      throw new Error(`The embedded PostgreSQL in ${home.folder} did not start; set DATABASE_URL to use another one. It said:\n${output}`);
    }
    await sleep(OWNERSHIP_POLL_MS);
  }

  async #checkPatience(startedAt: number, home: Home): Promise<void> {
    if (performance.now() - startedAt < READY_TIMEOUT_MS) return;
    throw new Error(`The embedded PostgreSQL in ${home.folder} does not get ready; set DATABASE_URL to use another one. It said:\n${await logTail(home)}`);
  }

  /** After the server, or only the connection that owns it, was lost. */
  #repair(reason: string): void {
    if (this.#stopping.signal.aborted) return;
    this.#ownership = undefined;
    this.#repaired ??= this.#repairUntilDone(reason).finally(() => {
      this.#repaired = undefined;
    });
  }

  async #repairUntilDone(reason: string): Promise<void> {
    const opened = this.#opened;
    if (!opened) return;
    this.#logger.warn({ reason }, 'the embedded PostgreSQL was lost; bringing it back');
    const startedAt = performance.now();
    const { signal } = this.#stopping;
    for (let delayMs = REPAIR_DELAY_MS; !signal.aborted; delayMs = Math.min(2 * delayMs, LONGEST_REPAIR_DELAY_MS)) {
      try {
        await sleep(delayMs, undefined, { signal });
        await this.#own(opened, Number.POSITIVE_INFINITY);
        this.#logger.info({ tookMs: Math.round(performance.now() - startedAt) }, 'the embedded PostgreSQL is back');
        return;
      } catch (error) {
        if (!signal.aborted) this.#logger.error({ error }, 'the embedded PostgreSQL cannot be brought back yet');
      }
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('the embedded PostgreSQL is being stopped'));
    await this.#started?.catch(() => undefined);
    await this.#repaired;
    if (!this.#opened) return;
    if (await this.#mayEnd(this.#opened)) await this.#end(this.#opened);
    await this.#ownership?.release();
  }

  /** A server that another process owns is not ours to end, also when it is our child: that one was quicker to take it. */
  async #mayEnd({ home }: Opened): Promise<boolean> {
    if (this.#ownership) return true;
    if (!this.#server) return false;
    const postmaster = await findPostmaster(home.data);
    if (!postmaster?.ready) return true;
    const attempt = await Ownership.attempt(await addressOfServer(postmaster, home), () => undefined);
    if ('owned' in attempt) this.#ownership = attempt.owned;
    if ('heldBy' in attempt) this.#server.unref();
    return !('heldBy' in attempt);
  }

  /** By a fast shutdown: connections are cut, everything is written. By an immediate one if that takes too long; the next start recovers. */
  async #end({ home, runtime }: Opened): Promise<void> {
    const postmaster = await findPostmaster(home.data);
    const pid = this.#server?.pid ?? postmaster?.pid;
    if (!pid) return;
    if (!(await this.#endWith('fast', pid, home, runtime))) {
      this.#logger.warn('the embedded PostgreSQL does not stop; ending it at once, the next start will recover');
      await this.#endWith('immediate', pid, home, runtime);
    }
    if (postmaster && !ON_WINDOWS) await removeSocketFolder(postmaster.host, home);
  }

  /** Says whether the server has ended in time. By its id, not by its folder: the next owner may start another there at once. */
  async #endWith(mode: 'fast' | 'immediate', pid: number, home: Home, runtime: Runtime): Promise<boolean> {
    if (ON_WINDOWS) return stopOnWindows(mode, home, runtime);
    const server = this.#server;
    const isGone = async (): Promise<boolean> => (server ? hasExited(server) : (await findPostmaster(home.data))?.pid !== pid);
    if (await isGone()) return true;
    process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (!(await isGone())) {
      if (performance.now() > deadline) return false;
      await sleep(POLL_MS);
    }
    return true;
  }
}

function hasExited(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null || server.pid === undefined;
}

/** There are no signals on Windows. */
async function stopOnWindows(mode: string, home: Home, runtime: Runtime): Promise<boolean> {
  const { code } = await run('pg_ctl', ['stop', '-D', home.data, '-m', mode, '-w', '-t', String(STOP_TIMEOUT_MS / 1_000), '-s'], home, runtime);
  return code === 0;
}

async function addressOfServer({ host, port }: Postmaster, home: Home): Promise<pg.PoolConfig> {
  const address = { host, port, user: SUPERUSER, database: DATABASE, ssl: false };
  return ON_WINDOWS ? { ...address, password: await windowsPassword(home) } : address;
}

function inUse(holder: string, { folder }: Home): Error {
  return new Error(
    `The database in ${folder} is in use by another Rankloop (${holder}). Stop that one, set RANKLOOP_DATA_DIR to another folder, ` +
      'or let both use one PostgreSQL with DATABASE_URL.',
  );
}
