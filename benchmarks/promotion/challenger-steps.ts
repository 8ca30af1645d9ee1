/** The steps that hold a challenger against the champion: are its numbers finite, and does it remember. */
import { AnchorSamples, type AnchorEvidence } from '../../src/learning/anchor-samples.js';
import { ClickMemory, type ClickMemoryColumns } from '../../src/learning/click-memory.js';
import { modelProbability } from '../../src/learning/click-probability.js';
import { createContentModel } from '../../src/learning/content-model.js';
import { FEATURE_SET } from '../../src/learning/feature-set.js';
import { ROW_KIND, type LearningBatch } from '../../src/learning/learning-batch.js';
import { Learner, type LearningResult } from '../../src/learning/learner.js';
import type { ModelType } from '../../src/learning/model-type.js';
import type { RankerModel } from '../../src/learning/ranker-model.js';
import { namedRandom } from '../../src/simulation/seeded-random.js';
import { PAGE_SIZE } from '../cranfield-queries.js';
import { batchOf } from '../traffic-batch.js';
import { isRefused } from './refusal.js';
import { figuresOf, printShares, shareWhere, type Share, type ShareRow, type Target } from './shares.js';
import { showPages, type Rates, type WarmState } from './warm-state.js';

/** Honest challengers of a state, each with new samples of its own, by their number. */
const CHALLENGERS = { 100: 5, 1_000: 5, 10_000: 1 } as const;
const ALWAYS: Target = { atLeast: 1 };
/** What no figure says, but nobody would want. */
const NEVER: Target = { atMost: 0.001 };

export function measureFinite(states: readonly WarmState[], rates: Rates): Record<string, Share> {
  const refused = (of: (state: WarmState, batch: LearningBatch) => LearningResult): Share =>
    shareWhere(states, (state) => isRefused({ finite: of(state, newBatch(state, 100, rates, 0)).finite }));
  const rows: ShareRow[] = [
    { key: 'honest', name: 'honest', share: refused((state, batch) => challenge(state.model, batch)), target: NEVER },
    { key: 'brokenFeatures', name: 'features of the samples are not numbers', share: refused((state, batch) => challenge(state.model, withFeatures(batch, NaN))), target: ALWAYS },
    { key: 'weightNotANumber', name: 'a weight is not a number', share: refused((state, batch) => challenge(withWeight(state.model, NaN), batch)), target: ALWAYS },
    { key: 'weightInfinite', name: 'a weight is infinite', share: refused((state, batch) => challenge(withWeight(state.model, Infinity), batch)), target: ALWAYS },
    { key: 'memoryNotANumber', name: 'a memory entry is not a number', share: refused((state, batch) => challenge(withSpoiledMemory(state.model), batch)), target: ALWAYS },
  ];
  printShares('1. Finite: challengers refused', rows);
  return figuresOf(rows);
}

export function measureAnchor(states: readonly WarmState[], rates: Rates): Record<string, Share> {
  const honest = (samples: keyof typeof CHALLENGERS): Share => {
    const evidence = states.flatMap((state) => Array.from({ length: CHALLENGERS[samples] }, (_, i) => challenge(state.model, newBatch(state, samples, rates, i), state.anchors).anchorEvidence));
    return shareWhere(evidence, (anchor) => isRefused({ anchor }));
  };
  const replayed = (modelType: ModelType): Share => shareWhere(states.flatMap((state) => replay(state, modelType)), (anchor) => isRefused({ anchor }));
  const against = (spoil: (state: WarmState) => RankerModel): Share => shareWhere(states, (state) => isRefused({ anchor: compare(state, spoil(state)) }));
  const rows: ShareRow[] = [
    { key: 'honest100', name: 'honest, 100 new samples', share: honest(100), target: NEVER },
    { key: 'honest1000', name: 'honest, 1,000 new samples', share: honest(1_000), target: NEVER },
    { key: 'honest10000', name: 'honest, 10,000 new samples', share: honest(10_000), target: NEVER },
    { key: 'honestIncrementalReplay', name: 'honest, everything anew, INCREMENTAL', share: replayed('INCREMENTAL'), target: NEVER },
    { key: 'honestLogisticReplay', name: 'honest, everything anew, LOGISTIC', share: replayed('LOGISTIC'), target: NEVER },
    { key: 'lostMemory', name: 'lost memory', share: against(({ model }) => ({ ...model, memory: new ClickMemory() })), target: ALWAYS },
    { key: 'lostHalf', name: 'lost half of the pairs', share: against((state) => ({ ...state.model, memory: halfOf(state) })) },
    { key: 'lostClicks', name: 'lost every click', share: against(({ model }) => ({ ...model, memory: changed(model, (columns) => columns.clicks.fill(0)) })) },
  ];
  printShares('3. Anchor: challengers refused', rows);
  return figuresOf(rows);
}

