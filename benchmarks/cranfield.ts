/** Cranfield in traffic: simulated users search and click, the learner learns, and people's grades say how good the ranking gets. */
import { Analyser } from '../src/catalog-index/analyser.js';
import { CatalogIndex, type Candidates } from '../src/catalog-index/catalog-index.js';
import { pageClickProbabilities, type ShownTotals } from '../src/learning/click-probability.js';
import { priorExamination } from '../src/learning/examination.js';
import { explore } from '../src/learning/exploration.js';
import { computeFeatures } from '../src/learning/feature-set.js';
import { ndcg } from '../src/learning/metrics.js';
import { rankCandidates, type RankingInput } from '../src/learning/ranking.js';
import type { RankerModel } from '../src/learning/ranker-model.js';
import { seededRandom } from '../src/simulation/seeded-random.js';
import type { CranfieldData, JudgedQuery } from './cranfield-data.js';
import { clicksOf, type UserKind } from './simulated-users.js';
import { TrafficLearner } from './traffic-learner.js';

export const PAGE_SIZE = 10;
const LEARN_AFTER_SEARCHES = 10;
const EXPLORATION_RATE = 0.5;

/** 50,000 searches stand for 30 days. */
const SECONDS_BETWEEN_SEARCHES = (30 * 86_400) / 50_000;

/** Searches after which the ranking is judged. */
const MARKS = [1_000, 5_000, 20_000, 50_000];

interface PreparedQuery {
  judged: JudgedQuery;
  candidates: Candidates;
  input: RankingInput;
}

/** nDCG@10 by the number of searches before it. */
export type Marks = Record<string, number>;

export interface TrafficRun {
  inTraffic: Marks;
  /** Of queries that were never searched. */
  unseen: Marks;
  /** Mean nDCG@10 of the pages users were shown on the way. */
  shown: number;
}

export interface TrafficOptions {
  /** The fold whose queries are never searched. */
  fold: number;
  seed: number;
  searches: number;
  users: UserKind;
}

/** The catalogue and its queries with their candidates: computed once, for the catalogue does not change. */
export class CranfieldBenchmark {
  readonly folds: number[];
  private readonly queries: PreparedQuery[];

  constructor(data: CranfieldData) {
    const index = new CatalogIndex(new Analyser('english'));
    index.upsert(data.documents);
    this.queries = data.queries.map((judged) => {
      const candidates = index.candidates(judged.text);
      const { queryKey, documentIds, baseScores } = candidates;
      return { judged, candidates, input: { queryKey, documentIds, baseScores, features: computeFeatures(candidates) } };
    });
    this.folds = [...new Set(data.queries.map(({ fold }) => fold))].sort((a, b) => a - b);
  }

  /** The base ranker alone: nDCG@10, and the share of what was judged relevant among the first 50. */
  base(): { ndcg10: number; recall50: number } {
    return {
      ndcg10: mean(this.queries.map((query) => ndcgOf(query, query.candidates.documentIds))),
      recall50: mean(this.queries.map(({ judged, candidates }) => recall(judged, candidates.documentIds.slice(0, 50)))),
    };
  }

  traffic({ fold, seed, searches, users }: TrafficOptions): TrafficRun {
    const random = seededRandom(seed * 1000 + fold);
    const inTraffic = this.queries.filter(({ judged }) => judged.fold !== fold);
    const unseen = this.queries.filter(({ judged }) => judged.fold === fold);
    const learner = new TrafficLearner();
    const totals: ShownTotals = { clicks: 0, examinations: 0 };
    const run: TrafficRun = { inTraffic: {}, unseen: {}, shown: 0 };
    let shownSum = 0;

    for (let search = 1; search <= searches; search++) {
      const query = inTraffic[Math.floor(random() * inTraffic.length)]!;
      const ranking = rankCandidates(query.input, learner.model);
      const page = Array.from(ranking.order.subarray(0, PAGE_SIZE));
      const { drawnPair, swapped } = explore(page.length, learner.model === null ? 0 : EXPLORATION_RATE, random);
      if (swapped && drawnPair !== null) [page[drawnPair - 1], page[drawnPair]] = [page[drawnPair]!, page[drawnPair - 1]!];

      const documentIds = page.map((candidate) => query.input.documentIds[candidate]!);
      const clicks = clicksOf(users, documentIds.map((id) => query.judged.grades.get(id) ?? 0), random);
      const attractiveness = page.map((candidate) => ranking.attractiveness[candidate]!);
      const predicted = pageClickProbabilities(learner.model, { queryKey: query.input.queryKey, documentIds, attractiveness, firstPosition: 1 }, totals);
      learner.observe({ input: query.input, text: query.judged.text, page, clicks, predicted, drawnPair, shownAtSeconds: Math.floor(search * SECONDS_BETWEEN_SEARCHES) });
      clicks.forEach((clicked, index) => {
        totals.clicks += clicked ? 1 : 0;
        totals.examinations += priorExamination(index + 1);
      });
      shownSum += ndcgOf(query, documentIds);

      if (search % LEARN_AFTER_SEARCHES === 0) learner.learn();
      if (MARKS.includes(search)) {
        run.inTraffic[search] = judge(inTraffic, learner.model);
        run.unseen[search] = judge(unseen, learner.model);
      }
    }
    run.shown = shownSum / searches;
    return run;
  }
}

/** Mean nDCG@10 of what would be served without optimism and exploration: sorted by attractiveness alone, then as the base ranker does. */
function judge(queries: readonly PreparedQuery[], model: RankerModel | null): number {
  return mean(
    queries.map((query) => {
      const { attractiveness } = rankCandidates(query.input, model);
      const order = [...query.input.documentIds.keys()].sort((a, b) => attractiveness[b]! - attractiveness[a]!);
      return ndcgOf(query, order.slice(0, PAGE_SIZE).map((candidate) => query.input.documentIds[candidate]!));
    }),
  );
}

function ndcgOf({ judged }: PreparedQuery, documentIds: readonly string[]): number {
  const ranked = documentIds.slice(0, PAGE_SIZE).map((id) => judged.grades.get(id) ?? 0);
  return ndcg(ranked, PAGE_SIZE, [...judged.grades.values()]) ?? 0;
}

function recall({ grades }: JudgedQuery, documentIds: readonly string[]): number {
  return grades.size === 0 ? 0 : documentIds.filter((id) => grades.has(id)).length / grades.size;
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
