/** The kinds of faults: what is killed or stopped, and started again if it is not the server's own duty. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerUnderTest } from './server-under-test.js';

/** Within which one that is starting is killed again. */
const START_MS = 1_500;
/** How often in a row an operator restarts PostgreSQL. */
const RESTARTS = 3;
/** Ten seconds, for a PostgreSQL that is being started. */
const TRIES = 200;
const TRY_MS = 50;

export interface Inflicted {
  /** When it was done: performance.now(). */
  at: number;
  /** Whether searches are answered again by a PostgreSQL other than this; undefined: it was not touched, or not alone. */
  oldPostmaster?: number;
  /** When the server was killed, Date.now(): what runs it had are nobody's. */
  serverKilledAt?: number;
  /** What is wrong already. */
  faults: string[];
}

export type Fault = (server: ServerUnderTest, random: () => number) => Promise<Inflicted>;

export const FAULTS: Readonly<Record<string, Fault>> = {
  'kill -9 server': async (server) => {
    const at = performance.now();
    await server.kill();
    const serverKilledAt = Date.now();
    server.start();
    return { at, serverKilledAt, faults: [] };
  },
  'kill -9 server, again as it starts': async (server, random) => {
    await server.kill();
    server.start();
    await sleep(random() * START_MS);
    const at = performance.now();
    await server.kill();
    const serverKilledAt = Date.now();
    server.start();
    return { at, serverKilledAt, faults: [] };
  },
  'kill -9 PostgreSQL': (server) => signalPostmaster(server, 'SIGKILL'),
  'crash of PostgreSQL (SIGQUIT)': (server) => signalPostmaster(server, 'SIGQUIT'),
  'pg_ctl restart -m immediate, in a loop': async (server) => {
    const faults: string[] = [];
    let at = 0;
    let oldPostmaster: number | undefined;
    for (let restarts = 0; restarts < RESTARTS; restarts++) {
      // Where the server's own repair was quicker than pg_ctl, its PostgreSQL may only be starting.
      for (let tries = 0; (oldPostmaster = (await server.postmaster())?.pid) === undefined && tries < TRIES; tries++) await sleep(TRY_MS);
      at = performance.now();
      const said = await server.restartPostgres();
      if (oldPostmaster === undefined || (await server.postmaster())?.pid === oldPostmaster) faults.push(`PostgreSQL was not restarted: ${said}`);
    }
    return { at, ...(oldPostmaster !== undefined && { oldPostmaster }), faults };
  },
  'kill -9 both': async (server) => {
    const { at, faults } = await signalPostmaster(server, 'SIGKILL');
    await server.kill();
    const serverKilledAt = Date.now();
    server.start();
    return { at, serverKilledAt, faults };
  },
  'SIGTERM to the server': async (server) => {
    const at = performance.now();
    const faults = await server.terminate();
    server.start();
    return { at, faults };
  },
};

/** The server is to start another by itself. */
async function signalPostmaster(server: ServerUnderTest, signal: 'SIGKILL' | 'SIGQUIT'): Promise<Inflicted> {
  const postmaster = await server.postmaster();
  const at = performance.now();
  if (!postmaster) return { at, faults: ['PostgreSQL did not run before it was to be killed'] };
  process.kill(postmaster.pid, signal);
  return { at, oldPostmaster: postmaster.pid, faults: [] };
}

/** All kinds, in another order each time they have all been. */
export function* faultsInTurn(random: () => number): Generator<string, never> {
  for (;;) {
    const left = Object.keys(FAULTS);
    while (left.length > 0) yield left.splice(Math.floor(random() * left.length), 1)[0]!;
  }
}
