/** What learning has come to after so many searches: from here many batches and spoiled models are tried, without learning it all again. */
import type { ShownTotals } from '../../src/learning/click-probability.js';
import { ROW_KIND, type LearningBatch } from '../../src/learning/learning-batch.js';
import type { RankerModel } from '../../src/learning/ranker-model.js';
import { rankCandidates, type Ranking } from '../../src/learning/ranking.js';
import { seededRandom } from '../../src/simulation/seeded-random.js';
import { simulatedUser, type UserKind } from '../../src/simulation/simulated-user.js';
import type { PreparedQuery } from '../cranfield-queries.js';
import { batchOf, type NumberedPage } from '../traffic-batch.js';
import { TrafficLearner } from '../traffic-learner.js';
import { showPage, type ShownPage } from '../traffic-page.js';

const LEARN_AFTER_SEARCHES = 10;
/** Pages whose samples champion and challenger are compared on. */
const ANCHOR_PAGES = 200;

export interface WarmState {
  seed: number;
  fold: number;
  users: UserKind;
  /** Searches learned. */
  searches: number;
  /** What serves; nothing else learns in it. */
  model: RankerModel;
  totals: Readonly<ShownTotals>;
  /** Queries that are searched. */
  queries: readonly PreparedQuery[];
  /** Queries that never were. */
  unseen: readonly PreparedQuery[];
  /** The newest 2,000 samples that the model has learned, to be replayed. */
  anchors: LearningBatch;
  /** Everything learned so far, to be learned anew; null where it was not kept. */
  history: readonly LearningBatch[] | null;
  /** How the model ranks a query's candidates. */
  rankingOf: (query: PreparedQuery) => Ranking;
}

/** Shares of searches in which a pair is drawn, and that are interleaved with the base ranker. */
export interface Rates {
  explorationRate: number;
  proofRate: number;
}

export interface WarmUpOptions extends Rates {
  queries: readonly PreparedQuery[];
  fold: number;
  seed: number;
  users: UserKind;
  /** Searches at which a state is kept, ascending. */
  marks: readonly number[];
  /** The mark whose state has its history; null: none has. */
  historyAt: number | null;
}

/** The states at each mark, of one run of honest users. */
export function warmUp({ queries, fold, seed, users, explorationRate, proofRate, marks, historyAt }: WarmUpOptions): WarmState[] {
  const random = seededRandom(seed * 1000 + fold);
  const visit = simulatedUser(users, random);
  const inTraffic = queries.filter(({ judged }) => judged.fold !== fold);
  const unseen = queries.filter(({ judged }) => judged.fold === fold);
  const learner = new TrafficLearner();
  const totals: ShownTotals = { clicks: 0, examinations: 0 };
  const states: WarmState[] = [];
  const history: LearningBatch[] = [];
  let newest: NumberedPage[] = [];
  for (let search = 1; search <= (marks.at(-1) ?? 0); search++) {
    const query = inTraffic[Math.floor(random() * inTraffic.length)]!;
    const page = showPage(query, { model: learner.model, visit, random, explorationRate, proofRate, totals, search });
    learner.observe(page);
    newest.push({ ...page, number: search });
    if (search % LEARN_AFTER_SEARCHES !== 0) continue;
    learner.learn();
    if (historyAt !== null && search <= historyAt) history.push(batchOf(newest.slice(-LEARN_AFTER_SEARCHES), ROW_KIND.newSample));
    newest = newest.slice(-ANCHOR_PAGES);
    if (!marks.includes(search) || learner.model === null) continue;
    const model = copyOf(learner.model);
    states.push({
      ...{ seed, fold, users, searches: search, model, queries: inTraffic, unseen },
      totals: { ...totals },
      anchors: batchOf(newest, ROW_KIND.replayedSample),
      history: search === historyAt ? history : null,
      rankingOf: cachedRankings(model),
    });
  }
  return states;
}

/** Searches that go on from a state while nothing is learned: pages of the queries given, which users of the state's kind look at. */
export function showPages(state: WarmState, queries: readonly PreparedQuery[], count: number, random: () => number, rates: Rates): ShownPage[] {
  const { model, users, searches, rankingOf } = state;
  const visit = simulatedUser(users, random);
  const totals = { ...state.totals };
  return Array.from({ length: count }, (_, i) => {
    const query = queries[Math.floor(random() * queries.length)]!;
    return showPage(query, { model, ranking: rankingOf(query), visit, random, totals, search: searches + i + 1, ...rates });
  });
}

/** The learner goes on in the memory and cells of what it made. */
function copyOf(model: RankerModel): RankerModel {
  return { ...model, memory: model.memory.copy(), cells: model.cells.copy(), knownQueries: model.knownQueries.copy() };
}

/** A ranking depends on the candidates alone: a query whose taste has drifted ranks as before. */
function cachedRankings(model: RankerModel): (query: PreparedQuery) => Ranking {
  const rankings = new Map<PreparedQuery['input'], Ranking>();
  return ({ input }) => {
    const known = rankings.get(input);
    if (known !== undefined) return known;
    const ranking = rankCandidates(input, model);
    rankings.set(input, ranking);
    return ranking;
  };
}
