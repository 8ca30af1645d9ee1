/** The benchmark "loop": what searching and clicking cost while the server learns, how long a click takes to matter, and what it is good for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import autocannon from 'autocannon';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { createLogger } from '../../src/logger.js';
import { hiddenTaste } from '../../src/simulation/hidden-taste.js';
import { seededRandom } from '../../src/simulation/seeded-random.js';
import { simulatedUser } from '../../src/simulation/simulated-user.js';
import { CranfieldBenchmark } from '../cranfield.js';
import { readCranfield } from '../cranfield-data.js';
import { mean } from '../cranfield-queries.js';
import { USUAL_USERS, type BenchmarkOptions } from '../options.js';
import { click, configure, onEvent, RECORD_CLICK, request, search, type ShownList } from './api.js';
import { importCatalogue, QUERIES } from './catalogue.js';
import { median, percentile } from './percentiles.js';
import { buildServer, startBareServer, startServer, type StartedProcess } from './processes.js';

const ROUNDS = 3;
const SEARCHES_A_ROUND = 1_000;
const SEARCH_CONNECTIONS = 4;
const CLICK_CONNECTIONS = 64;
const CLICKS = 12_000;
const TRIGGERS = 15;

export interface LoopFigures {
  machine: string;
  searchMs: { idle: { p50: number; p99: number }; training: { p50: number; p99: number }; p99Ratio: number; runsMeanwhile: number };
  clicksPerSecond: { recordClick: number; bare: number; ratio: number };
  triggerToReloadedMs: { median: number; max: number };
  readyMs: { first: number; existing: number };
  memoryMb: { start: number | null; end: number | null };
  ndcg10?: { base: number; at5000: number };
}

export async function runLoopBenchmark(options: BenchmarkOptions): Promise<LoopFigures> {
  buildServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
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
  const database = new EmbeddedPostgres({ dataDir: path.join(folder, 'data'), logger: createLogger({ level: 'warn', format: 'json' }), detached: false });
  try {
    const { host, port, user, database: name } = await database.start();
    const databaseUrl = `postgresql://${user}@${encodeURIComponent(host ?? '')}:${port}/${name}`;
    const server = await startServer({ DATABASE_URL: databaseUrl, RANKLOOP_MODELS_DIR: path.join(folder, 'models') });
    try {
      await importCatalogue(server.url);
      const start = server.memoryMb();
      const searchMs = await measureSearches(server);
      const { idle, training } = searchMs;
      console.log(`  search, 4 connections      idle p50 ${ms(idle.p50)} p99 ${ms(idle.p99)}   training p50 ${ms(training.p50)} p99 ${ms(training.p99)}   p99 ratio ${searchMs.p99Ratio.toFixed(2)} (${searchMs.runsMeanwhile} runs)`);
      const triggerToReloadedMs = await measureTrigger(server);
      console.log(`  100th sample → reloaded    median ${ms(triggerToReloadedMs.median)}   longest ${ms(triggerToReloadedMs.max)} (${TRIGGERS} runs)`);
      const clicksPerSecond = await measureClicks(server, databaseUrl);
      console.log(`  recordClick, 64 connections ${Math.round(clicksPerSecond.recordClick)}/s   bare node:http + pg ${Math.round(clicksPerSecond.bare)}/s   ratio ${clicksPerSecond.ratio.toFixed(2)}`);
      const memoryMb = { start, end: server.memoryMb() };
      console.log(`  server memory              ${memoryMb.start} MB with the catalogue, ${memoryMb.end} MB at the end`);
      return { searchMs, triggerToReloadedMs, clicksPerSecond, memoryMb };
    } finally {
      await server.stop();
    }
  } finally {
    await database.stop();
  }
}

/** Idle and training in turn, so that a machine that slows down slows both. */
async function measureSearches({ url }: StartedProcess): Promise<LoopFigures['searchMs']> {
  await configure(url, { enabled: false, trainingThreshold: 100, attributionWindowSeconds: 0, minSecondsBetweenRuns: 0 });
  await searchMany(url, 300);
  const idle: number[] = [];
  const training: number[] = [];
  let runs = 0;
  const end = await onEvent(url, 'subscription { trainingFinished { status } }', () => runs++);
  for (let round = 0; round < ROUNDS; round++) {
    await configure(url, { enabled: false });
    await settled(url);
    idle.push(...(await searchMany(url, SEARCHES_A_ROUND)));
    // An online run for every tenth list, as fast as they follow each other, and an offline run beside them all the time.
    await configure(url, { enabled: true });
    const offline = keepTrainingOffline(url);
    training.push(...(await searchMany(url, SEARCHES_A_ROUND)));
    await offline.stop();
  }
  await configure(url, { enabled: false });
  await settled(url);
  await end();
  const figures = (values: number[]): { p50: number; p99: number } => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) });
  return { idle: figures(idle), training: figures(training), p99Ratio: percentile(training, 0.99) / percentile(idle, 0.99), runsMeanwhile: runs };
}

