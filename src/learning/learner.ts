/** Progressive validation: predict, score, then learn, in learning order. */
import { AnchorSamples, type AnchorEvidence } from './anchor-samples.js';
import { BatchCheckSums, type BatchEvidence } from './batch-check.js';
import { ClickMemory } from './click-memory.js';
import { modelProbability } from './click-probability.js';
import { ClickScorer } from './click-scorer.js';
import type { ContentLearner } from './content-learner.js';
import { startContentModel } from './content-model.js';
import { createContentLearner } from './create-content-learner.js';
import { PRIOR_EXAMINATION } from './examination.js';
import { ExaminationLearner } from './examination-learner.js';
import { FEATURE_SET } from './feature-set.js';
import { KnownQueries } from './known-queries.js';
import { assertBatchShape, DRAWN_PAIR, ROW_KIND, type LearningBatch } from './learning-batch.js';
import type { CalibrationBin, ModelMetrics } from './metrics.js';
import type { ModelType, TrainingMode } from './model-type.js';
import { PredictionCells } from './prediction-cells.js';
import type { RankerModel } from './ranker-model.js';
import { attractivenessOf, storedAttractiveness } from './ranking.js';

/**
 * Newest samples that LOGISTIC is fitted on when nothing else is said. Some 40 % of them are drawn for the fit; 5,000 take
 * about .15 s of one core at the end of an online run, 20,000 about .8 s (half as much again in a replay, which refits on its way).
 * A benchmark that refits after every 10 searches does well with 500 (15 ms).
 */
export const DEFAULT_WINDOW_SIZE: Readonly<Record<TrainingMode, number>> = { ONLINE: 5_000, OFFLINE: 20_000 };

/** Rows whose memory and cells are read ahead: few enough to stay in the first caches. */
const TOUCHED_ROWS = 32;

export interface LearnerOptions {
  modelType: ModelType;
  mode: TrainingMode;
  /** The newest samples (kinds 0 and 1 together) that LOGISTIC is fitted on; DEFAULT_WINDOW_SIZE of the mode when left out. */
  windowSize?: number;
  /** What serves while an offline run replays: compared on rows of kind anchorSample. An online run's champion is its parent, on replayed rows. */
  champion?: RankerModel | null;
  /** A content learner of the caller's own, for data whose attractiveness does not come from features; modelType is then its kind only. */
  content?: ContentLearner;
  /** Give up what the parent's content model has learned, and start it anew: the answer to an alarm. */
  resetContent?: boolean;
  /**
   * Learn in the parent's own memory and cells instead of copies: for simulations that learn thousands of times and keep no
   * parent. The parent must not serve any more.
   */
  takeParentState?: boolean;
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
  /** The clicks of what is new beside those predicted when it was shown; null for an offline run, which has nothing new. */
  batchEvidence: BatchEvidence | null;
  /** Champion and challenger on the newest samples that both have learned; null where there are none. */
  anchorEvidence: AnchorEvidence | null;
}

/**
 * Learns one run. ONLINE goes on from the parent (null: from nothing): its memory, examination and cells are copied and go on
 * sample by sample, the content model follows its kind. OFFLINE takes no parent: everything stored comes as new samples into
 * fresh ones.
 *
 * For each new sample, with the state before it: `p = θ_k·α`, made right by the prediction cells, is scored, and
 * `e = c ? 1 : θ_k(1−α)/(1−θ_k·α)`, the probability that it was looked at (Bayes' rule under the position-based model),
 * weighs it in the content model. Replayed samples use the probability stored when they were shown.
 *
 * Example: `const learner = new Learner(parent, { modelType: 'INCREMENTAL', mode: 'ONLINE' }); learner.learn(batch);
 * const { model, metrics } = learner.finish();`
 * Progressive validation: Blum, Kalai, Langford, "Beating the hold-out", COLT 1999.
 */
export class Learner {
  readonly #kind: ModelType;
  readonly #mode: TrainingMode;
  readonly #memory: ClickMemory;
  readonly #examination: ExaminationLearner;
  readonly #content: ContentLearner;
  readonly #cells: PredictionCells;
  readonly #knownQueries: KnownQueries;
  readonly #champion: RankerModel | null;
  readonly #anchors = new AnchorSamples(FEATURE_SET.names.length);
  readonly #batchCheck = new BatchCheckSums();
  readonly #scorer = new ClickScorer();
  readonly #servedScorer = new ClickScorer();
  // The search whose rows come just now: one look at the known queries for all of them.
  #searchText: string | undefined = undefined;
  #searchShownAt = 0;
  #searchLookedAt = 0;
  /** What was read ahead, kept so that no compiler leaves the reads out. */
  readonly #readAhead = new Uint32Array(1);
  #samples = 0;
  #finished = false;

