/** The benchmark "throughput": learning updates a second in one thread, scoring of 200 candidates, and what feedback scores cost a search. */
import { performance } from 'node:perf_hooks';
import { Analyser } from '../src/catalog-index/analyser.js';
import { CatalogIndex } from '../src/catalog-index/catalog-index.js';
import { RelevanceFeedback } from '../src/catalog-index/relevance-feedback.js';
import { encodeCheckpoint } from '../src/learning/checkpoint-format.js';
import { priorExamination } from '../src/learning/examination.js';
import { computeFeatures, FEATURE_SET } from '../src/learning/feature-set.js';
import { createLearningBatch, DRAWN_PAIR, type LearningBatch } from '../src/learning/learning-batch.js';
import { Learner } from '../src/learning/learner.js';
import { pairKeysOf } from '../src/learning/pair-key.js';
import { cellHashesOf } from '../src/learning/prediction-cells.js';
import type { RankerModel } from '../src/learning/ranker-model.js';
import { rankCandidates } from '../src/learning/ranking.js';
import { seededRandom } from '../src/simulation/seeded-random.js';
import { readCranfield } from './cranfield-data.js';
import type { BenchmarkOptions } from './options.js';

const PAGE_SIZE = 10;
const BATCH_ROWS = 10_000;
/** Queries and documents of the stream: some 200,000 pairs, so that the memory is nearly full. */
const QUERIES = 2_000;
const DOCUMENTS_A_QUERY = 100;
const ROUNDS = 5;
const CANDIDATES = 200;
const MONTH_SECONDS = 30 * 86_400;

export interface ThroughputFigures {
  throughput: {
    updatesPerSecond: number;
    score200CandidatesMicros: number;
    /** Absent without the collection. */
    feedbackMicrosPerSearch?: number;
    candidatesMicrosPerSearch?: number;
    /** Bytes of the buffers that a full memory and full cells take in the training thread, and of their checkpoint. */
    modelBytes: number;
    checkpointBytes: number;
  };
}

export function runThroughputBenchmark(options: BenchmarkOptions): ThroughputFigures {
  const random = seededRandom(options.seeds[0] ?? 1);
  const batches = Array.from({ length: 100 }, () => randomBatch(random));
  const rows = batches.length * BATCH_ROWS;
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  let model: RankerModel | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const learner: Learner = new Learner(model, { modelType: 'INCREMENTAL', mode: 'ONLINE', takeParentState: true });
    // A month passes in each round: what is known decays. The results of a page are shown at once.
    const shownAt = (row: number): number => 1_700_000_000 + MONTH_SECONDS * (round + (row - (row % PAGE_SIZE)) / rows);
    batches.forEach(({ shownAtSeconds }, batch) => shownAtSeconds.forEach((_, row) => (shownAtSeconds[row] = shownAt(batch * BATCH_ROWS + row))));
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    for (const batch of batches) learner.learn(batch);
    seconds.push((performance.now() - startedAt) / 1000);
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuSeconds.push((user + system) / 1e6);
    model = learner.finish().model;
  }
  const updatesPerSecond = rows / median(seconds);
  console.log(`Learning, INCREMENTAL, ${FEATURE_SET.names.length + 1} weights, one thread, from arrays, every figure kept: ${ROUNDS} rounds of ${rows.toLocaleString('en')} samples, ${model!.memory.size.toLocaleString('en')} pairs known.`);
  console.log(`  updates a second      ${Math.round(updatesPerSecond).toLocaleString('en')} at the median (${seconds.map((second) => (rows / second / 1e6).toFixed(2)).join(', ')} M)   ${updatesPerSecond >= 6e6 ? 'stretch' : updatesPerSecond >= 2e6 ? 'pass' : 'MISSED'} (pass 2 M, stretch 6 M)`);
  console.log(`  a second of CPU time  ${Math.round(rows / median(cpuSeconds)).toLocaleString('en')} at the median: what a core that does nothing else learns`);

  const score200CandidatesMicros = scoring(model!, random);
  console.log(`Scoring and sorting ${CANDIDATES} candidates, features given: ${score200CandidatesMicros.toFixed(0)} µs at the median   ${score200CandidatesMicros <= 300 ? 'pass' : 'MISSED'} (pass 300 µs)`);

  const checkpointBytes = encodeCheckpoint(model!, { name: '', mode: 'ONLINE', parent: null, learnedThrough: 0, setAside: [], createdAt: '', samples: 0, metrics: null, servedMetrics: null, calibrationBins: [] }).length;
  const modelBytes = 2 ** 19 * 20 + 2 ** 18 * 12;
  console.log(`A full model takes ${(modelBytes / 2 ** 20).toFixed(1)} MiB in buffers; this one's checkpoint ${(checkpointBytes / 2 ** 20).toFixed(1)} MiB.`);
  const search = feedbackCost(options.dataDirectory);
  return { throughput: { updatesPerSecond: Math.round(updatesPerSecond), score200CandidatesMicros, ...search, modelBytes, checkpointBytes } };
}

