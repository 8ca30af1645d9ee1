/** The queries a model knows best, with their candidates of now: what its content model is judged on. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CatalogIndex } from '../catalog-index/catalog-index.js';
import type { RankingInput } from '../learning/ranking.js';
import type { RankerModel } from '../learning/ranker-model.js';
import { rankingInput } from './ranking.js';

const MOST_QUERIES = 100;
/** ΣE, decayed: with fewer looks the memory's own click rates are mostly chance. */
const LEAST_EXAMINATIONS = 10;
/** Candidates are computed for so long, then requests have their turn. */
const SLICE_MS = 5;

/** At most 100 queries with at least 10 examinations, those with the most, each once however it was typed; some 100 ms of this process, in slices. */
export async function wellKnownQueries(index: CatalogIndex, model: RankerModel): Promise<RankingInput[]> {
  const inputs = new Map<string, RankingInput>();
  let startedAt = performance.now();
  for (const { text } of model.knownQueries.top(MOST_QUERIES, LEAST_EXAMINATIONS)) {
    const input = rankingInput(index, text);
    inputs.set(input.queryKey, input);
    if (performance.now() - startedAt < SLICE_MS) continue;
    await nextTurn();
    startedAt = performance.now();
  }
  return [...inputs.values()];
}
