/** The benchmark "promotion": what each step of it lets pass and catches, and what becomes of learning as a whole. */
import type { UserKind } from '../../src/simulation/simulated-user.js';
import { readCranfield, type CranfieldData } from '../cranfield-data.js';
import { foldsOf, prepareQueries, type PreparedQuery } from '../cranfield-queries.js';
import { USUAL_USERS, type BenchmarkOptions } from '../options.js';
import { measureBatchStep, type BatchFigures } from './batch-step.js';
import { measureAnchor, measureFinite } from './challenger-steps.js';
import { measureGuardStep } from './guard-step.js';
import { measureProofStep, type ProofStepFigures } from './proof-step.js';
import type { Share } from './shares.js';
import { HONEST_USERS, measurePaths, type PathFigures } from './whole-paths.js';
import { warmUp, type Rates } from './warm-state.js';

/** Searches after which a state is kept, to try batches and models from. */
const MARKS = [2_000, 5_000, 20_000];
const PROOF_RATE = 0.05;
/** Of these an offline run learns everything anew, for the first seed. */
const REPLAYED = 5_000;
/** Of a whole path, and how many paths there are of each kind. */
const PATH_SEARCHES = 5_000;
const PATHS = 4;

export interface PromotionFigures {
  promotion?: {
    finite: Record<string, Share>;
    batch: BatchFigures;
    anchor: Record<string, Share>;
    guard: Record<string, Share>;
    proof: ProofStepFigures;
    paths: PathFigures;
  };
}

export function runPromotionBenchmark(options: BenchmarkOptions): PromotionFigures {
  const setting = settingOf(options);
  if (setting === null) return {};
  const { documents, queries, folds, seed, users, rates } = setting;
  const states = options.seeds.flatMap((ofState) => folds.flatMap((fold) => warmUp({ queries, fold, seed: ofState, users, ...rates, marks: MARKS, historyAt: ofState === seed ? REPLAYED : null })));
  console.log(`Steps 1 to 4 are tried from ${states.length} states: users ${users}, seeds ${options.seeds.join(', ')}, folds ${folds.join(', ')}, each after ${MARKS.map((mark) => mark.toLocaleString('en')).join(', ')} searches.`);
  const steps = {
    finite: measureFinite(states, rates),
    batch: measureBatchStep(states, rates),
    anchor: measureAnchor(states, rates),
    guard: measureGuardStep(states, documents),
    proof: measureProofStep({ queries, documents, states, seed, users }),
  };
  return { promotion: { ...steps, paths: pathsOf(options, setting) } };
}

/** The benchmark "paths": the last part of "promotion" alone, for more paths. */
export function runPathsBenchmark(options: BenchmarkOptions): { paths?: PathFigures } {
  const setting = settingOf(options);
  return setting === null ? {} : { paths: pathsOf(options, setting) };
}

interface Setting {
  documents: CranfieldData['documents'];
  queries: PreparedQuery[];
  folds: readonly number[];
  seed: number;
  users: UserKind;
  rates: Rates;
}

/** null, and a line that says so, where the data are missing. */
function settingOf(options: BenchmarkOptions): Setting | null {
  const data = readCranfield(options.dataDirectory);
  if ('missing' in data) {
    console.log(`Promotion skipped: there is no ${data.missing}.`);
    return null;
  }
  const queries = prepareQueries(data);
  const folds = options.fold === null ? foldsOf(queries) : [options.fold];
  if (!folds.every((fold) => foldsOf(queries).includes(fold))) throw new Error(`--folds is "all" or one of ${foldsOf(queries).join(', ')}`);
  const rates = { explorationRate: options.explorationRate, proofRate: options.proofRate ?? PROOF_RATE };
  return { documents: data.documents, queries, folds, seed: options.seeds[0] ?? 1, users: options.users ?? USUAL_USERS, rates };
}

function pathsOf(options: BenchmarkOptions, { queries, folds, seed, rates }: Setting): PathFigures {
  const users = options.users === null ? HONEST_USERS : [options.users];
  return measurePaths({ queries, folds, seed, users, searches: options.searches ?? PATH_SEARCHES, paths: options.paths ?? PATHS, ...rates });
}
