/** Training: when a run opens, who carries it out, and what clients may ask of it. */
import type { Pool, PoolClient } from 'pg';
import { readCounters } from '../database/counter-store.js';
import { claimRun, nextTakeUpMs, openRun, requestCancel } from '../database/training-store.js';
import { uuidV7 } from '../database/uuid-v7.js';
import { ConflictError, FailedPreconditionError, NotFoundError, UnavailableError } from '../errors.js';
import type { PrismaClient, TrainingRun } from '../generated/prisma/client.js';
import type { ModelType, TrainingMode, TrainingStatus } from '../generated/prisma/enums.js';
import type { Limits } from '../limits.js';
import type { Logger } from '../logger.js';
import { coalesce } from './coalesce.js';
import { metricsHistory, type HistoryRequest, type MetricsPoint } from './metrics-history.js';
import { CURSOR_PART, decodeCursor, encodeCursor, toPage, type Page } from './paging.js';
import type { SettingsService } from './settings.js';
import { MAX_ATTEMPTS, TrainingExecution, type ExecutionOptions } from './training-execution.js';
import { triggerState } from './training-trigger.js';
import { checkFirst, checkOwnId } from './validation.js';

/** Under load the counters are compared at most this often. */
const MIN_LOOK_INTERVAL_MS = 25;

export interface TrainingOptions extends ExecutionOptions {
  pool: Pool;
  prisma: PrismaClient;
  settings: SettingsService;
  limits: Limits;
  logger: Logger;
}

export class TrainingService {
  readonly #options: TrainingOptions;
  /** Runs this process carries out. */
  readonly #executions = new Map<string, { execution: TrainingExecution; done: Promise<void> }>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #lookedAt = 0;
  #stopping = false;
  #stopped: Promise<void> | undefined;

  constructor(options: TrainingOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#takeAbandoned();
    this.wake();
  }