// Clicks as people make them, of a taste that stays: what no prediction could foresee would be refused.
const visit = simulatedUser('pbm:1', seededRandom(1));
const taste = hiddenTaste(1, () => []);

/** What one visitor clicks of a list. */
function clickedOf(query: string, documentIds: readonly string[]): string[] {
  const clicks = visit(documentIds.map((id) => taste(query, id)));
  return documentIds.filter((_, place) => clicks[place]);
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

/** Waits until no run is open. */
async function settled(url: string): Promise<void> {
  for (;;) {
    const { trainingRuns } = await request<{ trainingRuns: { edges: unknown[] } }>(url, '{ trainingRuns(first: 1, status: RUNNING) { edges { cursor } } }');
    if (trainingRuns.edges.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** From the answer of the search whose samples reach the threshold, to the event that says the new model serves. */
async function measureTrigger({ url }: StartedProcess): Promise<LoopFigures['triggerToReloadedMs']> {
  let arrived: (at: number) => void = () => undefined;
  let refused: (error: Error) => void = () => undefined;
  const end = await onEvent(url, 'subscription { modelReloaded { ranker { id } } }', (at) => arrived(at));
  const endOfRuns = await onEvent(url, 'subscription { trainingFinished { status reason } }', (_at, event) => {
    if (!JSON.stringify(event).includes('SUCCEEDED')) refused(new Error(`A run did not come to serve: ${JSON.stringify(event)}`));
  });
  await configure(url, { enabled: true, trainingThreshold: 100, attributionWindowSeconds: 0, minSecondsBetweenRuns: 0 });
  const timings: number[] = [];
  for (let run = 0; run < TRIGGERS; run++) {
    const reloaded = new Promise<number>((resolve, reject) => {
      arrived = resolve;
      refused = reject;
    });
    let missing = await untilTrigger(url);
    let reachedAt = performance.now();
    while (missing > 0) {
      const { searchId, documentIds } = await search(url, 'heart');
      reachedAt = performance.now();
      missing -= documentIds.length;
      if (missing > 0) for (const clicked of clickedOf('heart', documentIds)) await click(url, searchId, clicked);
    }
    timings.push((await reloaded) - reachedAt);
    await settled(url);
  }
  await configure(url, { enabled: false });
  await Promise.all([end(), endOfRuns()]);
  return { median: median(timings), max: Math.max(...timings) };
}

async function untilTrigger(url: string): Promise<number> {
  return (await request<{ sampleStats: { untilTrigger: number } }>(url, '{ sampleStats { untilTrigger } }')).sampleStats.untilTrigger;
}

/** The same clicks by the same load generator, to the server and to its bare counterpart, on the same database, in turn. */
async function measureClicks(server: StartedProcess, databaseUrl: string): Promise<LoopFigures['clicksPerSecond']> {
  const bare = await startBareServer(databaseUrl);
  try {
    const rates: { recordClick: number[]; bare: number[] } = { recordClick: [], bare: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const lists = await Promise.all(Array.from({ length: 200 }, (_, turn) => search(server.url, QUERIES[turn % QUERIES.length] ?? '')));
      rates.bare.push(await clickRate(bare.url, lists, `${round}`));
      rates.recordClick.push(await clickRate(`${server.url}/graphql`, lists, `${round}`));
    }
    const recordClick = median(rates.recordClick);
    return { recordClick, bare: median(rates.bare), ratio: recordClick / median(rates.bare) };
  } finally {
    await bare.stop();
  }
}

async function clickRate(url: string, lists: readonly ShownList[], round: string): Promise<number> {
  let next = 0;
  const result = await autocannon({
    url,
    connections: CLICK_CONNECTIONS,
    amount: CLICKS,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    requests: [
      {
        setupRequest: (outgoing) => {
          const turn = next++;
          const list = lists[turn % lists.length];
          const documentId = list?.documentIds[Math.floor(turn / lists.length) % (list.documentIds.length || 1)] ?? '';
          const input = { searchId: list?.searchId, documentId, eventId: `${round}-${turn}` };
          return { ...outgoing, body: JSON.stringify({ query: RECORD_CLICK, variables: { input } }) };
        },
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were not 2xx and ${result.errors} requests failed at ${url}`);
  return CLICKS / result.duration;
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
