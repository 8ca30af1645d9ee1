/** Rankers judged on stored clicks. */
import type { Pool } from 'pg';
import { servedPredictions } from '../database/figures-store.js';
import { ClickScorer } from '../learning/click-scorer.js';
import type { ModelMetrics } from '../learning/metrics.js';

/** Newest samples that figures rest on: enough for two digits, read within some tens of milliseconds. */
const NEWEST_SAMPLES = 5_000;

export interface EvaluationOptions {
  pool: Pool;
}

export class EvaluationService {
  readonly #options: EvaluationOptions;

  constructor(options: EvaluationOptions) {
    this.#options = options;
  }

  /** How a ranker predicted clicks, on time or late, while it served: over the newest sealed samples it showed, at most 5,000; null without any. */
  async liveMetrics(rankerId: string): Promise<ModelMetrics | null> {
    const scorer = new ClickScorer();
    for (const { predicted, clicked } of await servedPredictions(this.#options.pool, rankerId, NEWEST_SAMPLES)) scorer.add(predicted, clicked);
    const metrics = scorer.metrics();
    return metrics.samples === 0 ? null : metrics;
  }
}
