/** Content models gone wrong, as a server would serve and judge them. */
import type { CatalogDocument } from '../../src/catalog-index/catalog-index.js';
import { createContentModel, START_WEIGHTS } from '../../src/learning/content-model.js';
import { computeFeatures, FEATURE_SET } from '../../src/learning/feature-set.js';
import type { RankerModel } from '../../src/learning/ranker-model.js';
import type { RankingInput } from '../../src/learning/ranking.js';
import { namedRandom } from '../../src/simulation/seeded-random.js';
import type { WarmState } from './warm-state.js';

/** A model, and what it takes for the features of candidates. */
export interface ContentVariant {
  model: RankerModel;
  inputOf: (input: RankingInput) => RankingInput;
}

export function unchanged({ model }: WarmState): ContentVariant {
  return { model, inputOf: (input) => input };
}

/** What it liked it dislikes. */
export function flipped({ model }: WarmState): ContentVariant {
  return weighted(model, ([intercept, ...others]) => [intercept!, ...others.map((weight) => -weight)]);
}

/** Likes everything alike: ties go by the base ranker's order. */
export function zeroed({ model }: WarmState): ContentVariant {
  return weighted(model, ([intercept, ...others]) => [intercept!, ...others.map(() => 0)]);
}

/** Long documents first: the one feature that counts is the length of the body. */
export function byBodyLength({ model }: WarmState, documents: readonly CatalogDocument[]): ContentVariant {
  const lengths = new Map(documents.map(({ id, body }) => [id, body.length]));
  return {
    ...weighted(model, () => [...START_WEIGHTS]),
    inputOf: (input) => {
      const ofBodies = Float64Array.from(input.documentIds, (id) => lengths.get(id) ?? 0);
      return { ...input, features: computeFeatures({ baseScores: ofBodies, feedbackScores: new Float64Array(ofBodies.length) }) };
    },
  };
}

/** w·x, which varies by about 1 among the candidates, with noise of its own for every query and document. */
export function withNoise({ model, seed, fold, searches }: WarmState, deviation: number): ContentVariant {
  const random = namedRandom(seed, `fold ${fold}, ${searches} searches, noise ${deviation}`);
  const width = FEATURE_SET.names.length;
  const [, ...weights] = model.content.weights;
  return {
    ...weighted(model, ([intercept, , ...others]) => [intercept!, 1, ...others.map(() => 0)]),
    inputOf: (input) => {
      const features = new Float32Array(input.features.length);
      for (let i = 0; i < features.length; i += width) {
        features[i] = weights.reduce((sum, weight, column) => sum + weight * input.features[i + column]!, 0) + deviation * normal(random);
      }
      return { ...input, features };
    },
  };
}

function weighted(model: RankerModel, change: (weights: readonly number[]) => number[]): ContentVariant {
  const weights = Float64Array.from(change([...model.content.weights]));
  return { model: { ...model, content: createContentModel(model.kind, weights, model.content.covariance) }, inputOf: (input) => input };
}

/** A draw from the standard normal distribution (Box and Muller, 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
