/** Samples that champion and challenger have both learned: a challenger that has lost its memory does worse on them. */
import { FEATURE_CLIP } from './feature-set.js';
import { sampleLoss } from './metrics.js';

/** The newest samples compared, at most and at least: with fewer nothing is said. */
export const ANCHOR_SAMPLES = 2_000;

export interface AnchorEvidence {
  samples: number;
  /** Samples that the challenger has learned since, on top of what the champion knows; null: it has learned everything anew. */
  newSamples: number | null;
  /** Mean losses of θ·α, in nats, both with the champion's θ. */
  championLogLoss: number;
  challengerLogLoss: number;
}

/**
 * Keeps the newest rows it is given, with the champion's loss on each; at the run's end the challenger is asked the same.
 * The prediction layer is left out on both sides, and both are asked with the champion's examination: what is to be noticed
 * is a memory that has been lost or spoiled. (With its own examination, which moves while few pairs were drawn, an honest
 * challenger did up to 2.5 % worse; so it does up to .8 %, and one that has learned 100 flipped samples 1.2 % or more.)
 */
export class AnchorSamples {
  readonly #width: number;
  // Made at the first row: many a run has none.
  #features = new Float32Array(0);
  #pairKeys = new Uint32Array(0);
  #positions = new Uint16Array(0);
  #labels = new Uint8Array(0);
  #championLosses = new Float64Array(0);
  #seen = 0;

  constructor(featureCount: number) {
    this.#width = featureCount;
  }

  /** A row with a spoiled feature is passed over: it would make both means say nothing. */
  add(sample: { features: Float32Array; pairKeys: Uint32Array; positions: Uint16Array; labels: Uint8Array }, row: number, championProbability: number): void {
    const features = sample.features.subarray(row * this.#width, (row + 1) * this.#width);
    if (!features.every((feature) => Math.abs(feature) <= FEATURE_CLIP)) return;
    if (this.#seen === 0) this.#allocate();
    const at = this.#seen++ % ANCHOR_SAMPLES;
    this.#features.set(features, at * this.#width);
    this.#pairKeys[2 * at] = sample.pairKeys[2 * row]!;
    this.#pairKeys[2 * at + 1] = sample.pairKeys[2 * row + 1]!;
    this.#positions[at] = sample.positions[row]!;
    this.#labels[at] = sample.labels[row]!;
    this.#championLosses[at] = sampleLoss(championProbability, sample.labels[row]! > 0);
  }

  /** null without samples; `newSamples` as in the evidence, `probability` is the challenger's α of a kept row, times the champion's θ. */
  evidence(newSamples: number | null, probability: (kept: { features: Float32Array; pairKeys: Uint32Array; positions: Uint16Array }, row: number) => number): AnchorEvidence | null {
    const samples = Math.min(this.#seen, ANCHOR_SAMPLES);
    if (samples === 0) return null;
    const kept = { features: this.#features, pairKeys: this.#pairKeys, positions: this.#positions };
    let champion = 0;
    let challenger = 0;
    for (let row = 0; row < samples; row++) {
      champion += this.#championLosses[row]!;
      challenger += sampleLoss(probability(kept, row), this.#labels[row]! > 0);
    }
    return { samples, newSamples, championLogLoss: champion / samples, challengerLogLoss: challenger / samples };
  }

  #allocate(): void {
    this.#features = new Float32Array(ANCHOR_SAMPLES * this.#width);
    this.#pairKeys = new Uint32Array(2 * ANCHOR_SAMPLES);
    this.#positions = new Uint16Array(ANCHOR_SAMPLES);
    this.#labels = new Uint8Array(ANCHOR_SAMPLES);
    this.#championLosses = new Float64Array(ANCHOR_SAMPLES);
  }
}
