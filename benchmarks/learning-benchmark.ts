/** The benchmark "learning": how good the base ranker is, and how much better learning from clicks makes it. */
import { CranfieldBenchmark, mean, type Marks, type TrafficRun } from './cranfield.js';
import { readCranfield } from './cranfield-data.js';
import type { BenchmarkOptions } from './options.js';

export interface LearningFigures {
  cranfield?: {
    base: { ndcg10: number; recall50: number };
    inTraffic: Marks;
    unseen: Marks;
    shown: number;
  };
}

export function runLearningBenchmark(options: BenchmarkOptions): LearningFigures {
  const data = readCranfield(options.dataDirectory);
  if ('missing' in data) {
    console.log(`Cranfield skipped: there is no ${data.missing}.`);
    return {};
  }
  const benchmark = new CranfieldBenchmark(data);
  const base = benchmark.base();
  console.log(`Cranfield: ${data.documents.length} documents, ${data.queries.length} queries, users ${options.users}, ${options.searches} searches.`);
  console.log(`  base ranker                nDCG@10 ${figure(base.ndcg10)}   recall@50 ${figure(base.recall50)}`);

  const folds = options.fold === null ? benchmark.folds : [options.fold];
  if (!folds.every((fold) => benchmark.folds.includes(fold))) throw new Error(`--folds is "all" or one of ${benchmark.folds.join(', ')}`);
  const runs: TrafficRun[] = [];
  for (const seed of options.seeds) {
    for (const fold of folds) {
      const run = benchmark.traffic({ fold, seed, searches: options.searches, users: options.users });
      runs.push(run);
      console.log(`  seed ${seed}, fold ${fold} unseen      in traffic ${marks(run.inTraffic)}   unseen ${marks(run.unseen)}   shown ${figure(run.shown)}`);
    }
  }
  const cranfield = { base, inTraffic: meanMarks(runs.map((run) => run.inTraffic)), unseen: meanMarks(runs.map((run) => run.unseen)), shown: mean(runs.map((run) => run.shown)) };
  console.log(`  mean of ${String(runs.length).padEnd(2)} runs            in traffic ${marks(cranfield.inTraffic)}   unseen ${marks(cranfield.unseen)}   shown ${figure(cranfield.shown)}`);
  return { cranfield };
}

function meanMarks(runs: readonly Marks[]): Marks {
  return Object.fromEntries(Object.keys(runs[0] ?? {}).map((mark) => [mark, mean(runs.map((run) => run[mark]!))]));
}

function marks(values: Marks): string {
  return Object.entries(values).map(([searches, value]) => `${Number(searches) / 1000}k ${figure(value)}`).join(' ') || '—';
}

function figure(value: number): string {
  return value.toFixed(3).replace(/^0/, '');
}
