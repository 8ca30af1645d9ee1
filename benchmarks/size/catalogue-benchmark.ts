/** The benchmark "catalogue": what a search costs over many documents, what they cost in memory, and how long they take to come in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBenchDatabase } from '../bench-database.js';
import { configure, request, search } from '../loop/api.js';
import { percentile } from '../loop/percentiles.js';
import { buildServer, machineName, startServer, type StartedProcess } from '../loop/processes.js';
import type { BenchmarkOptions } from '../options.js';
import { COMMON_WORDS, Prose } from './prose.js';

const DOCUMENTS = 100_000;
const BATCH = 1_000;
const PREVIEWS = 1_000;
const COMMON_PREVIEWS = 30;
const SEARCHES = 500;
const IMPORT = 'mutation($documents: [DocumentInput!]!) { importDocuments(input: { documents: $documents }) { imported } }';
/** What a search does but for recording it. */
const PREVIEW = 'query($query: String!) { previewRanking(query: $query, limit: 10) { results { position score document { id title } } } }';

interface Timings {
  p50: number;
  p99: number;
  max: number;
}

export interface CatalogueFigures {
  machine: string;
  documents: number;
  importSeconds: number;
  /** Searches while documents come in. */
  duringImportMs: Timings;
  previewMs: Timings;
  commonWordsMs: Timings;
  searchMs: Timings;
  memoryMb: { empty: number | null; full: number | null; restarted: number | null };
  bytesPerDocument: number | null;
  readyMs: { empty: number; full: number };
}

export async function runCatalogueBenchmark({ documents: asked }: BenchmarkOptions): Promise<CatalogueFigures> {
  buildServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const machine = machineName();
  const documents = asked ?? DOCUMENTS;
  console.log(`catalogue of ${documents.toLocaleString('en')} documents, on ${machine}`);
  const { url: databaseUrl, drop } = await createBenchDatabase(folder);
  const environment = { DATABASE_URL: databaseUrl, RANKLOOP_DATA_DIR: path.join(folder, 'server'), RANKLOOP_MODELS_DIR: path.join(folder, 'models') };
  let server = await startServer(environment);
  try {
    await configure(server.url, { enabled: false });
    const empty = { memory: server.memoryMb(), readyMs: server.readyMs };
    const coming = await importAll(server, documents);
    console.log(`  import                     ${coming.seconds.toFixed(1)} s, ${Math.round(documents / coming.seconds).toLocaleString('en')} documents/s; searches meanwhile ${text(coming.timings)}`);
    const prose = new Prose(2);
    await timed(200, () => preview(server, prose.query()));
    const previewMs = await timed(PREVIEWS, () => preview(server, prose.query()));
    console.log(`  all but the commit         ${text(previewMs)}`);
    const commonWordsMs = await timed(COMMON_PREVIEWS, () => preview(server, COMMON_WORDS));
    console.log(`  ten very common words      ${text(commonWordsMs)}`);
    const searchMs = await timed(SEARCHES, () => search(server.url, prose.query()));
    console.log(`  search, recorded           ${text(searchMs)}`);
    const full = server.memoryMb();
    await server.stop();
    server = await startServer(environment);
    const restarted = server.memoryMb();
    const memoryMb = { empty: empty.memory, full, restarted };
    const bytesPerDocument = empty.memory === null || restarted === null ? null : Math.round(((restarted - empty.memory) * 1024 ** 2) / documents);
    const readyMs = { empty: Math.round(empty.readyMs), full: Math.round(server.readyMs) };
    console.log(`  memory                     ${empty.memory} MB empty, ${full} MB after all this, ${restarted} MB started again: ${bytesPerDocument} bytes a document`);
    console.log(`  ready after                ${readyMs.empty} ms empty, ${readyMs.full} ms with all documents`);
    return { machine, documents, importSeconds: coming.seconds, duringImportMs: coming.timings, previewMs, commonWordsMs, searchMs, memoryMb, bytesPerDocument, readyMs };
  } finally {
    await server.stop();
    await drop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A thousand documents a call, one call after the other, while somebody searches without pause. */
async function importAll({ url }: StartedProcess, count: number): Promise<{ seconds: number; timings: Timings }> {
  const prose = new Prose(1);
  const startedAt = performance.now();
  let isDone = false;
  const asked = new Prose(3);
  const searching = timed(() => !isDone, () => preview({ url }, asked.query()));
  try {
    for (let start = 0; start < count; start += BATCH) {
      await request(url, IMPORT, { documents: Array.from({ length: Math.min(BATCH, count - start) }, (_, nth) => prose.document(start + nth)) });
    }
  } finally {
    isDone = true;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { seconds, timings: await searching };
}

async function preview({ url }: Pick<StartedProcess, 'url'>, query: string): Promise<void> {
  await request(url, PREVIEW, { query });
}

/** One after the other: so many times, or while told to go on. */
async function timed(times: number | (() => boolean), work: () => Promise<unknown>): Promise<Timings> {
  const timings: number[] = [];
  for (let turn = 0; typeof times === 'number' ? turn < times : times(); turn++) {
    const startedAt = performance.now();
    await work();
    timings.push(performance.now() - startedAt);
  }
  return { p50: percentile(timings, 0.5), p99: percentile(timings, 0.99), max: Math.max(0, ...timings) };
}

function text({ p50, p99, max }: Timings): string {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${Math.round(max)} ms`;
}
