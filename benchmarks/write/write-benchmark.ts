/** The benchmark "write": what a durable click costs through GraphQL, beside bare servers on the same database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBenchDatabase } from '../bench-database.js';
import { configure, search, type ShownList } from '../loop/api.js';
import { importCatalogue, QUERIES } from '../loop/catalogue.js';
import { median } from '../loop/percentiles.js';
import { buildServer, startBareServer, startServer, type StartedProcess } from '../loop/processes.js';
import { CLICK_CONNECTIONS, runClicks, runClicksEvenly } from './click-load.js';

const BARE_SERVER = 'benchmarks/write/bare-server.ts';
const ROUNDS = 3;
const LISTS = 200;
/** A round's clicks; the first round warms up and does not count. */
const CLICKS = 10_000;
/** For one commit at a time. */
const SINGLE_CLICKS = 500;

export interface WriteFigures {
  /** A second, 64 connections. */
  clicksPerSecond: { recordClick: number; bare: number; bareInGroups: number };
  toBare: number;
  toBareInGroups: number;
  /** Of two processes on one database to one, half of the connections each. */
  twoToOne: number;
  /** A bare click on one connection: one commit. */
  commitMs: { p50: number; p99: number };
  /** recordClick at half of its rate. */
  halfLoadMs: { p50: number; p99: number };
  halfLoadP99ToCommit: number;
}

export async function runWriteBenchmark(): Promise<{ write: WriteFigures }> {
  buildServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const { url: databaseUrl, drop } = await createBenchDatabase(folder);
  const processes: StartedProcess[] = [];
  const started = async (process: Promise<StartedProcess>): Promise<StartedProcess> => {
    processes.push(await process);
    return process;
  };
  try {
    const server = await started(startServer({ DATABASE_URL: databaseUrl, RANKLOOP_MODELS_DIR: path.join(folder, 'models') }));
    const second = await started(startServer({ DATABASE_URL: databaseUrl, RANKLOOP_MODELS_DIR: path.join(folder, 'models of the second') }));
    const bare = await started(startBareServer(BARE_SERVER, databaseUrl, 'one'));
    const inGroups = await started(startBareServer(BARE_SERVER, databaseUrl, 'group'));
    await importCatalogue(server.url);
    await configure(server.url, { enabled: false });
    return { write: await measure({ recordClick: `${server.url}/graphql`, second: `${second.url}/graphql`, bare: bare.url, bareInGroups: inGroups.url }, server.url) };
  } finally {
    await Promise.all(processes.map((process) => process.stop()));
    await drop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(urls: { recordClick: string; second: string; bare: string; bareInGroups: string }, serverUrl: string): Promise<WriteFigures> {
  const rates = { recordClick: [] as number[], bare: [] as number[], bareInGroups: [] as number[], two: [] as number[] };
  const load = async (kind: keyof typeof urls, name: string, more: { amount: number; connections?: number }) => runClicks({ url: urls[kind], lists: await newLists(serverUrl), name, ...more });
  for (let round = 0; round <= ROUNDS; round++) {
    for (const kind of ['bare', 'recordClick', 'bareInGroups'] as const) {
      const { clicksPerSecond } = await load(kind, `${round}`, { amount: CLICKS });
      if (round > 0) rates[kind].push(clicksPerSecond);
    }
    const half = { amount: CLICKS / 2, connections: CLICK_CONNECTIONS / 2 };
    const startedAt = performance.now();
    await Promise.all([load('recordClick', `two ${round}`, half), load('second', `two ${round}`, half)]);
    if (round > 0) rates.two.push(CLICKS / ((performance.now() - startedAt) / 1_000));
  }
  const clicksPerSecond = { recordClick: median(rates.recordClick), bare: median(rates.bare), bareInGroups: median(rates.bareInGroups) };
  const commit = await load('bare', 'commit', { amount: SINGLE_CLICKS, connections: 1 });
  const half = await runClicksEvenly({ url: urls.recordClick, lists: await newLists(serverUrl), name: 'half', amount: CLICKS, rate: clicksPerSecond.recordClick / 2 });
  const figures: WriteFigures = {
    clicksPerSecond,
    toBare: clicksPerSecond.recordClick / clicksPerSecond.bare,
    toBareInGroups: clicksPerSecond.recordClick / clicksPerSecond.bareInGroups,
    twoToOne: median(rates.two) / clicksPerSecond.recordClick,
    commitMs: { p50: commit.p50Ms, p99: commit.p99Ms },
    halfLoadMs: { p50: half.p50Ms, p99: half.p99Ms },
    halfLoadP99ToCommit: half.p99Ms / commit.p50Ms,
  };
  print(figures);
  return figures;
}

function newLists(url: string): Promise<ShownList[]> {
  return Promise.all(Array.from({ length: LISTS }, (_, turn) => search(url, QUERIES[turn % QUERIES.length] ?? '')));
}

function print({ clicksPerSecond, toBare, toBareInGroups, twoToOne, commitMs, halfLoadMs, halfLoadP99ToCommit }: WriteFigures): void {
  const rate = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`.padStart(9);
  const verdict = (isReached: boolean, bound: string): string => `${isReached ? 'pass' : 'MISSED'} (${bound})`;
  console.log(`Durable clicks, ${CLICK_CONNECTIONS} connections, median of ${ROUNDS} rounds of ${CLICKS.toLocaleString('en')}:`);
  console.log(`  bare node:http + pg, a click a transaction  ${rate(clicksPerSecond.bare)}`);
  console.log(`  bare node:http + pg, group commit           ${rate(clicksPerSecond.bareInGroups)}`);
  console.log(`  recordClick through GraphQL                 ${rate(clicksPerSecond.recordClick)}   ${toBare.toFixed(2)} × bare: ${verdict(toBare >= 1.3, '≥ 1.3')}   ${toBareInGroups.toFixed(2)} × bare in groups: ${verdict(toBareInGroups >= 0.5, '≥ .5')}`);
  console.log(`  two processes on the database               ${rate(twoToOne * clicksPerSecond.recordClick)}   ${twoToOne.toFixed(2)} × one: ${verdict(twoToOne >= 1.6, '≥ 1.6')}`);
  console.log(`  one commit (bare, one connection)           p50 ${commitMs.p50.toFixed(2)} ms, p99 ${commitMs.p99.toFixed(2)} ms`);
  console.log(`  recordClick at half of its rate             p50 ${halfLoadMs.p50.toFixed(2)} ms, p99 ${halfLoadMs.p99.toFixed(2)} ms = ${halfLoadP99ToCommit.toFixed(2)} × one commit: ${verdict(halfLoadP99ToCommit <= 2, '≤ 2')}`);
}
