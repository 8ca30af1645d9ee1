/** A finished model judged on stored samples: predict and score, learn nothing. */
import { baseProbability, modelProbability, type ShownTotals } from './click-probability.js';
import type { ClickScorer } from './click-scorer.js';
import { ROW_KIND, type LearningBatch } from './learning-batch.js';
import type { RankerModel } from './ranker-model.js';

/**
 * Adds what a model predicts for each sample of a batch, and whether it was clicked, to a scorer. The prediction is the one
 * that serving gives: `θ_k·α` of the sample's features, position and pair, made right by the prediction cells; without a
 * model `θ_k·(C + 1.2)/(E + 10)` of the totals. Late clicks are corrections of samples and are passed over: give each sample
 * once, with its final label.
 *
 * Example: no model, totals {0, 0}, one clicked sample at position 1 → scorer.add(.12, true).
 */
export function scoreBatch(scorer: ClickScorer, model: RankerModel | null, batch: LearningBatch, totals: ShownTotals): void {
  for (let row = 0; row < batch.kind.length; row++) {
    if (batch.kind[row] === ROW_KIND.lateClick) continue;
    const predicted =
      model === null ? baseProbability(batch.positions[row]!, totals) : model.cells.predict(batch.cellHashes, row, modelProbability(model, batch, row));
    scorer.add(predicted, batch.labels[row]! > 0);
  }
}
