/** Why a document ranks where it does: the figures behind its place, and the same in a sentence. */
import { ClickMemory } from './click-memory.js';
import { FEATURE_SET } from './feature-set.js';
import { ordinal } from './ordinal.js';
import { memoryWeightOf, rankCandidates, type RankingInput } from './ranking.js';
import type { RankerModel } from './ranker-model.js';

/** What one feature adds to the content model's score. */
export interface FeatureContribution {
  /** A name of FEATURE_SET, or "intercept", whose value is 1. */
  feature: string;
  /** As rounded for ranking; z-scores within the candidates, so about −6 … 6. */
  value: number;
  /** Logits per unit of the feature. */
  weight: number;
  /** weight × value, in logits. */
  contribution: number;
}

/** What a model knows of a document for a query; all finite, probabilities in [0, 1]. */
export interface LearnedExplanation {
  /** Their sum s gives g = σ(s). */
  contributions: FeatureContribution[];
  /** g: what the content model alone says of α. */
  contentAttractiveness: number;
  /** α = (C + 5g)/(E + 5): the probability of a click by somebody who looks. */
  attractiveness: number;
  /** E/(E + 5): the weight in α of the pair's own click rate C/E. */
  memoryWeight: number;
  /** 5/(E + 5): the weight in α of g. */
  contentWeight: number;
  /** score − α: what is added because little was looked at. */
  optimism: number;
}

/** One document's place, and what it comes from. Places count from 1 over all candidates. */
export interface DocumentExplanation {
  /** null without a model: the base ranker has learned nothing. */
  learned: LearnedExplanation | null;
  /** C, decayed clicks; 0 for a pair not known. */
  memoryClicks: number;
  /** E, decayed examinations (expected looks, by the positions shown at); 0 for a pair not known. */
  memoryExaminations: number;
  /** The value sorted by: α and the optimism, or the base score without a model. */
  score: number;
  baseScore: number;
  position: number;
  basePosition: number;
  /** The place by g alone: where it would stand if nothing were remembered of any document. */
  positionWithoutClicks: number;
  /** English, one or two sentences. */
  summary: string;
}

const NOTHING_REMEMBERED = new ClickMemory();

/**
 * Explains the place of one candidate; null when the document is none of them. All figures are those of rankCandidates,
 * asked twice: as the model is, and with an empty click memory.
 *
 * Example: a document with g = .2 that was clicked 9 times in 23 looks has α = (9 + 1)/28 = .357 and, ranked 14th by g, the
 * summary "Looked at about 23 times, clicked about 9 times, recent ones counting more; moves it from 14th to 2nd."
 */
export function explainDocument(input: RankingInput, model: RankerModel | null, documentId: string): DocumentExplanation | null {
  const candidate = input.documentIds.indexOf(documentId);
  if (candidate < 0) return null;
  const ranking = rankCandidates(input, model);
  const forgetful = model === null ? ranking : rankCandidates(input, { ...model, memory: NOTHING_REMEMBERED });
  const score = ranking.scores[candidate]!;
  const attractiveness = ranking.attractiveness[candidate]!;
  const memoryWeight = memoryWeightOf(ranking.memoryExaminations[candidate]!);
  const explanation: Omit<DocumentExplanation, 'summary'> = {
    learned:
      model === null
        ? null
        : {
            contributions: contributionsOf(model, input.features, candidate),
            contentAttractiveness: ranking.contentAttractiveness[candidate]!,
            attractiveness,
            memoryWeight,
            contentWeight: 1 - memoryWeight,
            optimism: score - attractiveness,
          },
    memoryClicks: ranking.memoryClicks[candidate]!,
    memoryExaminations: ranking.memoryExaminations[candidate]!,
    score,
    baseScore: input.baseScores[candidate]!,
    position: ranking.order.indexOf(candidate) + 1,
    basePosition: candidate + 1,
    positionWithoutClicks: forgetful.order.indexOf(candidate) + 1,
  };
  return { ...explanation, summary: summaryOf(explanation) };
}

function contributionsOf({ content }: RankerModel, features: Float32Array, candidate: number): FeatureContribution[] {
  const width = content.weights.length - 1;
  return Array.from(content.weights, (weight, column) => {
    const value = column === 0 ? 1 : features[candidate * width + column - 1]!;
    const feature = column === 0 ? 'intercept' : (FEATURE_SET.names[column - 1] ?? `feature_${column}`);
    return { feature, value, weight, contribution: weight * value };
  });
}

function summaryOf(explanation: Omit<DocumentExplanation, 'summary'>): string {
  const { learned, memoryExaminations, position, basePosition, positionWithoutClicks } = explanation;
  if (learned === null) return `Ranked by its text alone, which puts it ${ordinal(position)}: the base ranker has learned nothing from clicks.`;
  const evidence =
    memoryExaminations > 0
      ? `${remembered(explanation)}, recent ones counting more; ${movement(explanation, learned)}.`
      : `Nothing is known yet of clicks on it for this query; ${unknownMovement(explanation)}.`;
  return basePosition === positionWithoutClicks ? evidence : `${evidence} The base ranker alone has it ${ordinal(basePosition)}.`;
}

/** Expected looks may be fewer than the clicks: people scroll further than a position's average tells. */
function remembered({ memoryClicks, memoryExaminations }: Omit<DocumentExplanation, 'summary'>): string {
  const looks = `Looked at ${times(memoryExaminations)}`;
  if (memoryClicks === 0) return `${looks}, never clicked`;
  const moreClicks = Math.round(memoryClicks) > Math.round(memoryExaminations);
  return `${looks}${moreClicks ? ', as far as its places tell' : ''}, clicked ${times(memoryClicks)}`;
}

/** Decayed figures: never exact. */
function times(count: number): string {
  const whole = Math.round(count);
  return whole === 0 ? 'less than once' : whole === 1 ? 'about once' : `about ${whole} times`;
}

/** What the memory does, told apart from what it does to the others. */
function movement({ position, positionWithoutClicks }: Omit<DocumentExplanation, 'summary'>, learned: LearnedExplanation): string {
  const [from, to] = [ordinal(positionWithoutClicks), ordinal(position)];
  if (position === positionWithoutClicks) return `leaves it ${to}`;
  const speaksForIt = learned.attractiveness > learned.contentAttractiveness;
  if (position < positionWithoutClicks) return speaksForIt ? `moves it from ${from} to ${to}` : `others did worse, so it moves from ${from} to ${to}`;
  return speaksForIt ? `others did better, so it moves from ${from} down to ${to}` : `moves it from ${from} down to ${to}`;
}

function unknownMovement({ position, positionWithoutClicks }: Omit<DocumentExplanation, 'summary'>): string {
  const byText = `its text puts it ${ordinal(positionWithoutClicks)}`;
  return position === positionWithoutClicks ? byText : `${byText}, and what is known of others moves it to ${ordinal(position)}`;
}
