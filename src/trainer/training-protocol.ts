/** What main thread and training thread say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { AnchorEvidence } from '../learning/anchor-samples.js';
import type { BatchEvidence } from '../learning/batch-check.js';
import type { CheckpointOrigin } from '../learning/checkpoint-format.js';
import type { LearningBatch } from '../learning/learning-batch.js';
import type { GuardEvidence } from '../learning/memory-guard.js';
import type { CalibrationBin, ModelMetrics } from '../learning/metrics.js';
import type { ModelType, TrainingMode } from '../learning/model-type.js';
import type { RankingInput } from '../learning/ranking.js';

/** Batches under way to a thread at most: one being learned, one waiting. What is not asked for stays in the database. */
export const BATCHES_IN_FLIGHT = 2;

/** A model that a thread may still have in memory: it asks for the bytes only when it has not. */
export interface ModelSource {
  /** Two sources of one key are the same model, to the bit: a result's key, or a checkpoint's id. */
  key: string;
  /** The checkpoint's bytes; not changed, and still the caller's. */
  read: () => Promise<Uint8Array>;
}

export interface TrainingRequest {
  /** Null to begin from nothing. */
  parent: ModelSource | null;
  /** What serves while an offline run replays, see LearnerOptions. */
  champion?: ModelSource | null;
  modelType: ModelType;
  mode: TrainingMode;
  /** Goes into the checkpoint. Its name and createdAt stay empty: withCheckpointMetadata adds them, once a number is given. */
  origin: CheckpointOrigin;
  /** See LearnerOptions. */
  windowSize?: number;
  /** See LearnerOptions. */
  resetContent?: boolean;
  /** Well-known queries with their candidates, on which the new content model is judged; none: it is not. */
  guardQueries?: readonly RankingInput[];
}

/** The task a thread is given: the request, sources by their keys, and its end of the channel that batches come through. */
export interface TrainingTask extends Omit<TrainingRequest, 'parent' | 'champion'> {
  parentKey: string | null;
  championKey: string | null;
  /** What the result is to be known by, should it become a parent. */
  resultKey: string;
  port: MessagePort;
}

export type ToThread = { batch: LearningBatch | null } | { key: string; bytes: Uint8Array };

export type FromThread = { needs: string } | LearnedMessage;

/** Said after each batch: it has been learned, the next may come. */
export interface LearnedMessage {
  /** New samples learned so far. */
  samplesDone: number;
  /** The challenger's mean loss so far, in nats. */
  logLoss: number | null;
}

export interface TrainingResult {
  /** The checkpoint, without name and createdAt. */
  bytes: Uint8Array<ArrayBuffer>;
  metrics: ModelMetrics;
  servedMetrics: ModelMetrics;
  calibrationBins: CalibrationBin[];
  /** θ of the first 20 places. */
  examination: number[];
  /** New samples learned. */
  samples: number;
  /** See LearningResult: what promotion decides by. */
  finite: boolean;
  batchEvidence: BatchEvidence | null;
  anchorEvidence: AnchorEvidence | null;
  /** judgeByMemory on the queries given; null without any. */
  guardEvidence: GuardEvidence | null;
  /** What a thread may still know this model by. */
  key: string;
}

/** An error is told in words: its class would not survive the way between threads. */
export type TrainingOutcome = { result: TrainingResult } | { error: string };
