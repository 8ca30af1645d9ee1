/** How quick the page is with much stored, how smooth under traffic, and what open pages cost the server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../tests/support/chromium.js';
import { click, configure, onEvent, request, search } from '../loop/api.js';
import { importCatalogue, QUERIES } from '../loop/catalogue.js';
import { median } from '../loop/percentiles.js';
import { buildServer, machineName, startServer, type StartedProcess } from '../loop/processes.js';
import { createBenchDatabase } from '../bench-database.js';
import type { BenchmarkOptions } from '../options.js';
import { CHECKPOINTS, fillCheckpoints, fillSamples } from '../size/fill.js';
import { startLoad } from './load.js';
import { mainThreadMs, openProbed, takeLongTasks, type ProbedPage } from './page-probe.js';

/** What stands there when a person can begin. */
const PAGES = [
  { name: 'search', path: '/?q=heart', ready: '.hit' },
  { name: 'live', path: '/live', ready: '.live[data-ready=true] canvas' },
  { name: 'models', path: '/models', ready: '[data-testid=checkpoints] tbody tr' },
  { name: 'checkpoint', path: `/models/ctr_model_online_${CHECKPOINTS - 1}`, ready: '.checkpoint[data-ready=true] canvas' },
  { name: 'samples', path: '/samples', ready: '.samples[data-ready=true] tbody tr' },
  { name: 'settings', path: '/settings', ready: '#main input' },
] as const;

const SAMPLES = 50_000;
const LOADS = 5;
/** Ten pages as a team may have them open. */
const OPEN = ['/live', '/live', '/live', '/live', '/?q=heart', '/?q=heart', '/models', '/models', '/samples', '/samples'];
const EVENTS_PER_SECOND = 200;
const SECONDS = 20;
const TARGET_READY_MS = 1_000;
const TARGET_TASK_MS = 100;

export interface PagesFigures {
  machine: string;
  stored: { samples: number; checkpoints: number };
  readyMs: Record<string, { median: number; max: number; longestTask: number; mainThreadCpu: number }>;
  underLoad: { eventsPerSecond: number; pages: number; seconds: number; longTasks: number; over100Ms: number; longestMs: number; mainThreadShares: number[] };
  /** Of one core: 1 is a whole one. */
  serverCpu: { withoutPages: number | null; withPages: number | null };
}

