/** The benchmark "memory": what learning every second writes, and how quickly a model is swapped, when the click memory is full. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBenchDatabase, type BenchDatabase } from '../bench-database.js';
import { click, configure, onEvent, request, search } from '../loop/api.js';
import { median, percentile } from '../loop/percentiles.js';
import { buildServer, machineName, startServer, type StartedProcess } from '../loop/processes.js';
import { clickedOf } from '../loop/trigger.js';
import { distinguishQueries, fillSamples } from './fill.js';
import { learnOnce, trained } from './runs.js';

/** Of ten results each, every list of a query of its own: more pairs than the memory holds (2^18). */
const SAMPLES = 320_000;
const SECONDS = 60;
/** So many that 100 new samples come every second, the threshold: a run each. */
const SEARCHES_A_SECOND = 12;
const SWAPS = 20;
const MB = 1_000_000;

export interface MemoryFigures {
  machine: string;
  checkpointMb: number;
  runs: number;
  /** Megabytes a second: the server's own writes (files), the database's log, and the checkpoints' bytes in its tables. */
  written: { files: number | null; log: number; tables: number; total: number };
  /** From the request that activates to modelReloaded. */
  swapMs: { p50: number; longest: number };
  memoryMb: number | null;
}

export async function runMemoryBenchmark(): Promise<MemoryFigures> {
  buildServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const database = await createBenchDatabase(folder);
  const environment = { DATABASE_URL: database.url, RANKLOOP_MODELS_DIR: path.join(folder, 'models') };
  try {
    const first = await startServer(environment);
    try {
      await learnOnce(first.url);
    } finally {
      await first.stop();
    }
    await fillSamples(database.pool, SAMPLES);
    await distinguishQueries(database.pool);
    const server = await startServer(environment);
    try {
      return await measure(server, database);
    } finally {
      await server.stop();
    }
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(server: StartedProcess, { pool }: BenchDatabase): Promise<MemoryFigures> {
  const { url } = server;
  const full = await trained(url, 'OFFLINE', true);
  await configure(url, { enabled: true, attributionWindowSeconds: 10, trainingThreshold: 100 });
  const count = async () => (await pool.query<{ runs: number; bytes: number; log: number }>(
    `select count(*)::int as runs, coalesce(sum(bytes), 0)::float8 as bytes, pg_current_wal_insert_lsn() - '0/0'::pg_lsn as log from checkpoint where mode = 'ONLINE'`,
  )).rows[0]!;
  await visit(url, 15);
  const [before, filesBefore] = [await count(), server.bytesWritten()];
  await visit(url, SECONDS);
  const [after, filesAfter] = [await count(), server.bytesWritten()];
  await configure(url, { enabled: false });
  const rate = (bytes: number): number => bytes / MB / SECONDS;
  const files = filesBefore === null || filesAfter === null ? null : rate(filesAfter - filesBefore);
  const tables = rate(after.bytes - before.bytes);
  const log = rate(after.log - before.log);
  const swaps = await swapTimes(url, full.checkpointId);
  const figures: MemoryFigures = {
    machine: machineName(),
    checkpointMb: full.bytes / MB,
    runs: after.runs - before.runs,
    written: { files, log, tables, total: (files ?? tables) + log + tables },
    swapMs: { p50: median(swaps), longest: percentile(swaps, 1) },
    memoryMb: server.memoryMb(),
  };
  print(figures);
  return figures;
}

/** Searches and clicks as people make them, evenly. */
async function visit(url: string, seconds: number): Promise<void> {
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  const visitOnce = async (): Promise<void> => {
    const { searchId, documentIds } = await search(url, 'heart');
    for (const clicked of clickedOf('heart', documentIds)) await click(url, searchId, clicked);
  };
  for (let turn = 0; turn < seconds * SEARCHES_A_SECOND; turn++) {
    const wait = startedAt + (turn / SEARCHES_A_SECOND) * 1_000 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    underWay.push(visitOnce());
  }
  await Promise.all(underWay);
}

/** Between the full offline model and the newest online one, to and fro. */
async function swapTimes(url: string, offlineId: string): Promise<number[]> {
  const { checkpoints } = await request<{ checkpoints: { edges: { node: { id: string } }[] } }>(url, '{ checkpoints(first: 1, mode: ONLINE) { edges { node { id } } } }');
  const onlineId = checkpoints.edges[0]?.node.id ?? '';
  let arrived: (at: number) => void = () => undefined;
  const end = await onEvent(url, 'subscription { modelReloaded { ranker { id } } }', (at) => arrived(at));
  const timings: number[] = [];
  for (let swap = 0; swap < SWAPS; swap++) {
    const reloaded = new Promise<number>((resolve) => (arrived = resolve));
    const sentAt = performance.now();
    await request(url, 'mutation($rankerId: ID!) { activateRanker(input: { rankerId: $rankerId }) { activation { id } } }', { rankerId: swap % 2 === 0 ? offlineId : onlineId });
    timings.push((await reloaded) - sentAt);
  }
  await end();
  return timings;
}

function print({ machine, checkpointMb, runs, written, swapMs, memoryMb }: MemoryFigures): void {
  const verdict = (isReached: boolean, bound: string): string => `${isReached ? 'pass' : 'MISSED'} (${bound})`;
  console.log(`memory, on ${machine}: a checkpoint of ${checkpointMb.toFixed(1)} MB, ${SEARCHES_A_SECOND} searches a second for ${SECONDS} s at the default settings`);
  console.log(`  runs                  ${runs}`);
  console.log(`  written, MB a second  files ${written.files?.toFixed(2) ?? '?'}, database log ${written.log.toFixed(2)}, database tables ${written.tables.toFixed(2)}: ${written.total.toFixed(2)}   ${verdict(written.total <= 2, '≤ 2')}`);
  console.log(`  activate → reloaded   p50 ${swapMs.p50.toFixed(0)} ms, longest ${swapMs.longest.toFixed(0)} ms   ${verdict(swapMs.p50 <= 50, '≤ 50')}`);
  console.log(`  server memory         ${memoryMb} MB`);
}
