/** The benchmark "attacks": how soon the server refuses what goes beyond its limits, and what searches feel of it meanwhile. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBenchDatabase } from '../bench-database.js';
import { search } from '../loop/api.js';
import { importCatalogue, QUERIES } from '../loop/catalogue.js';
import { percentile } from '../loop/percentiles.js';
import { buildServer, machineName, startServer } from '../loop/processes.js';
import { ATTACKS } from './attacks.js';

const SECONDS = 4;
const ATTACKERS = 2;
const SEARCHERS = 2;
/** As people search: each waits a little between two. */
const PAUSE_MS = 20;
/** Until code is compiled and the attacking process has started. */
const WARM_UP_SECONDS = 3;

interface Felt {
  name: string;
  attempts: number;
  refusedMs: { p50: number; p99: number };
  answers: string[];
  searchMs: { p50: number; p99: number };
  /** Of the searches' 99th percentile, to that without an attack. */
  ratio: number;
}

export interface AttacksFigures {
  machine: string;
  idleMs: { p50: number; p99: number };
  attacks: Felt[];
}

export async function runAttacksBenchmark(): Promise<AttacksFigures> {
  buildServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const database = await createBenchDatabase(folder);
  const machine = machineName();
  console.log(`attacks, on ${machine}: ${ATTACKERS} attackers without a pause, ${SEARCHERS} users who search, ${SECONDS} s each`);
  try {
    const server = await startServer({ DATABASE_URL: database.url, RANKLOOP_MODELS_DIR: path.join(folder, 'models'), RANKLOOP_DATA_DIR: path.join(folder, 'index') });
    try {
      await importCatalogue(server.url);
      await searchFor(server.url, WARM_UP_SECONDS);
      const idleMs = await searchFor(server.url, 2 * SECONDS);
      console.log(`  ${'no attack'.padEnd(28)} search p50 ${ms(idleMs.p50)}  p99 ${ms(idleMs.p99)}`);
      const attacks: Felt[] = [];
      for (const { name } of ATTACKS) {
        const attacking = attackFor(name, server.url);
        const [{ tookMs, answers }, searchMs] = await Promise.all([attacking, searchFor(server.url, SECONDS)]);
        const felt = { name, attempts: tookMs.length, refusedMs: percentilesOf(tookMs), answers, searchMs, ratio: searchMs.p99 / idleMs.p99 };
        attacks.push(felt);
        console.log(
          `  ${name.padEnd(28)} search p50 ${ms(searchMs.p50)}  p99 ${ms(searchMs.p99)}  ${felt.ratio.toFixed(2).padStart(5)} × idle   ` +
            `${String(felt.attempts).padStart(5)} refused, p50 ${ms(felt.refusedMs.p50)}  p99 ${ms(felt.refusedMs.p99)}   ${answers.join(', ')}`,
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

async function attackFor(name: string, url: string): Promise<{ tookMs: number[]; answers: string[] }> {
  const script = fileURLToPath(new URL('./attacker-process.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, name, url, String(SECONDS), String(ATTACKERS)], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as { tookMs: number[]; answers: string[] };
}

/** Milliseconds that searches took. */
async function searchFor(url: string, seconds: number): Promise<{ p50: number; p99: number }> {
  const tookMs: number[] = [];
  const until = performance.now() + seconds * 1_000;
  await Promise.all(
    Array.from({ length: SEARCHERS }, async (_, nth) => {
      for (let round = 0; performance.now() < until; round++) {
        const startedAt = performance.now();
        await search(url, QUERIES[(nth * 5 + round) % QUERIES.length]!);
        tookMs.push(performance.now() - startedAt);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }),
  );
  return percentilesOf(tookMs);
}

function percentilesOf(tookMs: readonly number[]): { p50: number; p99: number } {
  return { p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) };
}

const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(9);
