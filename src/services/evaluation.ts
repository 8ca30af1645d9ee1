/** Rankers judged on stored clicks. */
import type { Pool } from 'pg';
import { BASE_RANKER_ID } from '../database/activation-store.js';
import { servedPredictions } from '../database/figures-store.js';
import { uuidFloor } from '../database/uuid-v7.js';
import type { PrismaClient } from '../generated/prisma/client.js';
import type { ShownTotals } from '../learning/click-probability.js';
import { ClickScorer } from '../learning/click-scorer.js';
import { judgeByMemory } from '../learning/memory-guard.js';
import type { ModelMetrics } from '../learning/metrics.js';
import { scoreBatch } from '../learning/score-batch.js';
import type { ActiveRanker } from './active-ranker.js';
import type { CatalogService } from './catalog.js';
import { evaluationNote } from './evaluation-note.js';
import { unlearnedBatches } from './learning-batches.js';
import type { LoadedRanker } from './ranking.js';
import { checkOwnId } from './validation.js';
import { wellKnownQueries } from './well-known-queries.js';

/** Newest samples that figures rest on: enough for two digits, read within some tens of milliseconds. */
const NEWEST_SAMPLES = 5_000;
/** Ids come from the clocks of the servers, and those may differ from the database's. */
const CLOCK_GRACE_MS = 86_400_000;

/** How well a ranker predicts, and how well it ranks, with a note in words on what was compared. */
export interface RankerEvaluation extends RankingComparison {
  rankerId: string;
  /** null when every sealed sample has been learned, or none was shown since. */
  metrics: ModelMetrics | null;
  note: string;
}

/** Mean nDCG@10 over the judged queries; the interval, at 95 %, is of the mean difference (ranker less base). */
interface RankingComparison {
  judgedQueries: number;
  ndcg: number | null;
  baseNdcg: number | null;
  lower: number | null;
  upper: number | null;
}

const NOTHING_JUDGED: RankingComparison = { judgedQueries: 0, ndcg: null, baseNdcg: null, lower: null, upper: null };

export interface EvaluationOptions {
  pool: Pool;
  prisma: PrismaClient;
  catalog: CatalogService;
  activeRanker: ActiveRanker;
  /** Everything shown so far: what the base ranker's click probability rests on. */
  shownTotals: () => ShownTotals;
}

export class EvaluationService {
  readonly #options: EvaluationOptions;

  constructor(options: EvaluationOptions) {
    this.#options = options;
  }

  /** How a ranker predicted clicks, on time or late, while it served: over the newest sealed samples it showed, at most 5,000; null without any. */
  async liveMetrics(rankerId: string): Promise<ModelMetrics | null> {
    const { pool, prisma } = this.#options;
    const checkpoint = await prisma.checkpoint.findUnique({ where: { id: rankerId }, select: { createdAt: true } });
    // It served nothing before it was made.
    const lowestId = uuidFloor(checkpoint ? checkpoint.createdAt.getTime() - CLOCK_GRACE_MS : 0);
    const scorer = new ClickScorer();
    for (const { predicted, clicked } of await servedPredictions(pool, rankerId, { limit: NEWEST_SAMPLES, lowestId })) scorer.add(predicted, clicked);
    return metricsOf(scorer);
  }

  /**
   * A ranker judged on what is stored: its predictions of samples it has not learned, and its order of well-known queries against the base ranker's.
   * @throws NotFoundError for an unknown id, FailedPreconditionError for one that is removed, rejected or unreadable
   */
  async evaluate({ rankerId, since }: { rankerId: string; since?: Date | null }): Promise<RankerEvaluation> {
    checkOwnId('rankerId', rankerId);
    const ranker = await this.#options.activeRanker.load(rankerId);
    const metrics = await this.#predictions(ranker, since ?? null);
    const { judgeId, ...comparison } = await this.#ranking(ranker);
    const facts = { rankerId, samples: metrics?.samples ?? 0, since: since ?? null, judgeId, judgedQueries: comparison.judgedQueries, interval: comparison.lower !== null };
    return { rankerId, metrics, ...comparison, note: evaluationNote(facts) };
  }

  async #predictions(ranker: LoadedRanker, since: Date | null): Promise<ModelMetrics | null> {
    const { pool, shownTotals } = this.#options;
    const scorer = new ClickScorer();
    for await (const batch of unlearnedBatches(pool, { after: await this.#learnedThrough(ranker.id), limit: NEWEST_SAMPLES, since })) {
      scoreBatch(scorer, ranker.model, batch, shownTotals());
    }
    return metricsOf(scorer);
  }

  async #learnedThrough(rankerId: string): Promise<number> {
    if (rankerId === BASE_RANKER_ID) return 0;
    const { learnedThrough } = await this.#options.prisma.checkpoint.findUniqueOrThrow({ where: { id: rankerId }, select: { learnedThrough: true } });
    return Number(learnedThrough);
  }

  /** The base ranker has no memory of its own: its order is judged by that of what serves, and compared with nothing. */
  async #ranking(ranker: LoadedRanker): Promise<RankingComparison & { judgeId: string | null }> {
    const { catalog, activeRanker } = this.#options;
    const judge = ranker.model === null ? activeRanker.current : ranker;
    if (judge.model === null) return { ...NOTHING_JUDGED, judgeId: null };
    const { queries, ndcg, baseNdcg, lower, upper } = judgeByMemory(judge.model, await wellKnownQueries(catalog.index, judge.model));
    const common = { judgeId: judge.id, judgedQueries: queries, baseNdcg };
    return ranker.model === null ? { ...common, ndcg: baseNdcg, lower: null, upper: null } : { ...common, ndcg, lower, upper };
  }
}

function metricsOf(scorer: ClickScorer): ModelMetrics | null {
  const metrics = scorer.metrics();
  return metrics.samples === 0 ? null : metrics;
}
