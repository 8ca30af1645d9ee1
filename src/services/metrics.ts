/** What Prometheus reads of the service: learning, writing and the machine under it. Names and units as Prometheus has them: base units, `_total` for what only grows. */
import type { Pool } from 'pg';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { BASE_RANKER_ID } from '../database/activation-store.js';
import type { WriteBatcher } from '../database/write-batcher.js';
import type { EventBus } from '../events.js';
import type { PrismaClient, TrainingRun } from '../generated/prisma/client.js';
import type { ModelMetrics } from '../learning/metrics.js';
import type { Logger } from '../logger.js';
import type { ActiveRanker } from './active-ranker.js';
import type { EvaluationService } from './evaluation.js';
import type { ModelFiles } from './model-files.js';
import type { SamplesService } from './samples.js';

/** Live metrics read up to 5,000 samples: not for every scrape. */
const LIVE_METRICS_AGE_MS = 30_000;
const RUN_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export interface MetricsOptions {
  bus: EventBus;
  samples: SamplesService;
  activeRanker: ActiveRanker;
  evaluation: EvaluationService;
  files: ModelFiles;
  writes: WriteBatcher;
  prisma: PrismaClient;
  /** By name. */
  pools: Readonly<Record<string, Pool>>;
  logger: Logger;
}

export class MetricsService {
  /** Other parts of the process add theirs. */
  readonly registry = new Registry();
  readonly #options: MetricsOptions;
  readonly #reads: (() => Promise<void>)[] = [];
  #live: { rankerId: string; readAt: number; metrics: ModelMetrics | null } | undefined;

  constructor(options: MetricsOptions) {
    this.#options = options;
    const { registry } = this;
    collectDefaultMetrics({ register: registry });
    this.#countEvents();
    // First: the other reads take connections themselves.
    this.#watchMachine();
    this.#watchSamples();
    this.#watchModel();
  }

  /** Asks the database, the disk and the lanes: call it before the registry is read. Never rejects: what cannot be read keeps its last value. */
  async refresh(): Promise<void> {
    const { logger } = this.#options;
    await Promise.all(this.#reads.map((read) => read().catch((error: unknown) => logger.warn({ err: error }, 'a metric could not be read'))));
  }

  #countEvents(): void {
    const { bus } = this.#options;
    const registers = [this.registry];
    const searches = new Counter({ name: 'rankloop_searches_recorded_total', help: 'Searches recorded by this process.', registers });
    const samples = new Counter({ name: 'rankloop_samples_recorded_total', help: 'Results shown and recorded as samples by this process.', registers });
    const clicks = new Counter({ name: 'rankloop_clicks_recorded_total', help: 'Clicks recorded by this process; retries not counted.', registers });
    const runs = new Counter({ name: 'rankloop_training_runs_total', help: 'Training runs that ended since this process started, in whichever process: by mode and status.', labelNames: ['mode', 'status'] as const, registers });
    const seconds = new Histogram({ name: 'rankloop_training_run_seconds', help: 'How long training runs took from start to end.', labelNames: ['mode'] as const, buckets: RUN_SECONDS, registers });
    const reloads = new Counter({ name: 'rankloop_model_reloads_total', help: 'Models this process has come to serve, by reason.', labelNames: ['reason'] as const, registers });
    const capped = new Counter({ name: 'rankloop_samples_capped_total', help: 'Samples that are not learned since one user, session or address searched too much, of runs that ended since this process started, in whichever process.', registers });
    for (const status of ['SUCCEEDED', 'REJECTED', 'FAILED'] as const) for (const mode of ['ONLINE', 'OFFLINE'] as const) runs.inc({ mode, status }, 0);
    reloads.inc({ reason: 'AUTO_ROLLED_BACK' }, 0);
    bus.on('search.recorded', ({ samples: shown }) => {
      searches.inc();
      samples.inc(shown);
    });
    bus.on('click.recorded', ({ clicks: recorded }) => clicks.inc(recorded));
    bus.on('training.finished', ({ mode, status, startedAt, finishedAt, cappedSamples }: TrainingRun) => {
      runs.inc({ mode, status });
      capped.inc(Number(cappedSamples));
      if (startedAt && finishedAt) seconds.observe({ mode }, (finishedAt.getTime() - startedAt.getTime()) / 1_000);
    });
    bus.on('model.reloaded', ({ reason }) => reloads.inc({ reason }));
  }