export async function runPagesBenchmark(_options: BenchmarkOptions): Promise<PagesFigures> {
  buildServer(['server', 'dashboard']);
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const machine = `${machineName()}, load average ${loadavg()[0]?.toFixed(1)} at the start`;
  console.log(`pages, on ${machine}`);
  const database = await createBenchDatabase(folder);
  try {
    const environment = { DATABASE_URL: database.url, RANKLOOP_MODELS_DIR: path.join(folder, 'models'), LOG_LEVEL: 'info' };
    const first = await startServer(environment);
    try {
      await learnOnce(first.url);
    } finally {
      await first.stop();
    }
    await fillSamples(database.pool, SAMPLES);
    await fillCheckpoints(database.pool);
    const server = await startServer(environment);
    try {
      const stored = await storedIn(server.url);
      console.log(`  stored                     ${stored.samples} samples, ${stored.checkpoints} checkpoints`);
      const browser = await launchBrowser();
      try {
        const readyMs = await measureReady(browser, server.url);
        return { machine, stored, readyMs, ...(await measureLoad(browser, server)) };
      } finally {
        await browser.close();
      }
    } finally {
      await server.stop();
    }
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A real catalogue, real searches and clicks, a real training: what is then multiplied. */
async function learnOnce(url: string): Promise<void> {
  await importCatalogue(url);
  await configure(url, { attributionWindowSeconds: 0, trainingThreshold: 1_000, checkpointRetention: 1_000 });
  let serves = (): void => undefined;
  const loaded = new Promise<void>((resolve) => (serves = resolve));
  const end = await onEvent(url, 'subscription { modelReloaded { ranker { id } } }', () => serves());
  let turn = 0;
  const visit = async (): Promise<void> => {
    const { searchId, documentIds } = await search(url, QUERIES[turn++ % QUERIES.length] ?? '');
    const [top] = documentIds;
    if (top !== undefined && turn % 2 === 0) await click(url, searchId, top);
  };
  for (let searches = 0; searches < 120; searches += 1) await visit();
  await loaded;
  await end();
  await configure(url, { enabled: false });
}

async function storedIn(url: string): Promise<PagesFigures['stored']> {
  const { sampleStats, modelStorage } = await request<{ sampleStats: { total: number }; modelStorage: { online: { checkpoints: number }; rejected: { checkpoints: number } } }>(
    url,
    '{ sampleStats { total } modelStorage { online { checkpoints } rejected { checkpoints } } }',
  );
  const stored = { samples: sampleStats.total, checkpoints: modelStorage.online.checkpoints + modelStorage.rejected.checkpoints };
  if (stored.samples < SAMPLES || stored.checkpoints < CHECKPOINTS) throw new Error(`The database holds ${JSON.stringify(stored)}.`);
  return stored;
}

async function measureReady(browser: Browser, url: string): Promise<PagesFigures['readyMs']> {
  const figures: PagesFigures['readyMs'] = {};
  for (const { name, path: address, ready } of PAGES) {
    const times: number[] = [];
    const busy: number[] = [];
    let longestTask = 0;
    for (let load = 0; load < LOADS; load += 1) {
      const opened = await openProbed(browser, url, address, ready);
      times.push(opened.readyMs);
      busy.push(await mainThreadMs(opened));
      longestTask = Math.max(longestTask, ...(await takeLongTasks(opened)));
      await opened.context.close();
    }
    const own = { median: Math.round(median(times)), max: Math.round(Math.max(...times)), longestTask: Math.round(longestTask), mainThreadCpu: Math.round(median(busy)) };
    figures[name] = own;
    console.log(`  ${`${name} interactive after`.padEnd(26)} median ${own.median} ms, longest ${own.max} ms (${LOADS} first visits), longest task ${own.longestTask} ms, ${own.mainThreadCpu} ms of its thread   ${own.median <= TARGET_READY_MS ? 'pass' : 'MISSED'}`);
  }
  return figures;
}

/** The same traffic twice: with nobody looking, then with ten pages open. */
async function measureLoad(browser: Browser, server: StartedProcess): Promise<Pick<PagesFigures, 'underLoad' | 'serverCpu'>> {
  await configure(server.url, { enabled: true, trainingThreshold: 1_000, minSecondsBetweenRuns: 1 });
  const alone = await underLoad(server, []);
  const pages: ProbedPage[] = [];
  for (const address of OPEN) {
    const { ready } = PAGES.find(({ path: known }) => known === address) ?? PAGES[0];
    pages.push(await openProbed(browser, server.url, address, ready));
  }
  await Promise.all(pages.map(takeLongTasks));
  const watched = await underLoad(server, pages);
  await Promise.all(pages.map(({ context }) => context.close()));
  const tasks = watched.longTasksMs.flat();
  const figures = {
    eventsPerSecond: Math.round(watched.eventsPerSecond),
    pages: pages.length,
    seconds: SECONDS,
    longTasks: tasks.length,
    over100Ms: tasks.filter((ms) => ms > TARGET_TASK_MS).length,
    longestMs: Math.round(Math.max(0, ...tasks)),
    mainThreadShares: watched.mainThreadShares,
  };
  console.log(`  ten pages, traffic         ${figures.eventsPerSecond} events/s for ${SECONDS} s: ${figures.longTasks} tasks over 50 ms, ${figures.over100Ms} over 100 ms, longest ${figures.longestMs} ms   ${figures.over100Ms === 0 ? 'pass' : 'MISSED'}`);
  pages.forEach(({ path: address }, index) => {
    const own = watched.longTasksMs[index] ?? [];
    console.log(`    ${address.padEnd(24)} its thread busy ${percent(watched.mainThreadShares[index] ?? NaN)} of the time, ${own.length} tasks over 50 ms`);
  });
  const serverCpu = { withoutPages: alone.cpu, withPages: watched.cpu };
  if (alone.cpu !== null && watched.cpu !== null) {
    console.log(`  server's processor time    ${percent(alone.cpu)} of a core with no page open, ${percent(watched.cpu)} with ten (${Math.round(alone.eventsPerSecond)} and ${figures.eventsPerSecond} events/s)`);
  }
  return { underLoad: figures, serverCpu };
}

interface LoadFigures {
  cpu: number | null;
  eventsPerSecond: number;
  /** Of each page. */
  longTasksMs: number[][];
  /** Processor time of each page's main thread: 1 is a whole core. */
  mainThreadShares: number[];
}

async function underLoad(server: StartedProcess, pages: readonly ProbedPage[]): Promise<LoadFigures> {
  const threadsBefore = await Promise.all(pages.map(mainThreadMs));
  const cpuBefore = server.cpuMs();
  const startedAt = performance.now();
  const load = startLoad(server.url, EVENTS_PER_SECOND);
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  await load.stop();
  const tookMs = performance.now() - startedAt;
  const cpuAfter = server.cpuMs();
  return {
    cpu: cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / tookMs,
    eventsPerSecond: (load.done() / tookMs) * 1_000,
    longTasksMs: await Promise.all(pages.map(takeLongTasks)),
    mainThreadShares: (await Promise.all(pages.map(mainThreadMs))).map((after, index) => (after - (threadsBefore[index] ?? NaN)) / tookMs),
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