  constructor(parent: RankerModel | null, options: LearnerOptions) {
    const { modelType, mode, takeParentState = false, resetContent = false } = options;
    const from = mode === 'OFFLINE' ? null : parent;
    const taken = takeParentState && from !== null;
    this.#kind = modelType;
    this.#mode = mode;
    this.#memory = taken && from.memory instanceof ClickMemory ? from.memory : (from?.memory.copy() ?? new ClickMemory());
    this.#cells = taken && from.cells instanceof PredictionCells ? from.cells : (from?.cells.copy() ?? new PredictionCells());
    this.#knownQueries = taken && from.knownQueries instanceof KnownQueries ? from.knownQueries : (from?.knownQueries.copy() ?? new KnownQueries());
    this.#examination = new ExaminationLearner(from?.examination ?? PRIOR_EXAMINATION);
    this.#champion = mode === 'OFFLINE' ? (options.champion ?? null) : from;
    // Weights of another feature set would be read against the wrong columns: they start anew, the rest goes on.
    const goesOn = from !== null && !resetContent && from.featureSetVersion === FEATURE_SET.version;
    const content = goesOn ? from.content : startContentModel(modelType);
    this.#content =
      options.content ??
      createContentLearner(modelType, content, { windowSize: options.windowSize ?? DEFAULT_WINDOW_SIZE[mode], refitOnTheWay: mode === 'OFFLINE' });
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
    const { kind } = batch;
    const predicted = new Float64Array(kind.length);
    for (let row = 0, touched = 0; row < kind.length; row++) {
      if (row === touched) touched = this.#touch(batch, row);
      switch (kind[row]) {
        case ROW_KIND.newSample: {
          let end = row + 1;
          while (end < touched && kind[end] === ROW_KIND.newSample) end++;
          this.#learnSamples(batch, row, end, predicted);
          row = end - 1;
          break;
        }
        case ROW_KIND.replayedSample:
          this.#replaySample(batch, row);
          break;
        case ROW_KIND.lateClick:
          this.#correctLateClick(batch, row);
          break;
        case ROW_KIND.anchorSample:
          if (this.#champion !== null) this.#anchors.add(batch, row, modelProbability(this.#champion, batch, row));
          break;
        default:
          throw new RangeError(`learning batch row ${row} is of unknown kind ${kind[row]}`);
      }
    }
    this.#score(batch, predicted);
  }

  /** Scores the new samples of a batch: loops of their own, for so much at once in one loop would be slower than its parts. */
  #score({ kind, labels, predicted: served, servedByBase }: LearningBatch, predicted: Float64Array): void {
    for (let row = 0; row < kind.length; row++) if (kind[row] === ROW_KIND.newSample) this.#scorer.add(predicted[row]!, labels[row]! > 0);
    for (let row = 0; row < kind.length; row++) if (kind[row] === ROW_KIND.newSample) this.#servedScorer.add(served[row]!, labels[row]! > 0);
    for (let row = 0; row < kind.length; row++) {
      if (kind[row] === ROW_KIND.newSample && servedByBase[row] === 0) this.#batchCheck.add(served[row]!, labels[row]! > 0);
    }
  }

