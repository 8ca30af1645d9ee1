/** One simulated search: a page as the server makes it, and what a user clicks on it. */
import { pageClickProbabilities, type ShownTotals } from '../src/learning/click-probability.js';
import { priorExamination } from '../src/learning/examination.js';
import { explore } from '../src/learning/exploration.js';
import { interleave, type Team } from '../src/learning/interleaving.js';
import { isCold } from '../src/learning/proof.js';
import type { RankerModel } from '../src/learning/ranker-model.js';
import { rankCandidates, type Ranking } from '../src/learning/ranking.js';
import type { PageVisitor } from '../src/simulation/simulated-user.js';
import { gradesOf, PAGE_SIZE, type PreparedQuery } from './cranfield-queries.js';
import type { TrafficPage } from './traffic-batch.js';

/** 50,000 searches stand for 30 days. */
const SECONDS_BETWEEN_SEARCHES = (30 * 86_400) / 50_000;

export interface SearchConditions {
  /** What serves; null: the base ranker. */
  model: RankerModel | null;
  /** rankCandidates of the query by the model, where it is known already. */
  ranking?: Ranking;
  visit: PageVisitor;
  random: () => number;
  /** Share of searches in which a pair is drawn. */
  explorationRate: number;
  /** Share of searches interleaved with the base ranker. */
  proofRate: number;
  /** Everything shown before; this page is added. */
  totals: ShownTotals;
  /** The running number of the search, which is its time. */
  search: number;
}

export interface ShownPage extends TrafficPage {
  /** In the order shown. */
  documentIds: string[];
  /** Whose pick each place of an interleaved page is; null on others. */
  teams: Team[] | null;
  /** Whether the model's memory knew next to nothing of what an interleaved page shows. */
  cold: boolean;
}

/** Ranks, interleaves or explores, predicts, and lets the user look: in the order in which the server does it. */
export function showPage(query: PreparedQuery, conditions: SearchConditions): ShownPage {
  const { model, visit, random, explorationRate, proofRate, totals, search } = conditions;
  const { input, judged } = query;
  const ranking = conditions.ranking ?? rankCandidates(input, model);
  const drafted = model !== null && proofRate > 0 && random() < proofRate ? interleave(ranking.order, Uint32Array.from(ranking.order.keys()), PAGE_SIZE, random) : null;
  const page = Array.from(drafted?.order ?? ranking.order.subarray(0, PAGE_SIZE));
  const { drawnPair, swapped } = drafted ? { drawnPair: null, swapped: false } : explore(page.length, model === null ? 0 : explorationRate, random);
  if (swapped && drawnPair !== null) [page[drawnPair - 1], page[drawnPair]] = [page[drawnPair]!, page[drawnPair - 1]!];

  const documentIds = page.map((candidate) => input.documentIds[candidate]!);
  const clicks = visit(gradesOf(query, documentIds));
  const attractiveness = page.map((candidate) => ranking.attractiveness[candidate]!);
  const predicted = pageClickProbabilities(model, { queryKey: input.queryKey, documentIds, attractiveness, firstPosition: 1 }, totals);
  clicks.forEach((clicked, place) => {
    totals.clicks += clicked ? 1 : 0;
    totals.examinations += priorExamination(place + 1);
  });
  return {
    input,
    text: judged.text,
    page,
    documentIds,
    clicks,
    predicted,
    drawnPair,
    shownAtSeconds: Math.floor(search * SECONDS_BETWEEN_SEARCHES),
    servedByBase: model === null,
    teams: drafted?.teams ?? null,
    cold: drafted !== null && isCold(page.reduce((sum, candidate) => sum + ranking.memoryExaminations[candidate]!, 0)),
  };
}
