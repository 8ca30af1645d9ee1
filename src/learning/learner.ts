/** Progressive validation: predict, score, then learn, in learning order. */
import { ClickMemory } from './click-memory.js';
import { ClickScorer } from './click-scorer.js';
import type { ContentLearner } from './content-learner.js';
import { startContentModel } from './content-model.js';
import { createContentLearner } from './create-content-learner.js';
import { PRIOR_EXAMINATION, type Examination } from './examination.js';
import { FEATURE_SET } from './feature-set.js';
import { assertBatchShape, ROW_KIND, type LearningBatch } from './learning-batch.js';
import type { CalibrationBin, ModelMetrics } from './metrics.js';
import type { ModelType, TrainingMode } from './model-type.js';
import type { RankerModel } from './ranker-model.js';
import { attractivenessOf } from './ranking.js';

/**
 * Newest samples that LOGISTIC is fitted on when nothing else is said. Some 40 % of them are drawn for the fit; 5,000 take
 * about .15 s of one core at the end of an online run, 20,000 about .8 s (twice that in a replay, which refits on its way).
 * A benchmark that refits after every 10 searches does well with 500 (15 ms).
 */
export const DEFAULT_WINDOW_SIZE: Readonly<Record<TrainingMode, number>> = { ONLINE: 5_000, OFFLINE: 20_000 };

export interface LearnerOptions {
  modelType: ModelType;
  mode: TrainingMode;
  /** The newest samples (kinds 0 and 1 together) that LOGISTIC is fitted on; DEFAULT_WINDOW_SIZE of the mode when left out. */
  windowSize?: number;
  /**
   * Learn in the parent's own memory instead of a copy: for simulations that learn thousands of times and keep no parent.
   * The parent must not serve any more.
   */
  takeParentMemory?: boolean;
}

export interface LearningResult {
  /** The challenger; every number of it is finite, whatever the samples were. */
  model: RankerModel;
  /** The challenger's predictions of each new sample before it learned that sample. */
  metrics: ModelMetrics;
  /** What was predicted for the same samples when they were shown. */
  servedMetrics: ModelMetrics;
  /** Reliability of the challenger's predictions. */
  calibrationBins: CalibrationBin[];
  /** New samples learned. */
  samples: number;
  /** False when a weight, memory entry or metric is not a finite number; promotion then refuses the model. */
  finite: boolean;
}

/**
 * Learns one run. ONLINE goes on from the parent (null: from nothing): memory is copied and goes on sample by sample, the
 * content model follows its kind. OFFLINE takes no parent: everything stored comes as new samples into a fresh memory.
 *
 * For each new sample, with the state before it: `p = θ_k·α` is scored, and `e = c ? 1 : θ_k(1−α)/(1−p)`, the
 * probability that it was looked at (Bayes' rule under the position-based model), weighs it in the content model. Replayed
 * samples use the probability stored when they were shown.
 *
 * Example: `const learner = new Learner(parent, { modelType: 'LOGISTIC', mode: 'ONLINE' }); learner.learn(batch);
 * const { model, metrics } = learner.finish();`
 * Progressive validation: Blum, Kalai, Langford, "Beating the hold-out", COLT 1999.
 */
export class Learner {
  readonly #kind: ModelType;
  readonly #memory: ClickMemory;
  readonly #examination: Examination;
  readonly #content: ContentLearner;
  readonly #scorer = new ClickScorer();
  readonly #servedScorer = new ClickScorer();
  #samples = 0;
  #finished = false;

