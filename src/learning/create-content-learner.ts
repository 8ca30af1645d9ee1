/** The one place that knows which content learner belongs to which kind. */
import type { ContentLearner, ContentLearnerOptions } from './content-learner.js';
import type { ContentModel } from './content-model.js';
import { IncrementalContentLearner } from './incremental-content-learner.js';
import { LogisticContentLearner } from './logistic-content-learner.js';
import type { ModelType } from './model-type.js';

/** A learner that goes on from `parent`, whatever kind that is. */
export function createContentLearner(kind: ModelType, parent: ContentModel, options: ContentLearnerOptions): ContentLearner {
  return kind === 'INCREMENTAL' ? new IncrementalContentLearner(parent) : new LogisticContentLearner(parent, options);
}
