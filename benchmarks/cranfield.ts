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
import { simulatedUser, steepnessOf, type UserKind } from '../src/simulation/simulated-user.js';
import type { CranfieldData, JudgedQuery } from './cranfield-data.js';
import { TrafficLearner } from './traffic-learner.js';

export const PAGE_SIZE = 10;
const LEARN_AFTER_SEARCHES = 10;

/** 50,000 searches stand for 30 days. */
const SECONDS_BETWEEN_SEARCHES = (30 * 86_400) / 50_000;

/** Searches after which the ranking is judged. */
const MARKS = [1_000, 5_000, 20_000, 50_000];

/** Of the queries, those whose taste changes in a drift, and the candidates among which their grades are permuted. */
const DRIFTING_SHARE = 0.3;
const DRIFTING_CANDIDATES = 100;

/** Places whose examination is held against the users'. */
const EXAMINED_PLACES = 5;

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
  /** The largest error of the learned examination on the first five places; null for users who do not go by position alone. */
  examinationError: number | null;
}

export interface TrafficOptions {
  /** The fold whose queries are never searched. */
  fold: number;
  seed: number;
  searches: number;
  users: UserKind;
  explorationRate: number;
  /** After so many searches the users' taste changes; null: it does not. The ranking is then judged at this mark and at the end, too. */
  driftAfter: number | null;
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
      ndcg10: this.baseOf(null),
      recall50: mean(this.queries.map(({ judged, candidates }) => recall(judged, candidates.documentIds.slice(0, 50)))),
    };
  }

  /** nDCG@10 of the base ranker on a fold's queries; null: on all. */
  baseOf(fold: number | null): number {
    return mean(this.queries.filter(({ judged }) => fold === null || judged.fold === fold).map((query) => ndcgOf(query, query.candidates.documentIds)));
  }

  traffic({ fold, seed, searches, users, explorationRate, driftAfter }: TrafficOptions): TrafficRun {
    const random = seededRandom(seed * 1000 + fold);
    const inTraffic = this.queries.filter(({ judged }) => judged.fold !== fold);
    const unseen = this.queries.filter(({ judged }) => judged.fold === fold);
    const visit = simulatedUser(users, random);
    const learner = new TrafficLearner();
    const totals: ShownTotals = { clicks: 0, examinations: 0 };
    const run: TrafficRun = { inTraffic: {}, unseen: {}, shown: 0, examinationError: null };
    let shownSum = 0;

    for (let search = 1; search <= searches; search++) {
      const place = Math.floor(random() * inTraffic.length);
      const query = inTraffic[place]!;
      const ranking = rankCandidates(query.input, learner.model);
      const page = Array.from(ranking.order.subarray(0, PAGE_SIZE));
      const { drawnPair, swapped } = explore(page.length, learner.model === null ? 0 : explorationRate, random);
      if (swapped && drawnPair !== null) [page[drawnPair - 1], page[drawnPair]] = [page[drawnPair]!, page[drawnPair - 1]!];

      const documentIds = page.map((candidate) => query.input.documentIds[candidate]!);
      const clicks = visit(documentIds.map((id) => query.judged.grades.get(id) ?? 0));
      const attractiveness = page.map((candidate) => ranking.attractiveness[candidate]!);
      const predicted = pageClickProbabilities(learner.model, { queryKey: query.input.queryKey, documentIds, attractiveness, firstPosition: 1 }, totals);
      learner.observe({ input: query.input, text: query.judged.text, page, clicks, predicted, drawnPair, shownAtSeconds: Math.floor(search * SECONDS_BETWEEN_SEARCHES) });
      clicks.forEach((clicked, index) => {
        totals.clicks += clicked ? 1 : 0;
        totals.examinations += priorExamination(index + 1);
      });
      shownSum += ndcgOf(query, documentIds);

      if (search % LEARN_AFTER_SEARCHES === 0) learner.learn();
      if (MARKS.includes(search) || (driftAfter !== null && (search === driftAfter || search === searches))) {
        run.inTraffic[search] = judge(inTraffic, learner.model);
        run.unseen[search] = judge(unseen, learner.model);
      }
      if (search === driftAfter) inTraffic.forEach((query, index) => random() < DRIFTING_SHARE && (inTraffic[index] = drifted(query, random)));
    }
    run.shown = shownSum / searches;
    run.examinationError = examinationError(learner.model, users);
    return run;
  }
}

/** The same query, liked otherwise: the grades of its first candidates permuted among them. The best order possible stays as good. */
function drifted(query: PreparedQuery, random: () => number): PreparedQuery {
  const first = query.candidates.documentIds.slice(0, DRIFTING_CANDIDATES);
  const shuffled = [...first];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  const grades = new Map(query.judged.grades);
  for (const id of first) grades.delete(id);
  first.forEach((id, i) => {
    const grade = query.judged.grades.get(shuffled[i]!);
    if (grade !== undefined) grades.set(id, grade);
  });
  return { ...query, judged: { ...query.judged, grades } };
}

function examinationError(model: RankerModel | null, users: UserKind): number | null {
  const steepness = steepnessOf(users);
  if (steepness === null || model === null) return null;
  const places = Array.from({ length: EXAMINED_PLACES }, (_, index) => index + 1);
  return Math.max(...places.map((place) => Math.abs(model.examination.at(place) - place ** -steepness)));
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
