/** How a content model learns: one interface for the batch kind and the incremental kind. */
import type { ContentModel } from './content-model.js';

/** One lineage's content model while a run goes on. Rows come in learning order; none of these throws on spoiled values. */
export interface ContentLearner {
  /** g of a row by the present state: what a prediction before learning it uses. */
  attractiveness(features: Float32Array, row: number): number;
  /**
   * One sample. `examined` is e, the probability that it was looked at (1 for a click); `sampleHash` a uniform uint32 of
   * its id, for a learner that cannot weight samples and must draw them.
   */
  learn(features: Float32Array, row: number, clicked: boolean, examined: number, sampleHash: number): void;
  /** A late click on a sample learned before as not clicked, then looked at with probability `examined`. */
  correctLateClick(features: Float32Array, row: number, examined: number): void;
  /** What serves after this run. */
  finish(): ContentModel;
}

export interface ContentLearnerOptions {
  /** The newest samples that LOGISTIC is fitted on, at most. */
  windowSize: number;
  /** LOGISTIC: also refit on the way, each time the samples have doubled (a replay, whose predictions would else be untrained to the end). */
  refitOnTheWay: boolean;
}
