/** The benchmark "learning": how good the base ranker is, how much better learning makes it, and how well clicks are predicted. */
import { CranfieldBenchmark, type Marks, type TrafficOptions, type TrafficRun } from './cranfield.js';
import { readCranfield } from './cranfield-data.js';
import { mean } from './cranfield-queries.js';
import { USUAL_USERS, type BenchmarkOptions } from './options.js';
import { printTargets } from './targets.js';
import { predictSessions, readSessions, type YandexFigures } from './yandex.js';

const DEFAULT_SEARCHES = 50_000;
const DRIFT_SEARCHES = 60_000;

export interface CranfieldFigures {
  base: { ndcg10: number; recall50: number };
  inTraffic: Marks;
  unseen: Marks;
  shown: number;
  /** Mean over the runs of the largest error on places 1–5; absent for users who do not go by position alone. */
  examinationError?: number;
}

export interface LearningFigures {
  yandex?: YandexFigures;
  cranfield?: CranfieldFigures;
}

export function runLearningBenchmark(options: BenchmarkOptions): LearningFigures {
  const yandex = options.drift ? null : runYandex(options);
  const cranfield = runCranfield(options);
  const figures = { ...(yandex && { yandex }), ...(cranfield && { cranfield }) };
  printTargets(figures, options);
  return figures;
}

function runYandex({ dataDirectory, holdoutFrom }: BenchmarkOptions): YandexFigures | null {
  const sessions = readSessions(dataDirectory);
  if ('missing' in sessions) {
    console.log(`Yandex skipped: there is no ${sessions.missing}.`);
    return null;
  }
  const yandex = predictSessions(sessions, holdoutFrom);
  const line = ({ rows, logLoss, normalizedEntropy, auc }: YandexFigures['progressive']): string =>
    `${String(rows).padStart(7)} results   log loss ${digits(logLoss, 5)}   normalised entropy ${digits(normalizedEntropy, 4)}   AUC ${digits(auc, 4)}`;
  console.log(`Yandex: ${sessions.length} result pages; each is predicted before it is learned, those from ${holdoutFrom} on are only predicted.`);
  console.log(`  progressive           ${line(yandex.progressive)}`);
  console.log(`  frozen                ${line(yandex.frozen)}   calibration ${digits(yandex.frozen.calibration, 3)}\n`);
  return yandex;
}

function runCranfield(options: BenchmarkOptions): CranfieldFigures | null {
  const data = readCranfield(options.dataDirectory);
  if ('missing' in data) {
    console.log(`Cranfield skipped: there is no ${data.missing}.`);
    return null;
  }
  const users = options.users ?? USUAL_USERS;
  const searches = options.searches ?? (options.drift ? DRIFT_SEARCHES : DEFAULT_SEARCHES);
  const benchmark = new CranfieldBenchmark(data);
  const base = benchmark.base();
  const drift = options.drift ? ', whose taste changes half way' : '';
  console.log(`Cranfield: ${data.documents.length} documents, ${data.queries.length} queries, users ${users}${drift}, ${searches} searches.`);
  console.log(`  base ranker           nDCG@10 ${digits(base.ndcg10, 3)}   recall@50 ${digits(base.recall50, 3)}`);

  const folds = options.fold === null ? benchmark.folds : [options.fold];
  if (!folds.every((fold) => benchmark.folds.includes(fold))) throw new Error(`--folds is "all" or one of ${benchmark.folds.join(', ')}`);
  const runs: TrafficRun[] = [];
  for (const seed of options.seeds) {
    for (const fold of folds) {
      const { explorationRate } = options;
      const driftAfter = options.drift ? Math.floor(searches / 2) : null;
      const request: TrafficOptions = { fold, seed, searches, users, explorationRate, proofRate: options.proofRate ?? 0, driftAfter };
      runs.push(benchmark.traffic(request));
      console.log(`  seed ${seed}, fold ${fold} unseen ${lineOf(runs.at(-1)!)}   base on unseen ${digits(benchmark.baseOf(fold), 3)}`);
    }
  }
  const errors = runs.map((run) => run.examinationError).filter((error) => error !== null);
  const cranfield = {
    base,
    inTraffic: meanMarks(runs.map((run) => run.inTraffic)),
    unseen: meanMarks(runs.map((run) => run.unseen)),
    shown: mean(runs.map((run) => run.shown)),
    ...(errors.length > 0 && { examinationError: mean(errors) }),
  };
  console.log(`  mean of ${String(runs.length).padEnd(2)} runs       ${lineOf({ ...cranfield, examinationError: cranfield.examinationError ?? null })}   base on unseen ${digits(mean(folds.map((fold) => benchmark.baseOf(fold))), 3)}\n`);
  return cranfield;
}

function lineOf({ inTraffic, unseen, shown, examinationError }: TrafficRun): string {
  const error = examinationError === null ? '' : `   examination error ${digits(examinationError, 3)}`;
  return `in traffic ${marks(inTraffic)}   unseen ${marks(unseen)}   shown ${digits(shown, 3)}${error}`;
}

function meanMarks(runs: readonly Marks[]): Marks {
  return Object.fromEntries(Object.keys(runs[0] ?? {}).map((mark) => [mark, mean(runs.map((run) => run[mark]!))]));
}

function marks(values: Marks): string {
  return Object.entries(values).map(([searches, value]) => `${Number(searches) / 1000}k ${digits(value, 3)}`).join(' ') || '—';
}

function digits(value: number | null, places: number): string {
  return value === null ? '—' : value.toFixed(places).replace(/^0/, '');
}
