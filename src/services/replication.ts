/** What happened, seen from this process: reads the tables after a hint and says what is new, whichever process did it. */
import { BASE_RANKER_ID } from '../database/activation-store.js';
import { DomainError } from '../errors.js';
import type { EventBus } from '../events.js';
import type { Activation, Checkpoint, PrismaClient, TrainingRun } from '../generated/prisma/client.js';
import type { TrainingStatus } from '../generated/prisma/enums.js';
import type { Logger } from '../logger.js';
import type { ActiveRanker } from './active-ranker.js';
import { coalesce } from './coalesce.js';

/** A row may be committed this long after the time it carries: so far back each look begins. What was said before is not said again. */
const OVERLAP_MS = 15_000;

export interface ReplicationOptions {
  prisma: PrismaClient;
  bus: EventBus;
  activeRanker: ActiveRanker;
  /** Makes another ranker serve when the one in force cannot be read. */
  fallBack: (failedId: string, why: string) => Promise<void>;
  logger: Logger;
}

interface KnownRun {
  status: TrainingStatus;
  progress: number;
  changedAt: number;
}

/**
 * Emits, for each run: started, progress…, finished; then the reload; then removals — always in this order. Local work and hints from other
 * processes take the same way, so that a subscriber cannot tell where a thing happened.
 */
export class Replication {
  readonly #options: ReplicationOptions;
  readonly #runs = new Map<string, KnownRun>();
  readonly #removed = new Map<string, number>();
  /** The database's time at the last look. */
  #since = new Date(0);
  #activationId: bigint | null = null;
  #stopped = false;

  constructor(options: ReplicationOptions) {
    this.#options = options;
  }

  /** Takes note of what there is without saying so, and loads what is in force. */
  async start(): Promise<void> {
    const { prisma, activeRanker, bus } = this.#options;
    const [clock] = await prisma.$queryRaw<{ now: Date }[]>`select now() as now`;
    this.#since = clock?.now ?? new Date();
    const open = await prisma.trainingRun.findMany({ where: { status: { in: ['QUEUED', 'RUNNING'] } } });
    for (const run of open) this.#note(run);
    const { runs, removed, inForce } = await this.#read();
    for (const run of runs) this.#note(run);
    for (const checkpoint of removed) this.#removed.set(checkpoint.id, checkpoint.removedAt?.getTime() ?? 0);
    await this.#serve(inForce);
    bus.emit('model.reloaded', { rankerId: activeRanker.current.id, previousId: BASE_RANKER_ID, reason: 'STARTUP', at: this.#since });
  }

  /** Waits for the look under way; later ones do nothing. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.catchUp().catch(() => undefined);
  }

  /** Reads what changed and says it. Resolves when everything committed before the call has been said and serves. */
  readonly catchUp = coalesce(() => this.#pass());

  async #pass(): Promise<void> {
    if (this.#stopped) return;
    const { bus, activeRanker } = this.#options;
    const { runs, removed, inForce } = await this.#read();
    for (const run of runs) this.#sayRun(run);
    if (inForce && inForce.id !== this.#activationId) {
      bus.emit('checkpoint.activated', inForce);
      const previousId = activeRanker.current.id;
      // Another than asked for, when that one cannot be read: then the reason is another too.
      const served = (await this.#serve(inForce)) ?? inForce;
      bus.emit('model.reloaded', { rankerId: served.rankerId, previousId, reason: served.reason, at: served.at });
    }
    for (const checkpoint of removed) {
      if (this.#removed.has(checkpoint.id)) continue;
      this.#removed.set(checkpoint.id, checkpoint.removedAt?.getTime() ?? 0);
      bus.emit('checkpoint.removed', checkpoint);
    }
    this.#forgetOld();
  }

  /** Effects before their causes: of whatever is found, all that led to it is found by a later read. */
  async #read(): Promise<{ runs: TrainingRun[]; inForce: Activation | null; removed: Checkpoint[] }> {
    const { prisma } = this.#options;
    const from = new Date(this.#since.getTime() - OVERLAP_MS);
    // By their ids, whenever they changed; asking by status would read the whole table, for want of an index that a parameter can use.
    const open = [...this.#runs].filter(([, { status }]) => !isEnded(status)).map(([id]) => id);
    const [clock, removed] = await Promise.all([
      prisma.$queryRaw<{ now: Date }[]>`select now() as now`,
      prisma.checkpoint.findMany({ where: { removedAt: { gt: from } }, orderBy: [{ removedAt: 'asc' }, { number: 'asc' }] }),
    ]);
    const inForce = await this.#newest();
    const runs = await prisma.trainingRun.findMany({ where: { OR: [{ changedAt: { gt: from } }, { id: { in: open } }] }, orderBy: { changedAt: 'asc' } });
    this.#since = clock[0]?.now ?? this.#since;
    return { runs, inForce, removed };
  }

  #sayRun(run: TrainingRun): void {
    const { bus } = this.#options;
    const known = this.#runs.get(run.id);
    const ended = isEnded(run.status);
    if (!known) bus.emit('training.started', ended ? asStarted(run) : run);
    if (known && isEnded(known.status)) return;
    if (!ended && known && run.progress > known.progress) bus.emit('training.progress', run);
    this.#note(run);
    if (ended) bus.emit('training.finished', run);
  }

  #note(run: TrainingRun): void {
    this.#runs.set(run.id, { status: run.status, progress: run.progress, changedAt: run.changedAt.getTime() });
  }

  /** @returns the activation that serves now: the one given, unless its ranker cannot be read */
  async #serve(activation: Activation | null): Promise<Activation | null> {
    const { activeRanker, fallBack, logger } = this.#options;
    const rankerId = activation?.rankerId ?? BASE_RANKER_ID;
    const startedAt = performance.now();
    try {
      await activeRanker.switchTo(rankerId);
    } catch (error) {
      // Unreadable, not unreachable: a database that does not answer is no reason to serve something else.
      if (!(error instanceof DomainError)) throw error;
      // Superseded, and removed, since it was looked up: no fault.
      let inForce = await this.#newest();
      if (inForce?.id === activation?.id) {
        await fallBack(rankerId, error.message);
        inForce = await this.#newest();
      }
      if (inForce?.id === activation?.id) throw error;
      return this.#serve(inForce);
    }
    this.#activationId = activation?.id ?? null;
    logger.info({ ranker: rankerId, reason: activation?.reason ?? 'STARTUP', ms: Math.round((performance.now() - startedAt) * 10) / 10 }, 'model loaded');
    return activation;
  }

  #newest(): Promise<Activation | null> {
    return this.#options.prisma.activation.findFirst({ orderBy: { id: 'desc' } });
  }

  #forgetOld(): void {
    const oldest = this.#since.getTime() - 4 * OVERLAP_MS;
    for (const [id, run] of this.#runs) if (isEnded(run.status) && run.changedAt < oldest) this.#runs.delete(id);
    for (const [id, removedAt] of this.#removed) if (removedAt < oldest) this.#removed.delete(id);
  }
}

function isEnded(status: TrainingStatus): boolean {
  return status !== 'QUEUED' && status !== 'RUNNING';
}

/** A run that began and ended between two looks: said as it stood when it began. */
function asStarted(run: TrainingRun): TrainingRun {
  return { ...run, status: 'RUNNING', progress: 0, samples: 0n, samplesDone: 0n, finishedAt: null, checkpointId: null, metrics: null, servedMetrics: null, reason: null };
}
