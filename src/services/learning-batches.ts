/** Turns stored rows into the columns that travel to the trainer. */
import { setTimeout as delay } from 'node:timers/promises';
import { BASE_RANKER_ID } from '../database/activation-store.js';
import { countSamples, newRows, replayRows, windowStart, type LearningRow } from '../database/learning-rows.js';
import type { SequenceRange } from '../database/training-store.js';
import type { TrainingRun } from '../generated/prisma/client.js';
import { FEATURE_SET } from '../learning/feature-set.js';
import { createLearningBatch, DRAWN_PAIR, ROW_KIND, type LearningBatch } from '../learning/learning-batch.js';
import { writePairKey } from '../learning/pair-key.js';
import type { Pool } from 'pg';

/** Newest samples that an online run refits LOGISTIC on: about 80 ms of a training thread. */
export const ONLINE_WINDOW = 2_000;

/** A run's rows in learning order, and how many new samples they hold. */
export async function learningBatches(pool: Pool, run: TrainingRun): Promise<{ samples: number; batches: AsyncGenerator<LearningBatch> }> {
  const from = Number(run.learnedFrom);
  const through = Number(run.learnedThrough);
  const samples = await countSamples(pool, from, through);
  if (run.mode === 'OFFLINE') return { samples, batches: pack(paced(replayRows(pool, from, through, through)), ROW_KIND.newSample) };
  const setAside = run.setAside as SequenceRange[];
  return { samples, batches: onlineBatches(pool, { from, through, setAside, missing: ONLINE_WINDOW - samples }) };
}

/** The window's older part for the content model, then what is new, for everything. */
async function* onlineBatches(
  pool: Pool,
  { from, through, setAside, missing }: { from: number; through: number; setAside: SequenceRange[]; missing: number },
): AsyncGenerator<LearningBatch> {
  if (missing > 0) {
    const start = await windowStart(pool, from, missing);
    const replayed = replayRows(pool, start, from, through);
    const notSetAside = filterRows(replayed, (row) => !setAside.some(([after, last]) => row.learnSeq > after && row.learnSeq <= last));
    yield* pack(notSetAside, ROW_KIND.replayedSample);
  }
  yield* pack(newRows(pool, from, through, setAside), ROW_KIND.newSample);
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

async function* filterRows(chunks: AsyncIterable<LearningRow[]>, keep: (row: LearningRow) => boolean): AsyncGenerator<LearningRow[]> {
  for await (const chunk of chunks) yield chunk.filter(keep);
}

async function* pack(chunks: AsyncIterable<LearningRow[]>, sampleKind: number): AsyncGenerator<LearningBatch> {
  for await (const rows of chunks) if (rows.length > 0) yield toBatch(rows, sampleKind);
}

function toBatch(rows: readonly LearningRow[], sampleKind: number): LearningBatch {
  const width = FEATURE_SET.names.length;
  const batch = createLearningBatch(rows.length, width);
  const hash = new Uint32Array(2);
  rows.forEach((row, index) => {
    batch.kind[index] = row.lateClick ? ROW_KIND.lateClick : sampleKind;
    writePairKey(row.queryKey, row.documentId, batch.pairKeys, 2 * index);
    batch.features.set(row.features.slice(0, width), index * width);
    batch.positions[index] = row.position;
    batch.labels[index] = row.clicked ? 1 : 0;
    batch.shownAtSeconds[index] = row.shownAtSeconds;
    batch.predicted[index] = row.clickProbability;
    batch.servedByBase[index] = row.rankerId === BASE_RANKER_ID ? 1 : 0;
    batch.drawnPair[index] = placeInPair(row);
    writePairKey(row.searchId, String(row.position), hash, 0);
    batch.sampleHash[index] = hash[0] ?? 0;
  });
  return batch;
}

// Pairs are drawn on first pages only, so a position is the place on the page.
function placeInPair({ drawnPair, position }: LearningRow): number {
  if (drawnPair === null) return DRAWN_PAIR.none;
  if (position === drawnPair) return DRAWN_PAIR.upper;
  return position === drawnPair + 1 ? DRAWN_PAIR.lower : DRAWN_PAIR.none;
}
