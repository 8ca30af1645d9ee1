/** The figures of past runs, a point each: what charts of learning draw. */
import type { Pool } from 'pg';
import { endedRuns, type EndedRun } from '../database/figures-store.js';
import type { TrainingMode, TrainingStatus } from '../generated/prisma/enums.js';
import { checkInt } from './validation.js';

const MAX_POINTS = 1_000;

/** One ended run; figures are null where the run had none (failed, cancelled) or they are not defined. */
export interface MetricsPoint {
  at: Date;
  runId: string;
  checkpointId: string | null;
  mode: TrainingMode;
  status: TrainingStatus;
  samples: number;
  clickRate: number | null;
  logLoss: number | null;
  normalizedEntropy: number | null;
  auc: number | null;
  calibration: number | null;
  servedLogLoss: number | null;
  servedNormalizedEntropy: number | null;
  servedAuc: number | null;
  servedCalibration: number | null;
  activated: boolean;
}

export interface HistoryRequest {
  first: number;
  mode?: TrainingMode | null;
  since?: Date | null;
}

/** Newest first. */
export async function metricsHistory(pool: Pool, { first, mode, since }: HistoryRequest): Promise<MetricsPoint[]> {
  checkInt('first', first, 1, MAX_POINTS);
  return (await endedRuns(pool, { limit: first, mode: mode ?? null, since: since ?? null })).map(toPoint);
}

function toPoint({ finishedAt, metrics, servedMetrics, ...run }: EndedRun): MetricsPoint {
  return {
    ...run,
    at: finishedAt,
    clickRate: metrics && metrics.samples > 0 ? metrics.positives / metrics.samples : null,
    logLoss: metrics?.logLoss ?? null,
    normalizedEntropy: metrics?.normalizedEntropy ?? null,
    auc: metrics?.auc ?? null,
    calibration: metrics?.calibration ?? null,
    servedLogLoss: servedMetrics?.logLoss ?? null,
    servedNormalizedEntropy: servedMetrics?.normalizedEntropy ?? null,
    servedAuc: servedMetrics?.auc ?? null,
    servedCalibration: servedMetrics?.calibration ?? null,
  };
}
