/** Turns simulated pages into the columns the learner reads, and learns as online runs do: from what is new. */
import type { ContentLearner } from '../src/learning/content-learner.js';
import { FEATURE_SET } from '../src/learning/feature-set.js';
import { createLearningBatch, DRAWN_PAIR, ROW_KIND, type LearningBatch } from '../src/learning/learning-batch.js';
import { Learner, type LearningResult } from '../src/learning/learner.js';
import type { ModelType } from '../src/learning/model-type.js';
import { pairKeysOf, writePairKey } from '../src/learning/pair-key.js';
import { cellHashesOf } from '../src/learning/prediction-cells.js';
import type { RankerModel } from '../src/learning/ranker-model.js';
import type { RankingInput } from '../src/learning/ranking.js';

/** Samples LOGISTIC is refitted on at every step; a server's online run takes more, but runs more seldom. */
const WINDOW_SAMPLES = 500;

export interface TrafficPage {
  input: RankingInput;
  /** The query as typed. */
  text: string;
  /** Candidates in the order shown. */
  page: readonly number[];
  clicks: readonly boolean[];
  /** Click probabilities as they were when shown. */
  predicted: ArrayLike<number>;
  /** The upper place of the pair that was drawn, from 1. */
  drawnPair: number | null;
  shownAtSeconds: number;
}

export class TrafficLearner {
  /** What serves; null until something has been learned. */
  model: RankerModel | null = null;
  readonly #modelType: ModelType;
  readonly #content: ContentLearner | undefined;
  /** Pages learned before, newest last: what LOGISTIC is refitted on. */
  #window: SeenPage[] = [];
  #fresh: SeenPage[] = [];
  #pages = 0;

  constructor({ modelType = 'INCREMENTAL', content }: { modelType?: ModelType; content?: ContentLearner } = {}) {
    this.#modelType = modelType;
    this.#content = content;
  }

  observe(page: TrafficPage): void {
    this.#fresh.push({ ...page, number: this.#pages++, servedByBase: this.model === null });
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

interface SeenPage extends TrafficPage {
  number: number;
  servedByBase: boolean;
}

function batchOf(pages: readonly SeenPage[], kind: number): LearningBatch {
  const width = FEATURE_SET.names.length;
  const batch = createLearningBatch(pages.reduce((sum, { page }) => sum + page.length, 0), width);
  const hash = new Uint32Array(2);
  let row = 0;
  pages.forEach(({ input, text, page, clicks, predicted, drawnPair, shownAtSeconds, number, servedByBase }, index) => {
    const pairKeys = pairKeysOf(input.queryKey, page.map((candidate) => input.documentIds[candidate]!));
    batch.pairKeys.set(pairKeys, 2 * row);
    batch.cellHashes.set(cellHashesOf(pairKeys, 1), 2 * row);
    batch.queries.push(text);
    page.forEach((candidate, place) => {
      batch.kind[row] = kind;
      batch.features.set(input.features.subarray(candidate * width, (candidate + 1) * width), row * width);
      batch.positions[row] = place + 1;
      batch.labels[row] = clicks[place] ? 1 : 0;
      batch.shownAtSeconds[row] = shownAtSeconds;
      batch.predicted[row] = predicted[place]!;
      batch.servedByBase[row] = servedByBase ? 1 : 0;
      batch.drawnPair[row] = place + 1 === drawnPair ? DRAWN_PAIR.upper : place === drawnPair ? DRAWN_PAIR.lower : DRAWN_PAIR.none;
      writePairKey(String(number), String(place), hash, 0);
      batch.sampleHash[row] = hash[0]!;
      batch.queryIndices[row] = index;
      row++;
    });
  });
  return batch;
}