  /** Ends local runs at once and gives them back: the next process, or the next start, takes them up. */
  stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    // A look under way may still open a run; the one asked for here does nothing but wait for it.
    await this.#look().catch(() => undefined);
    for (const { execution } of this.#executions.values()) execution.stop('SHUTDOWN');
    await Promise.all([...this.#executions.values()].map(({ done }) => done));
  }

  /** Something happened that may make a run due: look soon. */
  wake(): void {
    this.#wakeIn(Math.max(0, this.#lookedAt + MIN_LOOK_INTERVAL_MS - performance.now()));
  }

  /** One timer: for the next look, the next settling second, the end of a pause, or of somebody's lease; the earliest counts. */
  #wakeIn(delayMs: number): void {
    const at = performance.now() + delayMs;
    if (this.#stopping || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.#lookedAt = performance.now();
      this.#look().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'whether a run is due could not be told; it is tried again');
        this.#wakeIn(1_000);
      });
    }, Math.min(delayMs, 2_147_483_647));
  }

  readonly #look = coalesce(async () => {
    if (this.#stopping) return;
    const { pool, settings } = this.#options;
    const counters = await readCounters(pool);
    const trigger = triggerState(counters, settings.current);
    if (trigger.due && !trigger.waiting) await this.#openDue();
    else if (trigger.due && trigger.waiting?.retryMs) this.#wakeIn(trigger.waiting.retryMs + 1);
    else if (counters.nextSettleMs !== null) this.#wakeIn(counters.nextSettleMs + 1);
    const takeUpMs = await nextTakeUpMs(pool);
    if (takeUpMs === null) return;
    // The holder renews long before; only an abandoned run's lease ends.
    if (takeUpMs <= 0) await this.#takeAbandoned();
    else this.#wakeIn(takeUpMs + 1);
  });

  async #openDue(): Promise<void> {
    const { pool, settings } = this.#options;
    const runId = uuidV7();
    const decide = async (client: PoolClient): Promise<ModelType | null> => {
      // Again under the lock: another process may have opened, and ended, a run meanwhile.
      const trigger = triggerState(await readCounters(client), settings.current);
      return trigger.due && !trigger.waiting ? settings.current.modelType : null;
    };
    const { outcome } = await openRun(pool, { runId, mode: 'ONLINE', trigger: 'THRESHOLD', activate: true, decide });
    if (outcome === 'OPENED') this.#begin(runId, 1);
  }

  #begin(runId: string, fencing: number): void {
    const execution = new TrainingExecution(this.#options, runId, fencing);
    // Said before the work begins, so that trainingStarted comes first.
    const done = this.#options
      .spread()
      .catch((error: unknown) => this.#options.logger.warn({ err: error, run: runId }, 'the start of a run will be said at the next look'))
      .then(() => execution.run())
      .finally(() => {
        if (this.#executions.get(runId)?.execution === execution) this.#executions.delete(runId);
        this.wake();
      });
    // Our own, whose lease ran out while the database was away: what it holds is refused, so it need not go on.
    this.#executions.get(runId)?.execution.stop('STALE');
    this.#executions.set(runId, { execution, done });
  }

  /** Takes up runs that wait or whose process is gone. */
  async #takeAbandoned(): Promise<void> {
    const { pool, checkpoints, logger } = this.#options;
    while (!this.#stopping) {
      const claimed = await claimRun(pool, MAX_ATTEMPTS);
      if (!claimed) return;
      logger.warn({ run: claimed.runId }, 'taking up a training run that its process left behind');
      if (claimed.number !== null) await checkpoints.discardNumber(claimed.mode, claimed.number);
      // One to be cancelled begins, too, and ends at once.
      if (!claimed.exhausted || claimed.cancelRequested) this.#begin(claimed.runId, claimed.fencing);
      else {
        const execution = new TrainingExecution(this.#options, claimed.runId, claimed.fencing);
        await execution.end({ status: 'FAILED', reason: 'The process that trained it died, twice: look for its last log lines, memory first.' });
        await this.#options.spread();
      }
    }
  }

  /** Another process may have asked to cancel a run of ours, or taken it over. */
  async checkLeases(): Promise<void> {
    await Promise.all([...this.#executions.values()].map(({ execution }) => execution.checkLease()));
  }

  /** @throws ConflictError with the open run's id; FailedPreconditionError when there is nothing to learn from */
  async train({ mode, modelType, activate }: { mode: TrainingMode; modelType?: ModelType | null; activate: boolean }): Promise<TrainingRun> {
    const { pool, prisma, settings } = this.#options;
    const type = modelType ?? (mode === 'OFFLINE' ? 'LOGISTIC' : settings.current.modelType);
    if (this.#stopping) throw new UnavailableError('The server is stopping: try again in a few seconds.');
    const counters = await readCounters(pool);
    if (counters.clicked === 0 || counters.clicked >= counters.samples) {
      throw new FailedPreconditionError(
        counters.samples === 0
          ? 'There is nothing to learn from yet: search, and click on results first.'
          : 'There is nothing to learn from yet: both clicked and unclicked results are needed.',
        { positive: counters.clicked, negative: counters.samples - counters.clicked },
      );
    }
    const runId = uuidV7();
    const opened = await openRun(pool, { runId, mode, trigger: 'MANUAL', activate, decide: async () => type });
    if (opened.outcome === 'ALREADY_OPEN') {
      throw new ConflictError(`Training run ${opened.runId} of mode ${mode} is open: follow it, or cancel it first.`, { runId: opened.runId });
    }
    if (opened.outcome === 'NOTHING_TO_LEARN') {
      throw new FailedPreconditionError(
        counters.nextSettleMs === null
          ? 'There is nothing to learn from: no new search has settled since the last run.'
          : `There is nothing to learn from yet: what was shown settles in ${(counters.nextSettleMs / 1_000).toFixed(1)} s (attributionWindowSeconds).`,
      );
    }
    this.#begin(runId, 1);
    return prisma.trainingRun.findUniqueOrThrow({ where: { id: runId } });
  }

  async cancel(runId: string): Promise<TrainingRun> {
    const { pool, prisma, spread } = this.#options;
    const run = await this.run(runId);
    if (!run) throw new NotFoundError(`There is no training run ${JSON.stringify(runId)}.`, { field: 'runId' });
    if (!(await requestCancel(pool, runId))) {
      const ended = await this.run(runId);
      throw new FailedPreconditionError(`Run ${runId} has ended (${ended?.status ?? run.status}): there is nothing to cancel.`, { field: 'runId' });
    }
    const local = this.#executions.get(runId);
    if (local) {
      local.execution.stop('CANCELLED');
      await local.done;
    } else await spread();
    return prisma.trainingRun.findUniqueOrThrow({ where: { id: runId } });
  }

  async run(id: string): Promise<TrainingRun | null> {
    checkOwnId('id', id);
    return CURSOR_PART.uuid.test(id) ? this.#options.prisma.trainingRun.findUnique({ where: { id } }) : null;
  }

  /** The figures of ended runs, newest first. */
  metricsHistory(request: HistoryRequest): Promise<MetricsPoint[]> {
    return metricsHistory(this.#options.pool, request);
  }

  async runs(request: { first: number; after?: string | null; mode?: TrainingMode | null; status?: TrainingStatus | null }): Promise<Page<TrainingRun>> {
    const { first, after, mode, status } = request;
    checkFirst(first, this.#options.limits);
    const key = decodeCursor('run', after, [CURSOR_PART.time, CURSOR_PART.uuid]);
    const queuedAt = key ? new Date(key[0] ?? '') : null;
    const read = await this.#options.prisma.trainingRun.findMany({
      where: {
        ...(mode ? { mode } : {}),
        ...(status ? { status } : {}),
        ...(queuedAt ? { OR: [{ queuedAt: { lt: queuedAt } }, { queuedAt, id: { lt: key?.[1] ?? '' } }] } : {}),
      },
      orderBy: [{ queuedAt: 'desc' }, { id: 'desc' }],
      take: first + 1,
    });
    return toPage(read, first, key, (row) => encodeCursor('run', [row.queuedAt.toISOString(), row.id]));
  }
}
