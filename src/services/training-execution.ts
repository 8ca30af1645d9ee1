/** Carries one training run from its opening to its end: stream, train, save, end; under a lease, with one more try after a crash. */
import { setTimeout } from 'node:timers/promises';
import type { Pool } from 'pg';
import { BASE_RANKER_ID } from '../database/activation-store.js';
import { endRun, StaleRunError, type RunEnd } from '../database/run-end.js';
import { LEASE_SECONDS, previousDepartures, releaseRun, renewLease, retryRun, type LeaseProgress, type SequenceRange } from '../database/training-store.js';
import { isDatabaseUnavailable } from '../database/unavailable.js';
import type { Checkpoint, PrismaClient, TrainingRun } from '../generated/prisma/client.js';
import { DomainError } from '../errors.js';
import { decidePromotion } from '../learning/promotion.js';
import type { Logger } from '../logger.js';
import { TrainingAbortedError, TrainingFailedError } from '../trainer/training-errors.js';
import type { ModelSource, TrainingResult } from '../trainer/training-protocol.js';
import type { Trainer } from '../trainer/trainer.js';
import type { ActiveRanker } from './active-ranker.js';
import type { CheckpointsService, SavedCheckpoint } from './checkpoints.js';
import type { ContentGuard } from './content-guard.js';
import { learningBatches, ONLINE_WINDOW, type Champion } from './learning-batches.js';
import type { TrainedKeys } from './trained-keys.js';

/** A crash is tried once more. */
export const MAX_ATTEMPTS = 2;
const PROGRESS_INTERVAL_MS = 250;
/** Between tries while the database does not answer. */
const PATIENCE_MS = 250;

/** Why a run under way must stop. */
export type StopReason = 'CANCELLED' | 'STALE' | 'SHUTDOWN';

export interface ExecutionOptions {
  pool: Pool;
  prisma: PrismaClient;
  trainer: Trainer;
  activeRanker: ActiveRanker;
  checkpoints: CheckpointsService;
  /** What a training thread may still know a checkpoint's model by. */
  trainedKeys: TrainedKeys;
  contentGuard: ContentGuard;
  logger: Logger;
  /** Brings this process to what is stored (events, the serving ranker), and tells the others. */
  spread: () => Promise<void>;
}

export class TrainingExecution {
  readonly #options: ExecutionOptions;
  readonly #runId: string;
  readonly #abort = new AbortController();
  #fencing: number;
  /** A retry is raising the fencing number just now: what is heard of the old one means nothing. */
  #retrying = false;
  #stopReason: StopReason | null = null;
  #saved = false;
  #reportedAt = 0;
  #reporting = false;

  constructor(options: ExecutionOptions, runId: string, fencing: number) {
    this.#options = options;
    this.#runId = runId;
    this.#fencing = fencing;
  }

  /** Ends the training at once; what happens to the run depends on the reason. */
  stop(reason: StopReason): void {
    this.#stopReason ??= reason;
    this.#abort.abort();
  }

