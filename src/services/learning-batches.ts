/** Turns stored rows into the columns that travel to the trainer. */
import { setTimeout as delay } from 'node:timers/promises';
import { BASE_RANKER_ID } from '../database/activation-store.js';
import { countSamples, lastLearnSeq, newRows, replayRows, windowStart, type LearningRow } from '../database/learning-rows.js';
import type { SequenceRange } from '../database/training-store.js';
import type { TrainingRun } from '../generated/prisma/client.js';
import { FEATURE_SET } from '../learning/feature-set.js';
import { createLearningBatch, DRAWN_PAIR, ROW_KIND, type LearningBatch } from '../learning/learning-batch.js';
import { writePairKey } from '../learning/pair-key.js';
import { NOBODY, writeCellHashes } from '../learning/prediction-cells.js';
import type { Pool } from 'pg';

/**
 * Newest samples of its lineage that an online run reads again: champion and challenger are compared on them, and LOGISTIC is
 * refitted (about 80 ms of a training thread).
 */
export const ONLINE_WINDOW = 2_000;

/** What an offline run is compared with: what served when it began to train, and what that has learned. */
export interface Champion {
  learnedThrough: number;
  setAside: readonly SequenceRange[];
}

/** A run's rows in learning order, and how many new samples they hold. */
export async function learningBatches(
  pool: Pool,
  run: TrainingRun,
  champion: Champion | null,
): Promise<{ samples: number; batches: AsyncGenerator<LearningBatch> }> {
  const from = Number(run.learnedFrom);
  const through = Number(run.learnedThrough);
  const samples = await countSamples(pool, from, through);
  if (run.mode === 'OFFLINE') return { samples, batches: offlineBatches(pool, from, through, champion) };
  return { samples, batches: onlineBatches(pool, from, through, run.setAside as SequenceRange[]) };
}

/** The newest of what the lineage has learned, to compare and refit on, then what is new. */
async function* onlineBatches(pool: Pool, from: number, through: number, setAside: readonly SequenceRange[]): AsyncGenerator<LearningBatch> {
  yield* pack(newestLearned(pool, { learnedThrough: from, setAside }, through), ROW_KIND.replayedSample);
  yield* pack(newRows(pool, from, through, setAside), ROW_KIND.newSample);
}

async function* offlineBatches(pool: Pool, from: number, through: number, champion: Champion | null): AsyncGenerator<LearningBatch> {
  yield* pack(paced(replayRows(pool, from, through, through)), ROW_KIND.newSample);
  if (champion !== null) yield* pack(newestLearned(pool, champion, through), ROW_KIND.anchorSample);
}

/**
 * The newest samples sealed after a place in the learning order, at most about `limit`, each once and with its label as of now;
 * of these, those shown at `since` or later.
 */
export async function* unlearnedBatches(pool: Pool, { after, limit, since }: { after: number; limit: number; since: Date | null }): AsyncGenerator<LearningBatch> {
  const through = await lastLearnSeq(pool);
  const start = Math.max(after, await windowStart(pool, through, limit));
  const sinceSeconds = since === null ? -Infinity : since.getTime() / 1_000;
  yield* pack(shownSince(replayRows(pool, start, through, through), sinceSeconds), ROW_KIND.newSample);
}

async function* shownSince(chunks: AsyncIterable<LearningRow[]>, sinceSeconds: number): AsyncGenerator<LearningRow[]> {
  for await (const chunk of chunks) yield chunk.filter((row) => row.shownAtSeconds >= sinceSeconds);
}

async function* newestLearned(pool: Pool, { learnedThrough, setAside }: Champion, sealedThrough: number): AsyncGenerator<LearningRow[]> {
  const last = Math.min(learnedThrough, sealedThrough);
  const start = await windowStart(pool, last, ONLINE_WINDOW);
  for await (const chunk of replayRows(pool, start, last, sealedThrough)) {
    yield chunk.filter((row) => !setAside.some(([after, through]) => row.learnSeq > after && row.learnSeq <= through));
  }
}

/** A replay may read for long: it rests as long as it reads, so that at least half of the database's and this thread's time is left to requests. */
async function* paced<Chunk>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  let askedAt = performance.now();
  for await (const chunk of chunks) {
    const tookMs = performance.now() - askedAt;
    yield chunk;
    await delay(tookMs);
    askedAt = performance.now();
  }
}

async function* pack(chunks: AsyncIterable<LearningRow[]>, sampleKind: number): AsyncGenerator<LearningBatch> {
  for await (const rows of chunks) if (rows.length > 0) yield toBatch(rows, sampleKind);
}

function toBatch(rows: readonly LearningRow[], sampleKind: number): LearningBatch {
  const width = FEATURE_SET.names.length;
  const batch = createLearningBatch(rows.length, width);
  const hash = new Uint32Array(2);
  const above = new Uint32Array(2);
  const below = new Uint32Array(2);
  const queryIndices = new Map<string, number>();
  rows.forEach((row, index) => {
    batch.kind[index] = row.lateClick ? ROW_KIND.lateClick : sampleKind;
    writePairKey(row.queryKey, row.documentId, batch.pairKeys, 2 * index);
    if (row.documentAbove !== null) writePairKey(row.queryKey, row.documentAbove, above, 0);
    if (row.documentBelow !== null) writePairKey(row.queryKey, row.documentBelow, below, 0);
    writeCellHashes(batch.pairKeys, index, row.position, row.documentAbove === null ? NOBODY : above, row.documentBelow === null ? NOBODY : below, batch.cellHashes);
    // Samples of an earlier feature set lack the last columns: they stay 0.
    batch.features.set(row.features.slice(0, width), index * width);
    batch.positions[index] = row.position;
    batch.labels[index] = row.clicked ? 1 : 0;
    batch.shownAtSeconds[index] = row.shownAtSeconds;
    batch.predicted[index] = row.clickProbability;
    batch.servedByBase[index] = row.rankerId === BASE_RANKER_ID ? 1 : 0;
    batch.drawnPair[index] = placeInPair(row);
    writePairKey(row.searchId, String(row.position), hash, 0);
    batch.sampleHash[index] = hash[0] ?? 0;
    const queryIndex = queryIndices.get(row.query) ?? batch.queries.push(row.query) - 1;
    queryIndices.set(row.query, queryIndex);
    batch.queryIndices[index] = queryIndex;
  });
  return batch;
}

// Pairs are drawn on first pages only, so a position is the place on the page.
function placeInPair({ drawnPair, position }: LearningRow): number {
  if (drawnPair === null) return DRAWN_PAIR.none;
  if (position === drawnPair) return DRAWN_PAIR.upper;
  return position === drawnPair + 1 ? DRAWN_PAIR.lower : DRAWN_PAIR.none;
}
