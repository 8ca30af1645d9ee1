/** The benchmark "attacks": how soon the server refuses what goes beyond its limits, and what searches feel of it meanwhile. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createBenchDatabase } from '../bench-database.js';
import { search, type Headers } from '../loop/api.js';
import { importCatalogue, QUERIES } from '../loop/catalogue.js';
import { percentile } from '../loop/percentiles.js';
import { buildServer, machineName, startServer } from '../loop/processes.js';
import type { Order, Seen } from './attacker-process.js';
import { ATTACKS } from './attacks.js';

/** The first sixty faults are read in the first second of each round: a minute, as the limit counts, would dilute them further. */
const ATTACK_SECONDS = 10;
const IDLE_SECONDS = 5;
const ROUNDS = 3;
const ATTACKERS = 2;
const SEARCHERS = 2;
/** As people search: each waits a little between two. */
const PAUSE_MS = 20;
/** Until code is compiled. */
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
  /** Searches without an attack, before each of its rounds. */
  idleMs: Percentiles;
  /** Of the searches' 99th percentile to that without an attack. */
  ratio: number;
}

export interface AttacksFigures {
  machine: string;
  attacks: Felt[];
}

export async function runAttacksBenchmark(): Promise<AttacksFigures> {
  buildServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const database = await createBenchDatabase(folder);
  const machine = machineName();
  console.log(`attacks, on ${machine}: ${ATTACKERS} attackers without a pause at one address, with the public key; ${SEARCHERS} visitors at others who search; ${ROUNDS} × ${ATTACK_SECONDS} s each, ${IDLE_SECONDS} s without before each`);
  try {
    const server = await startServer({
      DATABASE_URL: database.url,
      RANKLOOP_MODELS_DIR: path.join(folder, 'models'),
      RANKLOOP_DATA_DIR: path.join(folder, 'index'),
      RANKLOOP_ADMIN_KEYS: ADMIN_KEY,
      RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY,
      RANKLOOP_TRUSTED_PROXIES: 'loopback',
    });
    const attackers = new Attackers();
    try {
      await importCatalogue(server.url, { authorization: `Bearer ${ADMIN_KEY}` });
      await attackers.strike({ name: ATTACKS[0]!.name, url: server.url, sender: visitor('203.0.255.255'), seconds: 0, many: 1 });
      await searchFor(server.url, WARM_UP_SECONDS);
      const attacks: Felt[] = [];
      for (const [nth, { name }] of ATTACKS.entries()) {
        const felt = await feel(server.url, name, nth, attackers);
        attacks.push(felt);
        const { searchMs, idleMs, ratio, read, unread, answers } = felt;
        const reached = read.p99 < TARGET_REFUSED_MS && ratio <= TARGET_RATIO;
        console.log(
          `  ${name.padEnd(28)} search p50 ${ms(searchMs.p50)}  p99 ${ms(searchMs.p99)}  idle p99 ${ms(idleMs.p99)}  ${ratio.toFixed(2).padStart(5)} × idle   ` +
            `${String(read.count).padStart(4)} read, p50 ${ms(read.p50)}  p99 ${ms(read.p99)}   ${String(unread.count).padStart(5)} unread, p99 ${ms(unread.p99)}   ${reached ? 'pass' : 'MISSED'}   ${answers.join(', ')}`,
        );
      }
      return { machine, attacks };
    } finally {
      attackers.end();
      await server.stop();
    }
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Each round comes from another address, so that something is read in each. Of the rounds' percentiles the median counts, a hiccup of the machine is no attack; and each round has its own without an attack
 * just before it, since the machine's speed changes within minutes.
 */
async function feel(url: string, name: string, nth: number, attackers: Attackers): Promise<Felt> {
  const idle: Percentiles[] = [];
  const rounds: Percentiles[] = [];
  const seen: [answer: string, tookMs: number[]][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    idle.push(await searchFor(url, IDLE_SECONDS));
    const attacking = attackers.strike({ name, url, sender: visitor(`203.0.${nth}.${round}`), seconds: ATTACK_SECONDS, many: ATTACKERS });
    const [struck, searchMs] = await Promise.all([attacking, searchFor(url, ATTACK_SECONDS)]);
    rounds.push(searchMs);
    seen.push(...Object.entries(struck));
  }
  const ofKind = (unread: boolean): Percentiles => percentilesOf(seen.filter(([answer]) => UNREAD.has(answer) === unread).flatMap(([, took]) => took));
  const [searchMs, idleMs] = [medianOf(rounds), medianOf(idle)];
  return { name, read: ofKind(false), unread: ofKind(true), answers: [...new Set(seen.map(([answer]) => answer))], searchMs, idleMs, ratio: searchMs.p99 / idleMs.p99 };
}

/** The process that attacks, one for all: its start would be felt as well. */
class Attackers {
  readonly #process = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('./attacker-process.ts', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
  readonly #lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();

  async strike(order: Order): Promise<Seen> {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('The attacking process has ended.');
    return JSON.parse(value) as Seen;
  }

  end(): void {
    this.#process.stdin.end();
  }
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

/** Those of the round whose 99th percentile is the median one. */
function medianOf(rounds: readonly Percentiles[]): Percentiles {
  return [...rounds].sort((a, b) => a.p99 - b.p99)[Math.floor(rounds.length / 2)]!;
}

function percentilesOf(tookMs: readonly number[]): Percentiles {
  return { count: tookMs.length, p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) };
}

const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(9);
