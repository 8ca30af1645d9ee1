/** Turns simulated pages into the columns the learner reads, and learns as online runs do: from what is new, with a window replayed. */
import { FEATURE_SET } from '../src/learning/feature-set.js';
import { createLearningBatch, DRAWN_PAIR, ROW_KIND, type LearningBatch } from '../src/learning/learning-batch.js';
import { Learner } from '../src/learning/learner.js';
import { writePairKey } from '../src/learning/pair-key.js';
import type { RankerModel } from '../src/learning/ranker-model.js';
import type { RankingInput } from '../src/learning/ranking.js';

/** Samples the content model is refitted on at every step; a server's online run takes more, but runs more seldom. */
const WINDOW_SAMPLES = 500;

export interface ShownPage {
  input: RankingInput;
  /** Candidates in the order shown. */
  page: readonly number[];
  clicks: readonly boolean[];
  /** Click probabilities as they were when shown. */
  predicted: readonly number[];
  /** The upper place of the pair that was drawn, from 1. */
  drawnPair: number | null;
  shownAtSeconds: number;
}

type Sample = { [Column in keyof LearningBatch]: Column extends 'pairKeys' | 'features' ? ArrayLike<number> : number };

export class TrafficLearner {
  /** What serves; null until something has been learned. */
  model: RankerModel | null = null;
  /** Learned before, newest last. */
  private window: Sample[] = [];
  private fresh: Sample[] = [];
  private pages = 0;

  observe({ input, page, clicks, predicted, drawnPair, shownAtSeconds }: ShownPage): void {
    this.pages++;
    const width = FEATURE_SET.names.length;
    const keys = new Uint32Array(2);
    page.forEach((candidate, index) => {
      const pairKeys = new Uint32Array(2);
      writePairKey(input.queryKey, input.documentIds[candidate]!, pairKeys, 0);
      writePairKey(String(this.pages), String(index), keys, 0);
      this.fresh.push({
        kind: ROW_KIND.newSample,
        pairKeys,
        features: input.features.subarray(candidate * width, (candidate + 1) * width),
        positions: index + 1,
        labels: clicks[index] ? 1 : 0,
        shownAtSeconds,
        predicted: predicted[index]!,
        servedByBase: this.model === null ? 1 : 0,
        drawnPair: index + 1 === drawnPair ? DRAWN_PAIR.upper : index === drawnPair ? DRAWN_PAIR.lower : DRAWN_PAIR.none,
        sampleHash: keys[0]!,
      });
    });
  }

  /** Learns each sample shown since the last time once; the model that results serves from now on. */
  learn(): void {
    const replayed = this.window.slice(-(WINDOW_SAMPLES - this.fresh.length));
    const batch = batchOf([...replayed, ...this.fresh]);
    const learner = new Learner(this.model, { modelType: 'LOGISTIC', mode: 'ONLINE', windowSize: WINDOW_SAMPLES, takeParentMemory: true });
    learner.learn(batch);
    const { model, finite } = learner.finish();
    if (!finite) throw new Error('the learner made a model that is not finite');
    this.model = model;
    this.window = [...replayed, ...this.fresh.map((sample) => ({ ...sample, kind: ROW_KIND.replayedSample }))];
    this.fresh = [];
  }
}

function batchOf(samples: readonly Sample[]): LearningBatch {
  const batch = createLearningBatch(samples.length, FEATURE_SET.names.length);
  samples.forEach((sample, row) => {
    for (const column of Object.keys(batch) as (keyof LearningBatch)[]) {
      const value = sample[column];
      if (typeof value === 'number') batch[column][row] = value;
      else batch[column].set(value, row * value.length);
    }
  });
  return batch;
}
