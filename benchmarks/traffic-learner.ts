/** Learns simulated pages as online runs do: from what is new. */
import type { ContentLearner } from '../src/learning/content-learner.js';
import { ROW_KIND } from '../src/learning/learning-batch.js';
import { Learner, type LearningResult } from '../src/learning/learner.js';
import type { ModelType } from '../src/learning/model-type.js';
import type { RankerModel } from '../src/learning/ranker-model.js';
import { batchOf, type NumberedPage, type TrafficPage } from './traffic-batch.js';

/** Samples LOGISTIC is refitted on at every step; a server's online run takes more, but runs more seldom. */
const WINDOW_SAMPLES = 500;

export class TrafficLearner {
  /** What serves; null until something has been learned. */
  model: RankerModel | null = null;
  readonly #modelType: ModelType;
  readonly #content: ContentLearner | undefined;
  /** Pages learned before, newest last: what LOGISTIC is refitted on. */
  #window: NumberedPage[] = [];
  #fresh: NumberedPage[] = [];
  #pages = 0;

  constructor({ modelType = 'INCREMENTAL', content }: { modelType?: ModelType; content?: ContentLearner } = {}) {
    this.#modelType = modelType;
    this.#content = content;
  }

  observe(page: TrafficPage): void {
    this.#fresh.push({ ...page, number: this.#pages++ });
  }

  /** Learns each page shown since the last time once; the model that results serves from now on. */
  learn(): LearningResult {
    const replayed = this.#modelType === 'LOGISTIC' ? this.#window : [];
    const learner = new Learner(this.model, {
      modelType: this.#modelType,
      mode: 'ONLINE',
      windowSize: WINDOW_SAMPLES,
      takeParentState: true,
      ...(this.#content && { content: this.#content }),
    });
    if (replayed.length > 0) learner.learn(batchOf(replayed, ROW_KIND.replayedSample));
    learner.learn(batchOf(this.#fresh, ROW_KIND.newSample));
    const result = learner.finish();
    if (!result.finite) throw new Error('the learner made a model that is not finite');
    this.model = result.model;
    this.#window = [...this.#window, ...this.#fresh].slice(-WINDOW_SAMPLES / 10);
    this.#fresh = [];
    return result;
  }
}
