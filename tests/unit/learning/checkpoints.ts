/** Checkpoints for tests. */
import type { CheckpointMetadata } from '../../../src/learning/checkpoint-format.js';

export function metadataOf(changes: Partial<CheckpointMetadata>): CheckpointMetadata {
  return {
    name: 'ctr_model_online_006',
    mode: 'ONLINE',
    parent: '0199aabb-0000-7000-8000-000000000001',
    learnedThrough: 612,
    setAside: [[100, 120]],
    createdAt: '2026-01-02T03:04:05.678Z',
    samples: 102,
    metrics: null,
    servedMetrics: null,
    calibrationBins: [],
    ...changes,
  };
}