function challenge(parent: RankerModel, batch: LearningBatch, anchors?: LearningBatch): LearningResult {
  const learner = new Learner(parent, { modelType: 'INCREMENTAL', mode: 'ONLINE' });
  if (anchors !== undefined) learner.learn(anchors);
  learner.learn(batch);
  return learner.finish();
}

/** An offline run over everything learned so far: none where that was not kept. */
function replay({ model, history, anchors }: WarmState, modelType: ModelType): (AnchorEvidence | null)[] {
  if (history === null) return [];
  const learner = new Learner(null, { modelType, mode: 'OFFLINE', champion: model });
  for (const batch of history) learner.learn(batch);
  learner.learn({ ...anchors, kind: new Uint8Array(anchors.kind.length).fill(ROW_KIND.anchorSample) });
  return [learner.finish().anchorEvidence];
}

/** The same comparison as a run makes, both with the champion's examination, of a model that no run would make. */
function compare({ model, anchors }: WarmState, challenger: RankerModel): AnchorEvidence | null {
  const samples = new AnchorSamples(FEATURE_SET.names.length);
  for (let row = 0; row < anchors.kind.length; row++) samples.add(anchors, row, modelProbability(model, anchors, row));
  const compared = { ...challenger, examination: model.examination };
  return samples.evidence(0, (kept, row) => modelProbability(compared, kept, row));
}

function newBatch(state: WarmState, samples: number, rates: Rates, number: number): LearningBatch {
  const random = namedRandom(state.seed, `fold ${state.fold}, ${state.searches} searches, challenger ${number} of ${samples} samples`);
  const pages = showPages(state, state.queries, samples / PAGE_SIZE, random, rates);
  return batchOf(pages.map((page, i) => ({ ...page, number: state.searches + i })), ROW_KIND.newSample);
}

function withFeatures(batch: LearningBatch, value: number): LearningBatch {
  return { ...batch, features: new Float32Array(batch.features.length).fill(value) };
}

function withWeight(model: RankerModel, value: number): RankerModel {
  const weights = model.content.weights.slice();
  weights[1] = value;
  return { ...model, content: createContentModel(model.kind, weights, model.content.covariance) };
}

function withSpoiledMemory(model: RankerModel): RankerModel {
  return { ...model, memory: changed(model, (columns) => columns.clicks.fill(NaN, 0, 1)) };
}

function changed(model: RankerModel, change: (columns: ClickMemoryColumns) => void): ClickMemory {
  const columns = model.memory.toColumns();
  change(columns);
  return ClickMemory.fromColumns(columns);
}

function halfOf({ model, seed }: WarmState): ClickMemory {
  const random = namedRandom(seed, 'lost pairs');
  const columns = model.memory.toColumns();
  const kept = [...columns.clicks.keys()].filter(() => random() < 0.5);
  return ClickMemory.fromColumns({
    keys: Uint32Array.from(kept.flatMap((pair) => [columns.keys[2 * pair]!, columns.keys[2 * pair + 1]!])),
    clicks: Float32Array.from(kept, (pair) => columns.clicks[pair]!),
    examinations: Float32Array.from(kept, (pair) => columns.examinations[pair]!),
    updatedAtSeconds: Uint32Array.from(kept, (pair) => columns.updatedAtSeconds[pair]!),
  });
}
