/** The benchmark "sockets": how soon an event is at all of many subscribers, what each costs in memory, and what those who do not read cost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createBenchDatabase } from '../bench-database.js';
import { configure, request } from '../loop/api.js';
import { importCatalogue } from '../loop/catalogue.js';
import { buildServer, machineName, startBareServer, startServer, type StartedProcess } from '../loop/processes.js';
import type { BenchmarkOptions } from '../options.js';
import { startLoad } from '../pages/load.js';
import { startSubscribers, type EventFigures, type Report, type Subscribers } from './subscriber-process.js';

const SOCKETS = 10_000;
const PAUSED_SHARE = 0.01;
/** Searches and clicks: enough that the counts change at each of the four times a second that they are said. */
const REQUESTS_PER_SECOND = 20;
const SECONDS = 30;
const WARM_UP_MS = 30_000;
const SETTLE_MS = 5_000;
const BURDEN_MS = 15_000;
const SAMPLE_MS = 250;
const TARGET_P99_MS = 100;
const TARGET_PAUSED_MB = 64;

interface Memory {
  median: number;
  max: number;
}

interface Phase {
  report: Report;
  memoryMb: Memory;
  /** Of one core. */
  cpu: { server: number | null; subscribers: number | null };
}

export interface SocketsFigures {
  machine: string;
  sockets: number;
  openedInMs: number;
  memoryMb: { without: number; with: number; kbPerSocket: number };
  bare: EventFigures;
  reading: Phase;
  paused: Phase & { sockets: number; moreMb: number; closedWith4413: number; stillOpen: number };
}

