/** Cranfield in traffic: simulated users search and click, the learner learns, and people's grades say how good the ranking gets. */
import type { ShownTotals } from '../src/learning/click-probability.js';
import { rankCandidates } from '../src/learning/ranking.js';
import type { RankerModel } from '../src/learning/ranker-model.js';
import { seededRandom } from '../src/simulation/seeded-random.js';
import { simulatedUser, steepnessOf, type UserKind } from '../src/simulation/simulated-user.js';
import type { CranfieldData } from './cranfield-data.js';
import { driftedQueries, foldsOf, mean, ndcgOf, PAGE_SIZE, prepareQueries, type PreparedQuery } from './cranfield-queries.js';
import { TrafficLearner } from './traffic-learner.js';
import { showPage } from './traffic-page.js';

const LEARN_AFTER_SEARCHES = 10;

/** Searches after which the ranking is judged. */
const MARKS = [1_000, 5_000, 20_000, 50_000];

/** Places whose examination is held against the users'. */
const EXAMINED_PLACES = 5;

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
  proofRate: number;
  /** After so many searches the users' taste changes; null: it does not. The ranking is then judged at this mark and at the end, too. */
  driftAfter: number | null;
}

export class CranfieldBenchmark {
  readonly folds: number[];
  private readonly queries: PreparedQuery[];

  constructor(data: CranfieldData) {
    this.queries = prepareQueries(data);
    this.folds = foldsOf(this.queries);
  }

  /** The base ranker alone: nDCG@10, and the share of what was judged relevant among the first 50. */
  base(): { ndcg10: number; recall50: number } {
    return {
      ndcg10: this.baseOf(null),
      recall50: mean(this.queries.map((query) => recall(query, query.input.documentIds.slice(0, 50)))),
    };
  }

  /** nDCG@10 of the base ranker on a fold's queries; null: on all. */
  baseOf(fold: number | null): number {
    return mean(this.queries.filter(({ judged }) => fold === null || judged.fold === fold).map((query) => ndcgOf(query, query.input.documentIds)));
  }

  traffic({ fold, seed, searches, users, explorationRate, proofRate, driftAfter }: TrafficOptions): TrafficRun {
    const random = seededRandom(seed * 1000 + fold);
    let inTraffic = this.queries.filter(({ judged }) => judged.fold !== fold);
    const unseen = this.queries.filter(({ judged }) => judged.fold === fold);
    const visit = simulatedUser(users, random);
    const learner = new TrafficLearner();
    const totals: ShownTotals = { clicks: 0, examinations: 0 };
    const run: TrafficRun = { inTraffic: {}, unseen: {}, shown: 0, examinationError: null };
    let shownSum = 0;

    for (let search = 1; search <= searches; search++) {
      const query = inTraffic[Math.floor(random() * inTraffic.length)]!;
      const page = showPage(query, { model: learner.model, visit, random, explorationRate, proofRate, totals, search });
      learner.observe(page);
      shownSum += ndcgOf(query, page.documentIds);

      if (search % LEARN_AFTER_SEARCHES === 0) learner.learn();
      if (MARKS.includes(search) || (driftAfter !== null && (search === driftAfter || search === searches))) {
        run.inTraffic[search] = judge(inTraffic, learner.model);
        run.unseen[search] = judge(unseen, learner.model);
      }
      if (search === driftAfter) inTraffic = driftedQueries(inTraffic, random);
    }
    run.shown = shownSum / searches;
    run.examinationError = examinationError(learner.model, users);
    return run;
  }
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

function recall({ judged: { grades } }: PreparedQuery, documentIds: readonly string[]): number {
  return grades.size === 0 ? 0 : documentIds.filter((id) => grades.has(id)).length / grades.size;
}
