/** SQL that changes the settings row: fields left out stay, the revision goes up, the time is the database's. */
import type { Pool } from 'pg';
import type { ModelType } from '../generated/prisma/enums.js';

export interface SettingsChanges {
  enabled?: boolean;
  trainingThreshold?: number;
  checkpointRetention?: number;
  modelPrefix?: string;
  modelType?: ModelType;
  attributionWindowSeconds?: number;
  explorationRate?: number;
  proofRate?: number;
  minSecondsBetweenRuns?: number;
  sampleRetentionDays?: number;
}

/** @returns false when the stored revision is not the expected one */
export async function updateSettings(pool: Pool, changes: SettingsChanges, expectedRevision: number | null): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update online_learning_config set
      enabled = coalesce($1, enabled),
      training_threshold = coalesce($2, training_threshold),
      checkpoint_retention = coalesce($3, checkpoint_retention),
      model_prefix = coalesce($4, model_prefix),
      model_type = coalesce($5, model_type),
      attribution_window_seconds = coalesce($6, attribution_window_seconds),
      exploration_rate = coalesce($7, exploration_rate),
      proof_rate = coalesce($8, proof_rate),
      min_seconds_between_runs = coalesce($9, min_seconds_between_runs),
      sample_retention_days = coalesce($10, sample_retention_days),
      revision = revision + 1,
      updated_at = now()
    where id = 1 and ($11::int is null or revision = $11)`,
    [
      changes.enabled,
      changes.trainingThreshold,
      changes.checkpointRetention,
      changes.modelPrefix,
      changes.modelType,
      changes.attributionWindowSeconds,
      changes.explorationRate,
      changes.proofRate,
      changes.minSecondsBetweenRuns,
      changes.sampleRetentionDays,
      expectedRevision,
    ],
  );
  return rowCount === 1;
}
