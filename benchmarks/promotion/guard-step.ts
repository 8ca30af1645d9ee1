/** The memory-judged guard: content models that are honest, ruined, or a little worse, and which of them it refuses. */
import type { CatalogDocument } from '../../src/catalog-index/catalog-index.js';
import type { RankerModel } from '../../src/learning/ranker-model.js';
import { rankCandidates, type RankingInput } from '../../src/learning/ranking.js';
import { mean, ndcgOf } from '../cranfield-queries.js';
import { guardOf } from './guarded-learner.js';
import { isRefused } from './refusal.js';
import { byBodyLength, flipped, unchanged, withNoise, zeroed, type ContentVariant } from './ruined-models.js';
import { figuresOf, printShares, shareWhere, type Share, type ShareRow, type Target } from './shares.js';
import type { WarmState } from './warm-state.js';

/** Deviations of the noise that makes a content model a little worse, or much. */
const NOISE = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 1, 3];
/** 4 of 39,463; so few judgments show no more than this. */
const HARDLY_EVER: Target = { atMost: 0.001 };

interface Judged {
  refused: boolean;
  /** nDCG@10 by people's grades that g ranks worse than the base ranker, on the queries in traffic. */
  worse: number;
}

export function measureGuardStep(states: readonly WarmState[], documents: readonly CatalogDocument[]): Record<string, Share> {
  const judge = (variant: (state: WarmState) => ContentVariant): Judged[] => states.map((state) => judged(state, variant(state)));
  const noisy = NOISE.flatMap((deviation) => judge((state) => withNoise(state, deviation)));
  const between = (least: number, most: number): ShareRow['share'] => shareOfRefused(noisy.filter(({ worse }) => worse > least && worse <= most));
  const rowOf = (key: string, name: string, items: readonly Judged[], target: Target): ShareRow => ({ key, name, share: shareOfRefused(items), target, note: worseBy(items) });
  const rows: ShareRow[] = [
    rowOf('honest', 'honest', judge(unchanged), HARDLY_EVER),
    rowOf('flipped', 'flipped weights', judge(flipped), { atLeast: 1 }),
    rowOf('bodyLength', 'body length only', judge((state) => byBodyLength(state, documents)), { atLeast: 0.996 }),
    rowOf('zero', 'zero weights, which rank as the base ranker', judge(zeroed), HARDLY_EVER),
    { key: 'worseByOver06', name: 'noise, worse by > .06 nDCG', share: between(0.06, Infinity), target: { atLeast: 0.996 } },
    { key: 'worseBy03To06', name: 'noise, worse by .03 to .06', share: between(0.03, 0.06), target: { atLeast: 0.88 } },
    { key: 'worseBy0To03', name: 'noise, worse by 0 to .03', share: between(0, 0.03) },
  ];
  printShares('4. Guard: content models refused', rows);
  return figuresOf(rows);
}

function shareOfRefused(items: readonly Judged[]): Share {
  return shareWhere(items, ({ refused }) => refused);
}

function worseBy(items: readonly Judged[]): string {
  const difference = mean(items.map(({ worse }) => worse));
  return `nDCG@10 ${difference > 0 ? '−' : '+'}${Math.abs(difference).toFixed(3)}`;
}

function judged(state: WarmState, { model, inputOf }: ContentVariant): Judged {
  const inputs = new Map(state.queries.map(({ judged: { text }, input }) => [text, inputOf(input)]));
  const guard = guardOf(model, (text) => inputs.get(text)!);
  const differences = state.queries.map((query) => ndcgOf(query, query.input.documentIds) - ndcgOf(query, orderByContent(inputs.get(query.judged.text)!, model)));
  return { refused: isRefused({ guard }), worse: mean(differences) };
}

/** Documents by g alone, ties in the base order. */
function orderByContent(input: RankingInput, model: RankerModel): string[] {
  const { contentAttractiveness } = rankCandidates(input, model);
  return [...input.documentIds.keys()].sort((a, b) => contentAttractiveness[b]! - contentAttractiveness[a]!).map((candidate) => input.documentIds[candidate]!);
}
