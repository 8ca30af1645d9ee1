/** What serves: one immutable object holding everything a checkpoint holds. */
import type { ReadableClickMemory } from './click-memory.js';
import type { ContentModel } from './content-model.js';
import type { Examination } from './examination.js';
import type { KnownQueries } from './known-queries.js';
import type { ModelType } from './model-type.js';
import type { ReadablePredictionCells } from './prediction-cells.js';

/**
 * `P(click | q, d, k) = θ_k · α(q, d)` with θ from `examination` and α from `memory` and `content` (see ranking.ts).
 * Never changed once built: learning copies it, hot reload swaps the one reference to it.
 */
export interface RankerModel {
  readonly kind: ModelType;
  readonly featureSetVersion: number;
  readonly content: ContentModel;
  readonly memory: ReadableClickMemory;
  readonly examination: Examination;
  /** What makes click probabilities right; it never touches ranking. */
  readonly cells: ReadablePredictionCells;
  /** The queries searched most, which the guard asks a new content model. */
  readonly knownQueries: Pick<KnownQueries, 'top' | 'all' | 'copy'>;
}
