/** The proof on users: how often equal rankings are told apart, how soon unequal ones are, and the alarm on cold searches. */
import type { CatalogDocument } from '../../src/catalog-index/catalog-index.js';
import { rankCandidates } from '../../src/learning/ranking.js';
import { namedRandom } from '../../src/simulation/seeded-random.js';
import { simulatedUser, type UserKind } from '../../src/simulation/simulated-user.js';
import { gradesOf, PAGE_SIZE, shuffled, type PreparedQuery } from '../cranfield-queries.js';
import { contestOf, searchesOf, untilAlarm, untilProven, winsAt, type Contest, type Search } from './contest.js';
import { byBodyLength, flipped, normal, unchanged, type ContentVariant } from './ruined-models.js';
import { figuresOf, medianReached, printMedians, printShares, shareWhere, type MedianRow, type Share, type ShareRow } from './shares.js';
import type { WarmState } from './warm-state.js';

/** Comparisons of a pair, and cold searches, at most. */
const COMPARISONS = 1_000;
const COLD_SEARCHES = 5_000;
const EQUAL_PAIRS = 500;
const COLD_RUNS = 250;
/** Runs of each honest or ruined ranking from each state. */
const RUNS_OF_STATE = 5;
/** Rankings of equal worth that a query has: the base scores with noise of some deviations, so many times. */
const EQUAL_RANKINGS = 4;
const NOISE = 1;

export interface ProofStepFigures {
  shares: Record<string, Share>;
  /** Searches at the median; null where more than half of the runs never came to it. */
  medians: Record<string, number | null>;
}

export interface ProofStepOptions {
  queries: readonly PreparedQuery[];
  documents: readonly CatalogDocument[];
  states: readonly WarmState[];
  seed: number;
  users: UserKind;
}

/** Makes the searches of two rankings from a stream of random numbers. */
type Drawing = (random: () => number) => Search;

export function measureProofStep(options: ProofStepOptions): ProofStepFigures {
  const { documents, states, seed, users } = options;
  const between = (contests: readonly Contest[]): Drawing => (random) => searchesOf(contests, simulatedUser(users, random), random);
  const equal = equalRankings(options);
  const runs = <T>(name: string, count: number, drawing: Drawing, run: (search: Search) => T): T[] => {
    const random = namedRandom(seed, `proof, ${name}`);
    return Array.from({ length: count }, () => run(drawing(random)));
  };
  const ofStates = <T>(name: string, contests: (state: WarmState) => Contest[], run: (search: Search) => T): T[] =>
    states.flatMap((state) => runs(`${name} ${state.seed} ${state.fold} ${state.searches}`, RUNS_OF_STATE, between(contests(state)), run));
  const prove = (search: Search): ReturnType<typeof untilProven> => untilProven(search, COMPARISONS);
  const alarm = (search: Search): number | null => untilAlarm(search, COLD_SEARCHES);

  const equalPairs = runs('equal pairs', EQUAL_PAIRS, equal, prove);
  const coins = runs('coins', EQUAL_PAIRS, winsAt(0.5), prove);
  const rates = [0.6, 0.7].map((rate) => runs(`win rate ${rate}`, EQUAL_PAIRS, winsAt(rate), (search) => untilProven(search, 5 * COMPARISONS).after));
  const honest = ofStates('honest', inTraffic, prove);
  const honestUnseen = ofStates('honest, unseen', unseenBy(unchanged), prove);
  const flippedUnseen = ofStates('flipped, unseen', unseenBy(flipped), prove);
  const coldEqual = runs('cold, equal', COLD_RUNS, equal, alarm);
  const coldHonest = ofStates('cold, honest', unseenBy(unchanged), alarm);
  const coldFlipped = ofStates('cold, flipped', unseenBy(flipped), alarm);
  const coldLength = ofStates('cold, body length', unseenBy((state) => byBodyLength(state, documents)), alarm);
  const coldShuffled = ofStates('cold, shuffled', shuffledPages, alarm);

  const never = { atMost: 0.03 };
  const rows: ShareRow[] = [
    { key: 'equalToldApart', name: `equal rankings told apart in ${COMPARISONS.toLocaleString('en')} searches`, share: shareWhere(equalPairs, ({ after }) => after !== null), target: { atMost: 0.05 } },
    { key: 'coinsToldApart', name: 'the same of coins, which are never tied', share: shareWhere(coins, ({ after }) => after !== null), target: { atMost: 0.05 } },
    { key: 'equalRolledBack', name: 'equal rankings rolled back', share: shareWhere(equalPairs, isRolledBack), target: never },
    { key: 'honestRolledBack', name: 'honest ranking rolled back', share: shareWhere(honest, isRolledBack), target: never },
    { key: 'honestUnseenRolledBack', name: 'honest ranking, unseen queries, rolled back', share: shareWhere(honestUnseen, isRolledBack), target: never },
    { key: 'flippedRolledBack', name: 'flipped g, unseen queries, rolled back', share: shareWhere(flippedUnseen, isRolledBack) },
    { key: 'coldAlarmEqual', name: `cold alarm in ${COLD_SEARCHES.toLocaleString('en')}: equal rankings`, share: shareWhere(coldEqual, isRaised), target: { atMost: 0.025 } },
    { key: 'coldAlarmHonest', name: `cold alarm in ${COLD_SEARCHES.toLocaleString('en')}: honest g`, share: shareWhere(coldHonest, isRaised), target: { atMost: 0.025 } },
    { key: 'coldAlarmFlipped', name: `cold alarm in ${COLD_SEARCHES.toLocaleString('en')}: flipped g`, share: shareWhere(coldFlipped, isRaised), target: { atLeast: 1 } },
  ];
  const medians: MedianRow[] = [
    { key: 'winRate60', name: 'win rate .6 is seen', values: rates[0]!, target: 251 },
    { key: 'winRate70', name: 'win rate .7 is seen', values: rates[1]!, target: 48 },
    { key: 'honestBetter', name: 'honest ranking is seen to be better', values: honest.map(({ verdict, after }) => (verdict === 'BETTER' ? after : null)) },
    { key: 'flippedRolledBack', name: 'flipped g, unseen queries, is rolled back', values: flippedUnseen.map((reached) => (isRolledBack(reached) ? reached.after : null)) },
    { key: 'coldAlarmFlipped', name: 'cold alarm, flipped g', values: coldFlipped, target: 130 },
    { key: 'coldAlarmBodyLength', name: 'cold alarm, body length only', values: coldLength },
    { key: 'coldAlarmShuffled', name: 'cold alarm, first page shuffled', values: coldShuffled },
  ];
  printShares('5. Proof on users: rankings interleaved', rows);
  printMedians('   Searches, at the median, until', medians);
  return { shares: figuresOf(rows), medians: Object.fromEntries(medians.map(({ key, values }) => [key, medianReached(values)])) };
}