  #gauge<Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #watchSamples(): void {
    const { samples } = this.#options;
    const all = this.#gauge('rankloop_samples', 'Samples ever recorded by all processes.');
    const clicked = this.#gauge('rankloop_samples_clicked', 'Samples ever recorded by all processes that were clicked.');
    const due = this.#gauge('rankloop_samples_since_last_training', 'Settled samples that no training run has taken yet.');
    const threshold = this.#gauge('rankloop_training_threshold_samples', 'Settled samples that make a training run due.');
    const waiting = this.#gauge('rankloop_training_waiting', '1 while a run is due and something keeps it from starting (sampleStats.waitingReason says what).');
    this.#reads.push(async () => {
      const stats = await samples.stats();
      all.set(stats.total);
      clicked.set(stats.positive);
      due.set(stats.sinceLastTraining);
      threshold.set(stats.threshold);
      waiting.set(stats.waitingReason === null ? 0 : 1);
    });
  }

  #watchModel(): void {
    const { activeRanker, prisma } = this.#options;
    const info = this.#gauge('rankloop_active_ranker_info', '1 for the ranker that this process serves with.', 'ranker');
    const age = this.#gauge('rankloop_active_model_age_seconds', 'Since the checkpoint that serves was made; 0 for the base ranker.');
    const logLoss = this.#gauge('rankloop_live_log_loss', 'Log loss of the click probabilities that the active ranker showed, over its newest samples (at most 5,000); NaN without any.');
    const auc = this.#gauge('rankloop_live_auc', 'AUC of the same.');
    const judged = this.#gauge('rankloop_live_samples', 'How many samples these are.');
    this.#reads.push(
      async () => {
        const { id } = activeRanker.current;
        info.reset();
        info.set({ ranker: id }, 1);
        const checkpoint = id === BASE_RANKER_ID ? null : await prisma.checkpoint.findUnique({ where: { id }, select: { createdAt: true } });
        age.set(checkpoint ? Math.max(0, Date.now() - checkpoint.createdAt.getTime()) / 1_000 : 0);
      },
      async () => {
        const metrics = await this.#liveMetrics();
        logLoss.set(metrics?.logLoss ?? NaN);
        auc.set(metrics?.auc ?? NaN);
        judged.set(metrics?.samples ?? 0);
      },
    );
  }

  async #liveMetrics(): Promise<ModelMetrics | null> {
    const { activeRanker, evaluation } = this.#options;
    const rankerId = activeRanker.current.id;
    if (this.#live?.rankerId !== rankerId || performance.now() - this.#live.readAt > LIVE_METRICS_AGE_MS) {
      this.#live = { rankerId, metrics: await evaluation.liveMetrics(rankerId), readAt: performance.now() };
    }
    return this.#live.metrics;
  }

  #watchMachine(): void {
    const { files, writes, pools } = this.#options;
    const queue = this.#gauge('rankloop_writes_waiting', 'Searches and click calls that wait for the transaction under way.', 'lane');
    const connections = this.#gauge('rankloop_database_connections', 'Connections of a pool by state; "waiting" are requests without one.', 'pool', 'state');
    const free = this.#gauge('rankloop_models_disk_free_bytes', 'Free space on the disk that holds the models.');
    this.#reads.push(
      async () => {
        for (const [lane, waiting] of Object.entries(writes.waiting)) queue.set({ lane }, waiting);
        for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries(pools)) {
          connections.set({ pool, state: 'busy' }, totalCount - idleCount);
          connections.set({ pool, state: 'idle' }, idleCount);
          connections.set({ pool, state: 'waiting' }, waitingCount);
        }
      },
      async () => free.set(await files.freeDiskBytes()),
    );
  }
}
