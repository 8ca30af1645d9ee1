/** The benchmark "loop": what searching and clicking cost while the server learns, how long a click takes to matter, and what it is good for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBenchDatabase } from '../bench-database.js';
import { CranfieldBenchmark } from '../cranfield.js';
import { readCranfield } from '../cranfield-data.js';
import { mean } from '../cranfield-queries.js';
import { USUAL_USERS, type BenchmarkOptions } from '../options.js';
import { click, configure, onEvent, request, search } from './api.js';
import { importCatalogue, QUERIES } from './catalogue.js';
import { median, percentile } from './percentiles.js';
import { buildServer, machineName, startServer, type StartedProcess } from './processes.js';
import { clickedOf, measureTrigger, settled } from './trigger.js';

const ROUNDS = 3;
const SEARCHES_A_ROUND = 1_000;
const SEARCH_CONNECTIONS = 4;
const TRIGGERS = 15;

export interface LoopFigures {
  machine: string;
  searchMs: { idle: { p50: number; p99: number }; training: { p50: number; p99: number }; p99Ratio: number; runsMeanwhile: number; eventLoopP99Ms: number };
  triggerToReloadedMs: { median: number; max: number };
  readyMs: { first: number; existing: number };
  memoryMb: { start: number | null; end: number | null };
  ndcg10?: { base: number; at5000: number };
}

export async function runLoopBenchmark(options: BenchmarkOptions): Promise<LoopFigures> {
  buildServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const machine = machineName();
  console.log(`loop, on ${machine}`);
  try {
    const readyMs = await measureStart(folder);
    console.log(`  ready after                first start ${ms(readyMs.first)}   existing data folder ${ms(readyMs.existing)}`);
    const figures = { machine, ...(await measureServer(folder)), readyMs };
    const ndcg10 = await measureLearning(options);
    return ndcg10 ? { ...figures, ndcg10 } : figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** With the embedded database, as a stranger starts it. */
async function measureStart(folder: string): Promise<LoopFigures['readyMs']> {
  const environment = { RANKLOOP_DATA_DIR: path.join(folder, 'start'), RANKLOOP_MODELS_DIR: path.join(folder, 'start-models') };
  const first = await startServer(environment);
  await importCatalogue(first.url);
  await first.stop();
  const second = await startServer(environment);
  await second.stop();
  return { first: first.readyMs, existing: second.readyMs };
}

async function measureServer(folder: string): Promise<Omit<LoopFigures, 'machine' | 'readyMs' | 'ndcg10'>> {
  const { url: databaseUrl, drop } = await createBenchDatabase(folder);
  try {
    const server = await startServer({ DATABASE_URL: databaseUrl, RANKLOOP_MODELS_DIR: path.join(folder, 'models') });
    try {
      await importCatalogue(server.url);
      const start = server.memoryMb();
      const searchMs = await measureSearches(server);
      const { idle, training } = searchMs;
      console.log(`  search, 4 connections      idle p50 ${ms(idle.p50)} p99 ${ms(idle.p99)}   training p50 ${ms(training.p50)} p99 ${ms(training.p99)}   p99 ratio ${searchMs.p99Ratio.toFixed(2)} (${searchMs.runsMeanwhile} runs)`);
      console.log(`  event loop                 p99 of its delay ${ms(searchMs.eventLoopP99Ms)} in the worst of ${ROUNDS} rounds of training   ${searchMs.eventLoopP99Ms <= 20 ? 'pass' : 'MISSED'} (≤ 20)`);
      const timings = await measureTrigger(server.url, TRIGGERS);
      const triggerToReloadedMs = { median: median(timings), max: Math.max(...timings) };
      console.log(`  100th sample → reloaded    median ${ms(triggerToReloadedMs.median)}   longest ${ms(triggerToReloadedMs.max)} (${TRIGGERS} runs)`);
      const memoryMb = { start, end: server.memoryMb() };
      console.log(`  server memory              ${memoryMb.start} MB with the catalogue, ${memoryMb.end} MB at the end`);
      return { searchMs, triggerToReloadedMs, memoryMb };
    } finally {
      await server.stop();
    }
  } finally {
    await drop();
  }
}

