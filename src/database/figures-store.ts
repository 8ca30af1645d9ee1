/** SQL behind figures for charts and evaluations: what was predicted and clicked, and what runs measured. */
import type { Pool } from 'pg';
import type { TrainingMode, TrainingStatus } from '../generated/prisma/enums.js';
import type { ModelMetrics } from '../learning/metrics.js';

export interface ServedPrediction {
  /** As stored when it was shown. */
  predicted: number;
  /** On time or late. */
  clicked: boolean;
}

/**
 * What a ranker predicted for the newest sealed samples that it served, at most `limit` of them. The index search_ranker_learned_idx
 * leads to its searches; each has at least one sample, so no more than `limit` searches are read. It has no name: so it is planned for
 * the days from `lowestId` on, and locks no others.
 */
export async function servedPredictions(pool: Pool, rankerId: string, { limit, lowestId }: { limit: number; lowestId: string }): Promise<ServedPrediction[]> {
  const { rows } = await pool.query<ServedPrediction>({
    text: `select p.click_probability as predicted, p.click_count > 0 as clicked
    from (select id, learn_seq from search where ranker_id = $1 and learn_seq is not null and id >= $3 order by learn_seq desc limit $2) s join sample p on p.search_id = s.id and p.search_id >= $3
    order by s.learn_seq desc, p.position limit $2`,
    values: [rankerId, limit, lowestId],
  });
  return rows;
}

/** An ended run as charts show it. */
export interface EndedRun {
  finishedAt: Date;
  runId: string;
  checkpointId: string | null;
  mode: TrainingMode;
  status: TrainingStatus;
  samples: number;
  metrics: ModelMetrics | null;
  servedMetrics: ModelMetrics | null;
  activated: boolean;
}

/** Ended runs, newest first, by training_run_finished_at_idx; whether one was promoted, by activation's index on (ranker_id, id). */
export async function endedRuns(pool: Pool, filter: { limit: number; mode: TrainingMode | null; since: Date | null }): Promise<EndedRun[]> {
  const { rows } = await pool.query<EndedRun>(
    `select r.finished_at as "finishedAt", r.id as "runId", r.checkpoint_id as "checkpointId", r.mode, r.status, r.samples::float8, r.metrics, r.served_metrics as "servedMetrics",
      exists (select 1 from activation a where a.ranker_id = r.checkpoint_id and a.reason = 'TRAINED') as activated
    from training_run r
    where r.finished_at is not null and ($2::training_mode is null or r.mode = $2) and ($3::timestamptz is null or r.finished_at >= $3)
    order by r.finished_at desc, r.id desc limit $1`,
    [filter.limit, filter.mode, filter.since],
  );
  return rows;
}
