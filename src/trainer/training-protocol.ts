/** What main thread and training thread say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { CheckpointOrigin } from '../learning/checkpoint-format.js';
import type { LearningBatch } from '../learning/learning-batch.js';
import type { CalibrationBin, ModelMetrics } from '../learning/metrics.js';
import type { ModelType, TrainingMode } from '../learning/model-type.js';

/** Batches under way to a thread at most: one being learned, one waiting. What is not asked for stays in the database. */
export const BATCHES_IN_FLIGHT = 2;

export interface TrainingRequest {
  /** The parent's checkpoint; null to begin from nothing. Not changed, and still the caller's. */
  parent: Uint8Array | null;
  modelType: ModelType;
  mode: TrainingMode;
  /** Goes into the checkpoint. Its name and createdAt stay empty: withCheckpointMetadata adds them, once a number is given. */
  origin: CheckpointOrigin;
  /** See LearnerOptions. */
  windowSize?: number;
}

/** The task a thread is given: the request, and its end of the channel that batches come through. */
export interface TrainingTask extends TrainingRequest {
  port: MessagePort;
}

export type ToThread = { batch: LearningBatch } | { batch: null };

/** Said after each batch: it has been learned, the next may come. */
export interface FromThread {
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
}

/** An error is told in words: its class would not survive the way between threads. */
export type TrainingOutcome = { result: TrainingResult } | { error: string };