/** Pages of ten, queries and documents uneven, clicks by position; neighbours and pairs as a server would store them. */
function randomBatch(random: () => number): LearningBatch {
  const batch = createLearningBatch(BATCH_ROWS, FEATURE_SET.names.length);
  for (let row = 0; row < BATCH_ROWS; row += PAGE_SIZE) {
    const query = Math.floor(QUERIES * random() ** 2);
    const first = Math.floor((DOCUMENTS_A_QUERY - PAGE_SIZE) * random() ** 2);
    const keys = pairKeysOf(`query ${query}`, Array.from({ length: PAGE_SIZE }, (_, place) => `document ${query} ${first + place}`));
    batch.pairKeys.set(keys, 2 * row);
    batch.cellHashes.set(cellHashesOf(keys, 1), 2 * row);
    batch.queryIndices.fill(batch.queries.push(`query ${query}`) - 1, row, row + PAGE_SIZE);
    const drawnPair = random() < 0.5 ? 1 + Math.floor(random() * (PAGE_SIZE - 1)) : null;
    for (let place = 0; place < PAGE_SIZE; place++) {
      const at = row + place;
      const predicted = priorExamination(place + 1) * (0.05 + 0.4 * random());
      for (let column = 0; column < FEATURE_SET.names.length; column++) batch.features[at * FEATURE_SET.names.length + column] = 4 * random() - 2;
      batch.positions[at] = place + 1;
      batch.labels[at] = random() < predicted ? 1 : 0;
      batch.predicted[at] = predicted;
      batch.drawnPair[at] = place + 1 === drawnPair ? DRAWN_PAIR.upper : place === drawnPair ? DRAWN_PAIR.lower : DRAWN_PAIR.none;
      batch.sampleHash[at] = Math.floor(random() * 2 ** 32);
    }
  }
  return batch;
}

function scoring(model: RankerModel, random: () => number): number {
  const inputs = Array.from({ length: 200 }, (_, query) => {
    const documentIds = Array.from({ length: CANDIDATES }, (_, i) => `document ${query} ${i}`);
    const baseScores = Float64Array.from(documentIds, () => 20 * random()).sort().reverse();
    const feedbackScores = Float64Array.from(documentIds, () => 5 * random());
    return { queryKey: `query ${query}`, documentIds, baseScores, features: computeFeatures({ baseScores, feedbackScores }) };
  });
  return medianMicros(2_000, (i) => rankCandidates(inputs[i % inputs.length]!, model));
}

/** What a search's candidates cost, and the feedback scores of it: their computation is timed as it is called. */
function feedbackCost(dataDirectory: string): { feedbackMicrosPerSearch?: number; candidatesMicrosPerSearch?: number } {
  const data = readCranfield(dataDirectory);
  if ('missing' in data) {
    console.log(`What feedback costs a search is skipped: there is no ${data.missing}.`);
    return {};
  }
  const index = new CatalogIndex(new Analyser('english'));
  index.upsert(data.documents);
  const queries = data.queries.map(({ text }) => text);
  const scores = RelevanceFeedback.prototype.scores;
  const feedbackMicros: number[] = [];
  RelevanceFeedback.prototype.scores = function (...given) {
    const startedAt = performance.now();
    const result = scores.apply(this, given);
    feedbackMicros.push((performance.now() - startedAt) * 1000);
    return result;
  };
  const candidatesMicrosPerSearch = medianMicros(3_000, (i) => index.candidates(queries[i % queries.length]!));
  RelevanceFeedback.prototype.scores = scores;
  const feedbackMicrosPerSearch = median(feedbackMicros.slice(-3_000));
  console.log(`Candidates of a search over ${data.documents.length} documents: ${candidatesMicrosPerSearch.toFixed(0)} µs at the median, feedback scores (RM3) ${feedbackMicrosPerSearch.toFixed(0)} µs of it.`);
  return { candidatesMicrosPerSearch, feedbackMicrosPerSearch };
}

function medianMicros(times: number, work: (i: number) => unknown): number {
  for (let i = 0; i < times / 2; i++) work(i);
  const micros: number[] = [];
  for (let i = 0; i < times; i++) {
    const startedAt = performance.now();
    work(i);
    micros.push((performance.now() - startedAt) * 1000);
  }
  return median(micros);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