/** Idle and training in turn, so that a machine that slows down slows both. */
async function measureSearches({ url }: StartedProcess): Promise<LoopFigures['searchMs']> {
  await configure(url, { enabled: false, trainingThreshold: 100, attributionWindowSeconds: 0, minSecondsBetweenRuns: 0 });
  await searchMany(url, 300);
  const idle: number[] = [];
  const training: number[] = [];
  const eventLoop: number[] = [];
  let runs = 0;
  const end = await onEvent(url, 'subscription { trainingFinished { status } }', () => runs++);
  for (let round = 0; round < ROUNDS; round++) {
    await configure(url, { enabled: false });
    await settled(url);
    idle.push(...(await searchMany(url, SEARCHES_A_ROUND)));
    // An online run for every tenth list, as fast as they follow each other, and an offline run beside them all the time.
    await configure(url, { enabled: true });
    const offline = keepTrainingOffline(url);
    await eventLoopP99(url);
    training.push(...(await searchMany(url, SEARCHES_A_ROUND)));
    eventLoop.push(await eventLoopP99(url));
    await offline.stop();
  }
  await configure(url, { enabled: false });
  await settled(url);
  await end();
  const figures = (values: number[]): { p50: number; p99: number } => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) });
  return { idle: figures(idle), training: figures(training), p99Ratio: percentile(training, 0.99) / percentile(idle, 0.99), runsMeanwhile: runs, eventLoopP99Ms: Math.max(...eventLoop) };
}

/** Node looks every ten milliseconds, and counts these in. */
const LOOK_INTERVAL_MS = 10;

/** The delay of the server's event loop since the last time it was asked, in ms. */
async function eventLoopP99(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1]) * 1_000 - LOOK_INTERVAL_MS;
}

async function searchMany(url: string, count: number): Promise<number[]> {
  const timings: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let turn = next++; turn < count; turn = next++) {
      const startedAt = performance.now();
      const query = QUERIES[turn % QUERIES.length] ?? '';
      const { searchId, documentIds } = await search(url, query);
      timings.push(performance.now() - startedAt);
      for (const clicked of clickedOf(query, documentIds)) await click(url, searchId, clicked);
    }
  };
  await Promise.all(Array.from({ length: SEARCH_CONNECTIONS }, worker));
  return timings;
}

function keepTrainingOffline(url: string): { stop: () => Promise<void> } {
  let stopping = false;
  const done = (async () => {
    while (!stopping) {
      const ended = new Promise<void>((resolve, reject) => {
        onEvent(url, 'subscription { trainingFinished { mode } }', (_at, event) => {
          if (JSON.stringify(event).includes('OFFLINE')) resolve();
        }).then((end) => request(url, 'mutation { trainModel(input: { activate: false }) { run { id } } }').then(() => ended.then(end)), reject);
      });
      await ended;
    }
  })();
  return {
    stop: async () => {
      stopping = true;
      await done;
    },
  };
}

/** nDCG@10 in traffic of the Cranfield benchmark at 5,000 searches, all folds, by the learner and ranker that serve. */
async function measureLearning(options: BenchmarkOptions): Promise<LoopFigures['ndcg10']> {
  const data = readCranfield(options.dataDirectory);
  if ('missing' in data) {
    console.log(`  nDCG@10 skipped: there is no ${data.missing}.`);
    return undefined;
  }
  const benchmark = new CranfieldBenchmark(data);
  const base = benchmark.base().ndcg10;
  const seed = options.seeds[0] ?? 1;
  const users = options.users ?? USUAL_USERS;
  const proofRate = options.proofRate ?? 0;
  const runs = benchmark.folds.map(
    (fold) => benchmark.traffic({ fold, seed, searches: 5_000, users, explorationRate: options.explorationRate, proofRate, driftAfter: null }).inTraffic['5000'] ?? NaN,
  );
  const at5000 = mean(runs);
  console.log(`  Cranfield in traffic       nDCG@10 ${base.toFixed(3)} by text alone, ${at5000.toFixed(3)} after 5,000 searches (${runs.length} folds, seed ${seed})`);
  return { base, at5000 };
}

function ms(value: number): string {
  return value < 10 ? `${value.toFixed(2)} ms` : `${Math.round(value)} ms`;
}
