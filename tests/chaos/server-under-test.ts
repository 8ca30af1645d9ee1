/** The built server as its operators run it, with its embedded PostgreSQL in a temporary folder: started, killed, stopped, and what it logged. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { pino } from 'pino';
import { findPostmaster, type Postmaster } from '../../src/database/embedded/postmaster.js';
import { run } from '../../src/database/embedded/cluster.js';
import { locateHome, openHome } from '../../src/database/embedded/home.js';
import { openRuntime } from '../../src/database/embedded/runtime.js';
import { freePort } from '../support/free-port.js';
import { killEmbedded } from '../support/kill-embedded.js';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** Within which a server that is told to stop must have done so. */
const STOP_LIMIT_MS = 10_000;
const PG_CTL_TIMEOUT_S = 5;

export class ServerUnderTest {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  /** How long the slowest orderly stop took, in milliseconds. */
  slowestStopMs = 0;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Makes its folders; starts nothing. */
  static async create(): Promise<ServerUnderTest> {
    const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-chaos-'));
    // As root PostgreSQL runs as somebody else, who must be able to pass through; what is inside is closed on its own.
    await chmod(folder, 0o711);
    return new ServerUnderTest(folder, await freePort());
  }

  get #dataDir(): string {
    return path.join(this.#folder, 'data');
  }

  get logFile(): string {
    return path.join(this.#folder, 'server.log');
  }

  /** Whether there is a process that has not ended. */
  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the process; whether it answers is for others to see. On the same port each time, as behind a load balancer. */
  start(): void {
    const log = openSync(this.logFile, 'a');
    try {
      this.#child = spawn(process.execPath, [MAIN], {
        env: { PATH: process.env.PATH, PORT: String(this.#port), RANKLOOP_DATA_DIR: this.#dataDir, RANKLOOP_MODELS_DIR: path.join(this.#folder, 'models'), LOG_FORMAT: 'json' },
        stdio: ['ignore', log, log],
      });
    } finally {
      closeSync(log);
    }
  }

  /** kill -9; resolves once it is gone. Its PostgreSQL goes on. */
  async kill(): Promise<void> {
    if (!this.#child || !this.runs) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  /** SIGTERM; after the limit kill -9. @returns what was wrong with how it stopped */
  async terminate(): Promise<string[]> {
    if (!this.#child || !this.runs) return ['the server had ended before it was told to stop'];
    const exited = once(this.#child, 'exit') as Promise<[number | null]>;
    const startedAt = performance.now();
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_LIMIT_MS);
    const [code] = await exited;
    clearTimeout(late);
    const tookMs = performance.now() - startedAt;
    this.slowestStopMs = Math.max(this.slowestStopMs, tookMs);
    const faults: string[] = [];
    if (tookMs >= STOP_LIMIT_MS) faults.push(`the server did not stop within ${STOP_LIMIT_MS} ms`);
    else if (code !== 0) faults.push(`the server stopped with the exit code ${code}`);
    if (await this.postmaster()) faults.push('the server stopped and left its PostgreSQL running');
    return faults;
  }

  /** The embedded server's first process, while there is one. */
  async postmaster(): Promise<Postmaster | undefined> {
    const home = await locateHome(this.#dataDir).catch(() => undefined);
    return home === undefined ? undefined : findPostmaster(path.join(home, 'data'));
  }

  /**
   * `pg_ctl restart -m immediate`, as an operator types it.
   * @returns what it said. It may be a failure: when the server's own repair was quicker, one runs already, which pg_ctl cannot start, or waits for to stop.
   */
  async restartPostgres(): Promise<string> {
    const home = await openHome(this.#dataDir, undefined, pino({ level: 'silent' }));
    // Its log lies where the one as whom PostgreSQL runs may write.
    const { output } = await run('pg_ctl', ['restart', '-m', 'immediate', '-t', String(PG_CTL_TIMEOUT_S), '-D', home.data, '-l', path.join(home.data, 'restart.log')], home, await openRuntime(home));
    return output.trim();
  }

  /** Where the database is reached. */
  async address(): Promise<pg.ClientConfig> {
    const postmaster = await this.postmaster();
    if (!postmaster?.ready) throw new Error('The embedded PostgreSQL does not run.');
    return { host: postmaster.host, port: postmaster.port, user: 'rankloop', database: 'rankloop' };
  }

  async logTail(lines = 15): Promise<string> {
    return (await readFile(this.logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Ends whatever runs, and removes it, unless its log and data are wanted. */
  async discard({ keep }: { keep: boolean }): Promise<void> {
    await this.kill();
    await killEmbedded(this.#dataDir);
    if (!keep) await rm(this.#folder, { recursive: true, force: true });
  }
}
