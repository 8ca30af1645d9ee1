/** A whole path: users search, the server learns and judges what it has learned, run after run, and something may go wrong on the way. */
import type { ShownTotals } from '../../src/learning/click-probability.js';
import { namedRandom } from '../../src/simulation/seeded-random.js';
import { simulatedUser, type UserKind } from '../../src/simulation/simulated-user.js';
import { driftedQueries, ndcgOf, type PreparedQuery } from '../cranfield-queries.js';
import { showPage, type ShownPage } from '../traffic-page.js';
import { GuardedLearner, type RunOutcome } from './guarded-learner.js';
import type { Spoiling } from './spoiling.js';
import type { Rates } from './warm-state.js';

/** 100 samples, the default threshold. */
const SEARCHES_A_RUN = 10;
/** Runs between two judgments of the guard, which are dear: a content model changes slowly. */
const GUARD_EVERY = 5;

export interface PathOptions extends Rates {
  queries: readonly PreparedQuery[];
  seed: number;
  fold: number;
  users: UserKind;
  searches: number;
  /** What changes half way; null: nothing does. */
  change: 'drift' | Spoiling | null;
}

export interface PathRun extends RunOutcome {
  /** Searches before it. */
  after: number;
}

export interface Path {
  runs: PathRun[];
  /** nDCG@10 of each page shown, by people's grades of its time. */
  shown: Float64Array;
}

export function runPath({ queries, seed, fold, users, searches, change, explorationRate, proofRate }: PathOptions): Path {
  // The first half is the same whatever changes then.
  const random = namedRandom(seed, `path, fold ${fold}, users ${users}`);
  const visit = simulatedUser(users, random);
  const byText = new Map(queries.map(({ judged, input }) => [judged.text, input]));
  const learner = new GuardedLearner({ candidatesOf: (text) => byText.get(text)!, guardEvery: GUARD_EVERY });
  const totals: ShownTotals = { clicks: 0, examinations: 0 };
  const path: Path = { runs: [], shown: new Float64Array(searches) };
  let inTraffic: readonly PreparedQuery[] = queries.filter(({ judged }) => judged.fold !== fold);
  let pages: ShownPage[] = [];
  for (let search = 1; search <= searches; search++) {
    const query = inTraffic[Math.floor(random() * inTraffic.length)]!;
    const page = showPage(query, { model: learner.champion, visit, random, explorationRate, proofRate, totals, search });
    path.shown[search - 1] = ndcgOf(query, page.documentIds);
    pages.push(page);
    if (search % SEARCHES_A_RUN === 0) {
      const spoiled = typeof change === 'function' && search > searches / 2;
      for (const observed of spoiled ? change(pages, random) : pages) learner.observe(observed);
      pages = [];
      path.runs.push({ ...learner.run(), after: search });
    }
    if (change === 'drift' && search === Math.floor(searches / 2)) inTraffic = driftedQueries(inTraffic, random);
  }
  return path;
}
