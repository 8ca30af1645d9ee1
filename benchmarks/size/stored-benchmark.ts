/** The benchmark "stored": whether the loop stays as quick, and the server as small, when millions of samples are stored. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBenchDatabase } from '../bench-database.js';
import { configure, request } from '../loop/api.js';
import { median } from '../loop/percentiles.js';
import { buildServer, machineName, startServer, type StartedProcess } from '../loop/processes.js';
import { measureTrigger, settled } from '../loop/trigger.js';
import type { BenchmarkOptions } from '../options.js';
import { fillSamples } from './fill.js';
import { learnOnce, trained } from './runs.js';

const FEW = 10_000;
const MANY = 1_000_000;
const RUNS = 15;
const LOOKS = 200;
/** An offline run takes half a minute a million. */
const MOST_REPLAYED = 2_000_000;

interface SizeFigures {
  samples: number;
  readyMs: number;
  memoryMb: { start: number | null; end: number | null };
  sampleStatsMs: number;
  /** From the 100th settled sample to modelReloaded, and what the runs said they took. */
  triggerToReloadedMs: number;
  runMs: number;
  /** null where there are too many samples to wait for. */
  offlineSeconds: number | null;
}

export interface StoredFigures {
  machine: string;
  sizes: SizeFigures[];
  ratios: { sampleStats: number; trigger: number; run: number };
}

export async function runStoredBenchmark({ samples: asked }: BenchmarkOptions): Promise<StoredFigures> {
  buildServer();
  const machine = machineName();
  console.log(`stored, on ${machine}`);
  const few = await measure(FEW);
  const many = await measure(asked ?? MANY);
  const ratios = { sampleStats: many.sampleStatsMs / few.sampleStatsMs, trigger: many.triggerToReloadedMs / few.triggerToReloadedMs, run: many.runMs / few.runMs };
  console.log(`  many to few                sampleStats ${ratios.sampleStats.toFixed(2)} ×, trigger ${ratios.trigger.toFixed(2)} ×, run ${ratios.run.toFixed(2)} ×`);
  return { machine, sizes: [few, many], ratios };
}

async function measure(samples: number): Promise<SizeFigures> {
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
    await fillSamples(database.pool, samples);
    const server = await startServer(environment);
    try {
      return await measureServer(server);
    } finally {
      await server.stop();
    }
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureServer(server: StartedProcess): Promise<SizeFigures> {
  const { url } = server;
  const start = server.memoryMb();
  await configure(url, { enabled: false, checkpointRetention: 5 });
  const { sampleStats } = await request<{ sampleStats: { total: number } }>(url, '{ sampleStats { total } }');
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const startedAt = performance.now();
    await request(url, '{ sampleStats { total positive sinceLastTraining untilTrigger unsettled runsLastHour } }');
    looks.push(performance.now() - startedAt);
  }
  const triggered = await measureTrigger(url, RUNS);
  const { trainingRuns } = await request<{ trainingRuns: { edges: { node: { durationMs: number } }[] } }>(url, `{ trainingRuns(first: ${RUNS}, mode: ONLINE) { edges { node { durationMs } } } }`);
  await settled(url);
  const end = server.memoryMb();
  const offline = sampleStats.total <= MOST_REPLAYED ? await trained(url, 'OFFLINE') : null;
  const figures: SizeFigures = {
    samples: sampleStats.total,
    readyMs: Math.round(server.readyMs),
    memoryMb: { start, end },
    sampleStatsMs: median(looks),
    triggerToReloadedMs: median(triggered),
    runMs: median(trainingRuns.edges.map(({ node }) => node.durationMs)),
    offlineSeconds: offline && offline.durationMs / 1_000,
  };
  console.log(
    `  ${sampleStats.total.toLocaleString('en').padStart(10)} samples: ready ${figures.readyMs} ms, memory ${start} MB, ${end} MB after ${RUNS} runs; sampleStats ${figures.sampleStatsMs.toFixed(2)} ms; ` +
      `100th sample → reloaded ${Math.round(figures.triggerToReloadedMs)} ms, of which the run ${Math.round(figures.runMs)} ms${figures.offlineSeconds === null ? '' : `; offline run over all ${figures.offlineSeconds.toFixed(1)} s (memory then ${server.memoryMb()} MB)`}`,
  );
  return figures;
}
