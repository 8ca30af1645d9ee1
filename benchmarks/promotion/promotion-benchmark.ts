/** The benchmark "promotion": what each step of it lets pass and catches, and what becomes of learning as a whole. */
import { readCranfield } from '../cranfield-data.js';
import { foldsOf, prepareQueries } from '../cranfield-queries.js';
import { USUAL_USERS, type BenchmarkOptions } from '../options.js';
import { measureBatchStep, type BatchFigures } from './batch-step.js';
import { measureAnchor, measureFinite } from './challenger-steps.js';
import { measureGuardStep } from './guard-step.js';
import { measureProofStep, type ProofStepFigures } from './proof-step.js';
import type { Share } from './shares.js';
import { HONEST_USERS, measurePaths, type PathFigures } from './whole-paths.js';
import { warmUp } from './warm-state.js';

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
  const data = readCranfield(options.dataDirectory);
  if ('missing' in data) {
    console.log(`Promotion skipped: there is no ${data.missing}.`);
    return {};
  }
  const queries = prepareQueries(data);
  const folds = options.fold === null ? foldsOf(queries) : [options.fold];
  if (!folds.every((fold) => foldsOf(queries).includes(fold))) throw new Error(`--folds is "all" or one of ${foldsOf(queries).join(', ')}`);
  const users = options.users ?? USUAL_USERS;
  const seed = options.seeds[0] ?? 1;
  const rates = { explorationRate: options.explorationRate, proofRate: options.proofRate ?? PROOF_RATE };
  const states = options.seeds.flatMap((ofState) => folds.flatMap((fold) => warmUp({ queries, fold, seed: ofState, users, ...rates, marks: MARKS, historyAt: ofState === seed ? REPLAYED : null })));
  console.log(`Steps 1 to 4 are tried from ${states.length} states: users ${users}, seeds ${options.seeds.join(', ')}, folds ${folds.join(', ')}, each after ${MARKS.map((mark) => mark.toLocaleString('en')).join(', ')} searches.`);
  const steps = {
    finite: measureFinite(states, rates),
    batch: measureBatchStep(states, rates),
    anchor: measureAnchor(states, rates),
    guard: measureGuardStep(states, data.documents),
    proof: measureProofStep({ queries, documents: data.documents, states, seed, users }),
  };
  const kinds = options.users === null ? HONEST_USERS : [options.users];
  const paths = measurePaths({ queries, folds, seed, users: kinds, searches: options.searches ?? PATH_SEARCHES, paths: PATHS, ...rates });
  return { promotion: { ...steps, paths } };
}