function isRolledBack({ verdict }: { verdict: string }): boolean {
  return verdict === 'WORSE';
}

function isRaised(after: number | null): boolean {
  return after !== null;
}

function inTraffic({ queries, rankingOf }: WarmState): Contest[] {
  return queries.map((query) => contestOf(query, rankingOf(query).order));
}

/** Queries that were never searched: the content model ranks alone. */
function unseenBy(variant: (state: WarmState) => ContentVariant): (state: WarmState) => Contest[] {
  return (state) => {
    const { model, inputOf } = variant(state);
    return state.unseen.map((query) => contestOf(query, rankCandidates(inputOf(query.input), model).order));
  };
}

/** The base ranker's first page in random order. */
function shuffledPages({ unseen, seed, fold }: WarmState): Contest[] {
  const random = namedRandom(seed, `proof, fold ${fold}, shuffled pages`);
  return unseen.map((query) => {
    const order = Uint32Array.from(query.input.documentIds.keys());
    order.set(shuffled([...order.subarray(0, PAGE_SIZE)], random));
    return contestOf(query, order);
  });
}

/** Two rankings that only chance tells apart: which of them is called learned is drawn anew for every search. */
function equalRankings({ queries, seed, users }: ProofStepOptions): Drawing {
  const noise = namedRandom(seed, 'proof, equal rankings');
  const contests = queries.map((query) => {
    const orders = Array.from({ length: EQUAL_RANKINGS }, () => noisyOrder(query.input.baseScores, noise));
    return orders.map((learned, i) => ({ learned, base: orders[(i + 1) % EQUAL_RANKINGS]!, grades: gradesOf(query, query.input.documentIds) }));
  });
  const bothWays = contests.flat().flatMap((contest) => [contest, { ...contest, learned: contest.base, base: contest.learned }]);
  return (random) => searchesOf(bothWays, simulatedUser(users, random), random);
}

function noisyOrder(scores: Float64Array, random: () => number): Uint32Array {
  const noisy = scores.map((score) => score + NOISE * normal(random));
  return Uint32Array.from(scores.keys()).sort((a, b) => noisy[b]! - noisy[a]!);
}
