/** The benchmark "attacks": how soon the server refuses what goes beyond its limits, and what searches feel of it meanwhile. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBenchDatabase } from '../bench-database.js';
import { search, type Headers } from '../loop/api.js';
import { importCatalogue, QUERIES } from '../loop/catalogue.js';
import { percentile } from '../loop/percentiles.js';
import { buildServer, machineName, startServer } from '../loop/processes.js';
import { ATTACKS } from './attacks.js';

const SECONDS = 6;
const ATTACKERS = 2;
const SEARCHERS = 2;
/** As people search: each waits a little between two. */
const PAUSE_MS = 20;
/** Until code is compiled and the attacking process has started. */
const WARM_UP_SECONDS = 3;
const TARGET_REFUSED_MS = 50;
const TARGET_RATIO = 2;

const ADMIN_KEY = 'admin-0123456789abcdef';
const PUBLIC_KEY = 'public-0123456789abcdef';
/** As from a page, through a proxy that says where it was asked from. */
const visitor = (address: string): Headers => ({ authorization: `Bearer ${PUBLIC_KEY}`, 'x-forwarded-for': address });

interface Percentiles {
  count: number;
  p50: number;
  p99: number;
}

interface Felt {
  name: string;
  /** Read, and refused for what it was: how long that took. */
  read: Percentiles;
  /** Refused unread, after too many of that. */
  unread: Percentiles;
  answers: string[];
  searchMs: Percentiles;
  /** Of the searches' 99th percentile, to that without an attack. */
  ratio: number;
}

export interface AttacksFigures {
  machine: string;
  idleMs: Percentiles;
  attacks: Felt[];
}

export async function runAttacksBenchmark(): Promise<AttacksFigures> {
  buildServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const database = await createBenchDatabase(folder);
  const machine = machineName();
  console.log(`attacks, on ${machine}: ${ATTACKERS} attackers without a pause at one address, with the public key; ${SEARCHERS} visitors at others who search; ${SECONDS} s each`);
  try {
    const server = await startServer({
      DATABASE_URL: database.url,
      RANKLOOP_MODELS_DIR: path.join(folder, 'models'),
      RANKLOOP_DATA_DIR: path.join(folder, 'index'),
      RANKLOOP_ADMIN_KEYS: ADMIN_KEY,
      RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY,
      RANKLOOP_TRUSTED_PROXIES: 'loopback',
    });
    try {
      await importCatalogue(server.url, { authorization: `Bearer ${ADMIN_KEY}` });
      await searchFor(server.url, WARM_UP_SECONDS);
      const idleMs = await searchFor(server.url, 2 * SECONDS);
      console.log(`  ${'no attack'.padEnd(28)} search p50 ${ms(idleMs.p50)}  p99 ${ms(idleMs.p99)}`);
      const attacks: Felt[] = [];
      for (const [nth, { name }] of ATTACKS.entries()) {
        const felt = await feel(server.url, name, `203.0.113.${nth}`, idleMs);
        attacks.push(felt);
        const { searchMs, ratio, read, unread, answers } = felt;
        const reached = read.p99 < TARGET_REFUSED_MS && ratio <= TARGET_RATIO;
        console.log(
          `  ${name.padEnd(28)} search p50 ${ms(searchMs.p50)}  p99 ${ms(searchMs.p99)}  ${ratio.toFixed(2).padStart(5)} × idle   ` +
            `${String(read.count).padStart(4)} read, p50 ${ms(read.p50)}  p99 ${ms(read.p99)}   ${String(unread.count).padStart(5)} unread, p99 ${ms(unread.p99)}   ${reached ? 'pass' : 'MISSED'}   ${answers.join(', ')}`,
        );
      }
      return { machine, idleMs, attacks };
    } finally {
      await server.stop();
    }
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function feel(url: string, name: string, address: string, idleMs: Percentiles): Promise<Felt> {
  const script = fileURLToPath(new URL('./attacker-process.ts', import.meta.url));
  const attacking = promisify(execFile)(process.execPath, ['--import', 'tsx', script, name, url, String(SECONDS), String(ATTACKERS), JSON.stringify(visitor(address))], { maxBuffer: 64 * 1024 * 1024 });
  const [{ stdout }, searchMs] = await Promise.all([attacking, searchFor(url, SECONDS)]);
  const tookMs = Object.entries(JSON.parse(stdout) as Record<string, number[]>);
  const ofKind = (unread: boolean): Percentiles => percentilesOf(tookMs.filter(([answer]) => UNREAD.has(answer) === unread).flatMap(([, took]) => took));
  return { name, read: ofKind(false), unread: ofKind(true), answers: tookMs.map(([answer]) => answer), searchMs, ratio: searchMs.p99 / idleMs.p99 };
}

/** How the server says that it will not read on. */
const UNREAD: ReadonlySet<string> = new Set(['429 RATE_LIMITED', 'closed with 4420']);

let visitors = 0;

/** Milliseconds that searches took. */
async function searchFor(url: string, seconds: number): Promise<Percentiles> {
  const tookMs: number[] = [];
  const until = performance.now() + seconds * 1_000;
  await Promise.all(
    Array.from({ length: SEARCHERS }, async (_, nth) => {
      for (let round = 0; performance.now() < until; round++) {
        visitors++;
        const startedAt = performance.now();
        await search(url, QUERIES[(nth * 5 + round) % QUERIES.length]!, visitor(`198.18.${(visitors >> 8) % 256}.${visitors % 256}`));
        tookMs.push(performance.now() - startedAt);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }),
  );
  return percentilesOf(tookMs);
}

function percentilesOf(tookMs: readonly number[]): Percentiles {
  return { count: tookMs.length, p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) };
}

const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(9);