  /** Memory and cells of the next rows, brought near in one go. @returns the first row after them */
  #touch({ pairKeys, cellHashes, kind }: LearningBatch, from: number): number {
    const memory = this.#memory;
    const cells = this.#cells;
    const end = Math.min(from + TOUCHED_ROWS, kind.length);
    let read = 0;
    for (let row = from; row < end; row++) read ^= memory.touch(pairKeys[2 * row]!, pairKeys[2 * row + 1]!) ^ cells.touch(cellHashes, row);
    this.#readAhead[0] = read;
    return end;
  }

  finish(): LearningResult {
    this.#finished = true;
    this.#endSearch();
    const content = this.#content.finish();
    const examination = this.#examination.finish();
    const model: RankerModel = {
      kind: this.#kind,
      featureSetVersion: FEATURE_SET.version,
      content,
      memory: this.#memory,
      examination,
      cells: this.#cells,
      knownQueries: this.#knownQueries,
    };
    // With the champion's examination: an honest one moves while few pairs were drawn, which no memory has to answer for.
    const compared = { ...model, examination: this.#champion?.examination ?? examination };
    const newSamples = this.#mode === 'OFFLINE' ? null : this.#samples;
    const anchorEvidence = this.#anchors.evidence(newSamples, (kept, row) => modelProbability(compared, kept, row));
    // Cells only count; what is loaded was checked.
    const parts = [this.#scorer, content, this.#memory, examination];
    return {
      model,
      metrics: this.#scorer.metrics(),
      servedMetrics: this.#servedScorer.metrics(),
      calibrationBins: this.#scorer.calibrationBins(),
      samples: this.#samples,
      finite: parts.every((part) => part.isFinite()),
      batchEvidence: this.#mode === 'ONLINE' ? this.#batchCheck.evidence() : null,
      anchorEvidence,
    };
  }

  /** New samples, from one row up to another; what was predicted before each was learned goes into `predicted`. */
  #learnSamples(batch: LearningBatch, from: number, end: number, predicted: Float64Array): void {
    // Read once: in this loop, which runs for every sample, each further read shows.
    const { pairKeys, features, cellHashes, labels, positions, shownAtSeconds, sampleHash, drawnPair, queries, queryIndices } = batch;
    const memory = this.#memory;
    const content = this.#content;
    const examination = this.#examination;
    for (let row = from; row < end; row++) {
      const low = pairKeys[2 * row]!;
      const high = pairKeys[2 * row + 1]!;
      const clicked = labels[row]! > 0;
      const position = positions[row]!;
      const theta = examination.at(position);
      const slot = memory.find(low, high);
      const clicks = slot < 0 ? 0 : memory.clicksAt(slot);
      const examinations = slot < 0 ? 0 : memory.examinationsAt(slot);
      const alpha = attractivenessOf(content.attractiveness(features, row), clicks, examinations);
      const probability = theta * alpha;
      predicted[row] = probability;
      const examined = clicked ? 1 : (theta * (1 - alpha)) / (1 - probability);
      memory.observeAt(slot, low, high, clicked, theta, shownAtSeconds[row]!);
      content.learn(features, row, clicked, examined, sampleHash[row]!);
      if (clicked && drawnPair[row] !== DRAWN_PAIR.none) examination.learnClick(position, drawnPair[row]!);
      this.#countLook(queries[queryIndices[row]!], shownAtSeconds[row]!, theta);
    }
    // In a loop of their own, since nothing above looks at them.
    this.#cells.observeRows(cellHashes, labels, predicted, from, end);
    this.#samples += end - from;
  }

  #replaySample(batch: LearningBatch, row: number): void {
    const clicked = batch.labels[row]! > 0;
    const theta = this.#examination.at(batch.positions[row]!);
    const predicted = batch.predicted[row]!;
    const examined = clicked ? 1 : Math.min(1, Math.max(0, (theta - predicted) / (1 - predicted)));
    if (this.#champion !== null) this.#anchors.add(batch, row, modelProbability(this.#champion, batch, row));
    // INCREMENTAL has learned it before; LOGISTIC is fitted on a window.
    if (this.#kind === 'LOGISTIC') this.#content.learn(batch.features, row, clicked, examined, batch.sampleHash[row]!);
  }

  #correctLateClick(batch: LearningBatch, row: number): void {
    const theta = this.#examination.at(batch.positions[row]!);
    const alpha = storedAttractiveness({ content: this.#content, memory: this.#memory }, batch, row);
    this.#content.correctLateClick(batch.features, row, (theta * (1 - alpha)) / (1 - theta * alpha));
    this.#memory.correctLateClick(batch.pairKeys[2 * row]!, batch.pairKeys[2 * row + 1]!);
    this.#cells.correctLateClick(batch.cellHashes, row);
    if (batch.servedByBase[row] === 0) this.#batchCheck.addLateClick(batch.predicted[row]!);
  }

  #countLook(text: string | undefined, shownAtSeconds: number, theta: number): void {
    if (text !== this.#searchText || shownAtSeconds !== this.#searchShownAt) {
      this.#endSearch();
      this.#searchText = text;
      this.#searchShownAt = shownAtSeconds;
    }
    this.#searchLookedAt += theta;
  }

  #endSearch(): void {
    if (this.#searchText !== undefined) this.#knownQueries.observe(this.#searchText, this.#searchLookedAt, this.#searchShownAt);
    this.#searchText = undefined;
    this.#searchLookedAt = 0;
  }
}