  constructor(parent: RankerModel | null, options: LearnerOptions) {
    const { modelType, mode, takeParentMemory = false } = options;
    const from = mode === 'OFFLINE' ? null : parent;
    this.#kind = modelType;
    this.#memory = from === null ? new ClickMemory() : takeParentMemory && from.memory instanceof ClickMemory ? from.memory : from.memory.copy();
    this.#examination = from?.examination ?? PRIOR_EXAMINATION;
    const sameFeatures = from !== null && from.featureSetVersion === FEATURE_SET.version;
    this.#content = createContentLearner(modelType, sameFeatures ? from.content : startContentModel(modelType), {
      windowSize: options.windowSize ?? DEFAULT_WINDOW_SIZE[mode],
      refitOnTheWay: mode === 'OFFLINE',
    });
  }

  /** New samples learned so far. */
  get samples(): number {
    return this.#samples;
  }

  /** The challenger's mean loss so far (nats), null before the first new sample. */
  get logLoss(): number | null {
    return this.#scorer.logLoss();
  }

  /** Learns the rows of a batch in order. Throws only when its columns do not fit together. */
  learn(batch: LearningBatch): void {
    if (this.#finished) throw new Error('this learner has finished: its memory serves now');
    assertBatchShape(batch, FEATURE_SET.names.length);
    for (let row = 0; row < batch.kind.length; row++) {
      switch (batch.kind[row]) {
        case ROW_KIND.newSample:
          this.#learnSample(batch, row);
          break;
        case ROW_KIND.replayedSample:
          this.#replaySample(batch, row);
          break;
        case ROW_KIND.lateClick:
          this.#correctLateClick(batch, row);
          break;
        default:
          throw new RangeError(`learning batch row ${row} is of unknown kind ${batch.kind[row]}`);
      }
    }
  }

  finish(): LearningResult {
    this.#finished = true;
    const content = this.#content.finish();
    const model: RankerModel = {
      kind: this.#kind,
      featureSetVersion: FEATURE_SET.version,
      content,
      memory: this.#memory,
      examination: this.#examination,
    };
    return {
      model,
      metrics: this.#scorer.metrics(),
      servedMetrics: this.#servedScorer.metrics(),
      calibrationBins: this.#scorer.calibrationBins(),
      samples: this.#samples,
      finite: this.#scorer.isFinite() && content.isFinite() && this.#memory.isFinite() && this.#examination.isFinite(),
    };
  }

  #learnSample(batch: LearningBatch, row: number): void {
    const low = batch.pairKeys[2 * row]!;
    const high = batch.pairKeys[2 * row + 1]!;
    const clicked = batch.labels[row]! > 0;
    const theta = this.#examination.at(batch.positions[row]!);
    const slot = this.#memory.find(low, high);
    const clicks = slot < 0 ? 0 : this.#memory.clicksAt(slot);
    const examinations = slot < 0 ? 0 : this.#memory.examinationsAt(slot);
    const alpha = attractivenessOf(this.#content.attractiveness(batch.features, row), clicks, examinations);
    const predicted = theta * alpha;
    this.#scorer.add(predicted, clicked);
    this.#servedScorer.add(batch.predicted[row]!, clicked);

    const examined = clicked ? 1 : (theta * (1 - alpha)) / (1 - predicted);
    this.#memory.observe(low, high, clicked, theta, batch.shownAtSeconds[row]!);
    this.#content.learn(batch.features, row, clicked, examined, batch.sampleHash[row]!);
    this.#samples++;
  }

  #replaySample(batch: LearningBatch, row: number): void {
    const clicked = batch.labels[row]! > 0;
    const theta = this.#examination.at(batch.positions[row]!);
    const predicted = batch.predicted[row]!;
    const examined = clicked ? 1 : Math.min(1, Math.max(0, (theta - predicted) / (1 - predicted)));
    this.#content.learn(batch.features, row, clicked, examined, batch.sampleHash[row]!);
  }

  #correctLateClick(batch: LearningBatch, row: number): void {
    const low = batch.pairKeys[2 * row]!;
    const high = batch.pairKeys[2 * row + 1]!;
    const slot = this.#memory.find(low, high);
    const theta = this.#examination.at(batch.positions[row]!);
    const clicks = slot < 0 ? 0 : this.#memory.clicksAt(slot);
    const examinations = slot < 0 ? 0 : this.#memory.examinationsAt(slot);
    const alpha = attractivenessOf(this.#content.attractiveness(batch.features, row), clicks, examinations);
    this.#content.correctLateClick(batch.features, row, (theta * (1 - alpha)) / (1 - theta * alpha));
    this.#memory.correctLateClick(low, high);
  }
}