  /** Renews the lease, with the progress if given, and asks the row whether the run is still ours and wanted. */
  async checkLease(progress: LeaseProgress | null = null): Promise<void> {
    const fencing = this.#fencing;
    const { held, cancelRequested } = await renewLease(this.#options.pool, this.#runId, fencing, progress);
    if (cancelRequested) this.stop('CANCELLED');
    else if (!held && !this.#retrying && fencing === this.#fencing) this.stop('STALE');
  }

  /** Never rejects: whatever goes wrong ends in the run's row, or in a lease that runs out for another to take. */
  async run(): Promise<void> {
    const { checkpoints, logger, spread } = this.#options;
    const lease = setInterval(() => void this.checkLease().catch((error: unknown) => logger.warn({ err: error, run: this.#runId }, 'the lease could not be renewed')), (LEASE_SECONDS * 1_000) / 3);
    try {
      await this.#attempts();
    } catch (error) {
      logger.error({ err: error, run: this.#runId }, 'the run could not be ended; it is taken up again when its lease has run out');
    } finally {
      clearInterval(lease);
    }
    // First the run's end and the reload are said, then what retention removes.
    await spread().catch((error: unknown) => logger.warn({ err: error }, 'what the run did will be said at the next look'));
    if (this.#saved) await checkpoints.applyRetention().catch((error: unknown) => logger.warn({ err: error }, 'retention could not be applied; it is after the next run'));
  }

  async #attempts(): Promise<void> {
    const { prisma, logger, pool } = this.#options;
    for (;;) {
      const run = await this.#patiently(() => prisma.trainingRun.findUniqueOrThrow({ where: { id: this.#runId } }));
      if (run.cancelRequested) this.stop('CANCELLED');
      try {
        if (run.fencing !== this.#fencing) throw new StaleRunError(false);
        const result = await this.#train(run);
        await this.#finish(run, result);
        return;
      } catch (error) {
        if (this.#stopReason !== null || (error instanceof StaleRunError && error.cancelled)) return this.#endStopped();
        if (error instanceof StaleRunError) {
          logger.warn({ run: this.#runId }, error.message);
          return;
        }
        const message = error instanceof Error ? error.message : String(error);
        logger.error({ err: error, run: this.#runId, attempt: run.attempts }, 'a training run failed');
        // What the learner or storage refused, they will refuse again.
        const away = isDatabaseUnavailable(error);
        if (!away && (run.attempts >= MAX_ATTEMPTS || error instanceof TrainingFailedError || error instanceof DomainError)) {
          await this.#patiently(() => this.end({ status: 'FAILED', reason: `The run failed${run.attempts > 1 ? ' twice' : ''}: ${message}` }));
          return;
        }
        this.#retrying = true;
        // That the database was away is no fault of the run: it costs no attempt.
        const fencing = await this.#patiently(() => retryRun(pool, this.#runId, this.#fencing, away ? 0 : 1));
        if (fencing === null) return;
        this.#fencing = fencing;
        this.#retrying = false;
      }
    }
  }

  async #endStopped(): Promise<void> {
    if (this.#stopReason === 'STALE') return;
    if (this.#stopReason === 'SHUTDOWN') await releaseRun(this.#options.pool, this.#runId, this.#fencing);
    else await this.#patiently(() => this.end({ status: 'CANCELLED', reason: 'Cancelled by hand: what it had taken is offered again to the next run.' }));
  }

  /** Tries again while the database does not answer, for as long as the lease may last: afterwards another process may hold the run. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + LEASE_SECONDS * 1_000;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isDatabaseUnavailable(error) || this.#stopReason === 'SHUTDOWN' || performance.now() > giveUpAt) throw error;
      }
      await setTimeout(PATIENCE_MS);
    }
  }

  async #train(run: TrainingRun): Promise<TrainingResult> {
    const { pool, trainer, contentGuard } = this.#options;
    const parent = await this.#parent(run);
    const champion = run.mode === 'OFFLINE' ? await this.#champion() : null;
    const { samples, batches } = await learningBatches(pool, run, champion);
    const guardQueries = await contentGuard.queries(run.mode === 'OFFLINE');
    if (this.#abort.signal.aborted) throw new TrainingAbortedError();
    return trainer.train(
      {
        parent,
        champion: champion?.source ?? null,
        modelType: run.modelType,
        mode: run.mode,
        origin: { parent: run.parentId, learnedThrough: Number(run.learnedThrough), setAside: run.setAside as SequenceRange[] },
        resetContent: run.contentReset,
        guardQueries,
        ...(run.mode === 'ONLINE' ? { windowSize: ONLINE_WINDOW } : {}),
      },
      batches,
      { signal: this.#abort.signal, onProgress: (done, logLoss) => this.#report(done, samples, logLoss) },
    );
  }

  async #parent(run: TrainingRun): Promise<ModelSource | null> {
    const { prisma } = this.#options;
    if (run.parentId === null || run.parentId === BASE_RANKER_ID) return null;
    return this.#sourceOf(await prisma.checkpoint.findUniqueOrThrow({ where: { id: run.parentId } }));
  }

  /** What serves now, for an offline run to be compared with; null while the base ranker does. */
  async #champion(): Promise<(Champion & { source: ModelSource }) | null> {
    const { prisma } = this.#options;
    const inForce = await prisma.activation.findFirst({ orderBy: { id: 'desc' } });
    if (inForce === null || inForce.rankerId === BASE_RANKER_ID) return null;
    const checkpoint = await prisma.checkpoint.findUniqueOrThrow({ where: { id: inForce.rankerId } });
    return { source: this.#sourceOf(checkpoint), learnedThrough: Number(checkpoint.learnedThrough), setAside: checkpoint.setAside as SequenceRange[] };
  }

  #sourceOf(checkpoint: Checkpoint): ModelSource {
    return { key: this.#options.trainedKeys.get(checkpoint.id) ?? checkpoint.id, read: () => this.#bytesOf(checkpoint) };
  }

  /** A checkpoint that can no longer be read must not stop learning for good: another ranker comes to serve, and is the next run's parent. */
  async #bytesOf(checkpoint: Checkpoint): Promise<Uint8Array> {
    const { activeRanker, checkpoints } = this.#options;
    try {
      return await activeRanker.bytesOf(checkpoint);
    } catch (error) {
      if (error instanceof DomainError) await checkpoints.fallBack(checkpoint.id, error.message);
      throw error;
    }
  }

  /** At most four times a second; the answer also tells whether the run is still ours. */
  #report(samplesDone: number, samples: number, logLoss: number | null): void {
    if (this.#reporting || performance.now() - this.#reportedAt < PROGRESS_INTERVAL_MS) return;
    this.#reporting = true;
    this.#reportedAt = performance.now();
    const progress = Math.min(0.99, samples === 0 ? 0 : samplesDone / samples);
    this.checkLease({ progress, samplesDone, logLoss })
      .then(() => this.#options.spread())
      .catch((error: unknown) => this.#options.logger.warn({ err: error, run: this.#runId }, 'progress could not be reported'))
      .finally(() => (this.#reporting = false));
  }

  async #finish(run: TrainingRun, result: TrainingResult): Promise<void> {
    const { pool, checkpoints, logger } = this.#options;
    const decision = decidePromotion({
      finite: result.finite,
      batch: result.batchEvidence,
      previousDepartures: await previousDepartures(pool, run),
      // A content model that starts anew on purpose has lost what it knew, on purpose.
      anchor: run.contentReset ? null : result.anchorEvidence,
      guard: result.guardEvidence,
    });
    const saved = await checkpoints.save(run, result.bytes, !decision.accepted);
    try {
      const ended = await this.end({
        status: decision.accepted ? 'SUCCEEDED' : 'REJECTED',
        reason: decision.accepted ? decision.note : decision.reason,
        departure: decision.departure,
        samples: result.samples,
        metrics: result.metrics,
        servedMetrics: result.servedMetrics,
        checkpoint: toInsert(run, result, saved, decision.accepted),
      });
      this.#saved = true;
      this.#options.trainedKeys.set(saved.id, result.key);
      const { logLoss, auc } = result.metrics;
      logger.info({ run: run.id, checkpoint: saved.id, samples: result.samples, cappedSamples: Number(run.cappedSamples), logLoss, auc, activated: ended.activated, reason: ended.reason }, 'checkpoint saved');
    } catch (error) {
      await checkpoints.discard(saved);
      throw error;
    }
  }

  /** Ends the run's row under its fencing number. */
  async end(end: Pick<RunEnd, 'status' | 'reason'> & Partial<RunEnd>): Promise<{ activated: boolean; reason: string | null }> {
    return endRun(this.#options.pool, { departure: null, samples: 0, metrics: null, servedMetrics: null, checkpoint: null, ...end, runId: this.#runId, fencing: this.#fencing });
  }
}

function toInsert(run: TrainingRun, result: TrainingResult, saved: SavedCheckpoint, accepted: boolean): RunEnd['checkpoint'] {
  return {
    ...saved,
    mode: run.mode,
    modelType: run.modelType,
    status: accepted ? 'AVAILABLE' : 'REJECTED',
    examination: result.examination,
    calibrationBins: result.calibrationBins,
  };
}