export async function runSocketsBenchmark({ sockets: asked }: BenchmarkOptions): Promise<{ sockets: SocketsFigures }> {
  buildServer();
  const sockets = asked ?? SOCKETS;
  const machine = `${machineName()}, load average ${loadavg()[0]?.toFixed(1)} at the start`;
  console.log(`sockets, ${sockets.toLocaleString('en')} of them, on ${machine}`);
  const bare = await measureBare(sockets);
  printEvents('bare ws, text made before', bare);
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const database = await createBenchDatabase(folder);
  let slowReaders = 0;
  try {
    const server = await startServer({ DATABASE_URL: database.url, RANKLOOP_MODELS_DIR: path.join(folder, 'models') }, (line) => {
      if (line.includes('does not read')) slowReaders += 1;
    });
    const subscribers = startSubscribers(server.url);
    try {
      return { sockets: { machine, sockets, bare, ...(await measureServer(server, subscribers, sockets, () => slowReaders)) } };
    } finally {
      await subscribers.stop();
      await server.stop();
    }
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What this machine needs to write and read so many frames, with nothing else to be done. */
async function measureBare(sockets: number): Promise<EventFigures> {
  const server = await startBareServer('benchmarks/sockets/bare-broadcaster.ts');
  const subscribers = startSubscribers(server.url);
  try {
    await subscribers.tell({ do: 'open', count: sockets });
    await pass(SETTLE_MS);
    return (await watch(server, subscribers, SECONDS * 1_000)).report.sampleStats;
  } finally {
    await subscribers.stop();
    await server.stop();
  }
}

async function measureServer(server: StartedProcess, subscribers: Subscribers, sockets: number, slowReaders: () => number): Promise<Omit<SocketsFigures, 'machine' | 'sockets' | 'bare'>> {
  await importCatalogue(server.url);
  await configure(server.url, { enabled: true, trainingThreshold: 100, attributionWindowSeconds: 0, minSecondsBetweenRuns: 5 });
  let load = startLoad(server.url, REQUESTS_PER_SECOND);
  try {
    // Code is compiled, pools are filled, models are trained: not what a socket costs.
    await pass(WARM_UP_MS);
    const without = (await watch(server, subscribers, SETTLE_MS)).memoryMb.median;
    await load.stop();
    const began = performance.now();
    await subscribers.tell({ do: 'open', count: sockets });
    const openedInMs = performance.now() - began;
    load = startLoad(server.url, REQUESTS_PER_SECOND);
    await pass(SETTLE_MS);
    console.log(`  all sockets open after     ${Math.round(openedInMs).toLocaleString('en')} ms`);
    const reading = await watch(server, subscribers, SECONDS * 1_000);
    const memoryMb = { without, with: reading.memoryMb.median, kbPerSocket: ((reading.memoryMb.median - without) * 1024) / sockets };
    printEvents('sampleStats', reading.report.sampleStats);
    printEvents('trainingFinished', reading.report.trainingFinished);
    console.log(`  processor time             server ${percent(reading.cpu.server)} of a core, subscribers ${percent(reading.cpu.subscribers)}`);
    console.log(`  server memory              ${without} MB without sockets, ${reading.memoryMb.median} MB with (median; at most ${reading.memoryMb.max}): ${memoryMb.kbPerSocket.toFixed(1)} kB a socket`);
    const count = Math.max(1, Math.round(sockets * PAUSED_SHARE));
    await subscribers.tell({ do: 'burden', count });
    // With what they ask for besides, still read: so that what is compared is reading and not reading.
    const burdened = await watch(server, subscribers, BURDEN_MS);
    await subscribers.tell({ do: 'pause' });
    const phase = await watch(server, subscribers, SECONDS * 1_000);
    const { closeCodes, open } = await subscribers.tell({ do: 'resume' });
    const moreMb = phase.memoryMb.max - burdened.memoryMb.max;
    const paused = { ...phase, report: { ...phase.report, closeCodes, open }, sockets: count, moreMb, closedWith4413: slowReaders(), stillOpen: open };
    printEvents(`sampleStats, ${count} paused`, phase.report.sampleStats);
    printEvents(`trainingFinished, ${count} paused`, phase.report.trainingFinished);
    console.log(`  server memory              at most ${burdened.memoryMb.max} MB while they read, ${phase.memoryMb.max} MB paused: ${moreMb} MB more   ${moreMb <= TARGET_PAUSED_MB ? 'pass' : 'MISSED'} (≤ ${TARGET_PAUSED_MB})`);
    console.log(`  of the paused              ${paused.closedWith4413} closed with 4413 for what they left unread; ended as seen by them: ${JSON.stringify(closeCodes)}; ${open.toLocaleString('en')} sockets still open`);
    const { sampleStats } = await request<{ sampleStats: { total: number } }>(server.url, '{ sampleStats { total } }');
    console.log(`  meanwhile                  ${load.done()} searches and clicks answered, ${sampleStats.total} samples stored`);
    return { openedInMs, memoryMb, reading, paused };
  } finally {
    // What an overloaded server refuses is said, and is no reason to lose the figures.
    await load.stop().catch((error: unknown) => console.log(`  a request was refused      ${error instanceof Error ? error.message : String(error)}`));
  }
}

/** Records what arrives for so long, and looks at the server meanwhile. */
async function watch(server: StartedProcess, subscribers: Subscribers, forMs: number): Promise<Phase> {
  await subscribers.tell({ do: 'record' });
  const before = { server: server.cpuMs(), subscribers: subscribers.cpuMs() };
  const startedAt = performance.now();
  const memory: number[] = [];
  while (performance.now() - startedAt < forMs) {
    await pass(SAMPLE_MS);
    memory.push(server.memoryMb() ?? NaN);
  }
  const tookMs = performance.now() - startedAt;
  const share = (earlier: number | null, later: number | null): number | null => (earlier === null || later === null ? null : (later - earlier) / tookMs);
  const cpu = { server: share(before.server, server.cpuMs()), subscribers: share(before.subscribers, subscribers.cpuMs()) };
  const report = await subscribers.tell({ do: 'end' });
  const sorted = memory.sort((a, b) => a - b);
  return { report, cpu, memoryMb: { median: sorted[Math.floor(sorted.length / 2)] ?? NaN, max: sorted.at(-1) ?? NaN } };
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function printEvents(name: string, { events, arrivals, p50Ms, p99Ms, maxMs }: EventFigures): void {
  console.log(
    `  ${name.padEnd(26)} ${String(events).padStart(4)} events, ${arrivals.toLocaleString('en')} arrivals: p50 ${p50Ms} ms, p99 ${p99Ms} ms, longest ${maxMs} ms   ${p99Ms <= TARGET_P99_MS ? 'pass' : 'MISSED'} (p99 ≤ ${TARGET_P99_MS})`,
  );
}

function percent(share: number | null): string {
  return share === null ? 'unknown' : `${Math.round(share * 100)} %`;
}
