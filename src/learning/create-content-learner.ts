/** The one place that knows which content learner belongs to which kind. */
import type { ContentLearner, ContentLearnerOptions } from './content-learner.js';
import type { ContentModel } from './content-model.js';
import { LogisticContentLearner } from './logistic-content-learner.js';
import type { ModelType } from './model-type.js';

/** A learner that goes on from `parent`, whatever kind that is. Throws for a kind that cannot be trained. */
export function createContentLearner(kind: ModelType, parent: ContentModel, options: ContentLearnerOptions): ContentLearner {
  if (kind !== 'LOGISTIC') throw new RangeError(`no way to train a content model of kind ${kind}`);
  return new LogisticContentLearner(parent, options);
}
