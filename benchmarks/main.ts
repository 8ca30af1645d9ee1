/** Runs the benchmarks named on the command line, prints their tables and, if asked, writes their figures as JSON. */
import { writeFileSync } from 'node:fs';
import { runAttacksBenchmark } from './attacks/attacks-benchmark.js';
import { runLearningBenchmark } from './learning-benchmark.js';
import { runLoopBenchmark } from './loop/loop-benchmark.js';
import { runPagesBenchmark } from './pages/pages-benchmark.js';
import { parseCommand, USAGE, type BenchmarkOptions } from './options.js';
import { runPoisoningBenchmark } from './poisoning/poisoning-benchmark.js';
import { runPathsBenchmark, runPromotionBenchmark } from './promotion/promotion-benchmark.js';
import { runCatalogueBenchmark } from './size/catalogue-benchmark.js';
import { runMemoryBenchmark } from './size/memory-benchmark.js';
import { runStoredBenchmark } from './size/stored-benchmark.js';
import { runSocketsBenchmark } from './sockets/sockets-benchmark.js';
import { runThroughputBenchmark } from './throughput-benchmark.js';
import { runWriteBenchmark } from './write/write-benchmark.js';

/** Each returns the figures it adds to the JSON. */
const BENCHMARKS: Readonly<Record<string, (options: BenchmarkOptions) => object | Promise<object>>> = {
  attacks: runAttacksBenchmark,
  catalogue: runCatalogueBenchmark,
  learning: runLearningBenchmark,
  loop: runLoopBenchmark,
  memory: runMemoryBenchmark,
  pages: runPagesBenchmark,
  paths: runPathsBenchmark,
  poisoning: runPoisoningBenchmark,
  promotion: runPromotionBenchmark,
  sockets: runSocketsBenchmark,
  stored: runStoredBenchmark,
  throughput: runThroughputBenchmark,
  write: runWriteBenchmark,
};

async function main(args: readonly string[]): Promise<void> {
  const { names, options } = parseCommand(args);
  const [name, ...more] = names;
  const benchmark = name !== undefined && Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (benchmark === undefined || more.length > 0) throw new Error(`Name one benchmark: ${Object.keys(BENCHMARKS).join(', ')}.`);
  const figures = await benchmark(options);
  if (options.jsonFile !== null) writeFileSync(options.jsonFile, `${JSON.stringify(figures)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 1;
});
