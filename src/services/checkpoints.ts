/** Checkpoints: saving, activation and rollback, retention, archive, and what they take on disk. */
import type { Pool } from 'pg';
import { activationInForce, BASE_RANKER_ID, rollbackTarget } from '../database/activation-store.js';
import { activate, archive, markRemoved, newestServable, removable, storageUsage, takeNumber, type ActivationRequest, type RemovalFilter } from '../database/checkpoint-store.js';
import { BadUserInputError, DomainError, FailedPreconditionError, NotFoundError } from '../errors.js';
import type { EventBus } from '../events.js';
import type { Activation, Checkpoint, PrismaClient, TrainingRun } from '../generated/prisma/client.js';
import type { CheckpointStatus, TrainingMode } from '../generated/prisma/enums.js';
import { withCheckpointMetadata } from '../learning/checkpoint-format.js';
import { isPriorCurve } from '../learning/examination.js';
import type { Limits } from '../limits.js';
import type { Logger } from '../logger.js';
import type { ActiveRanker } from './active-ranker.js';
import { checkpointName, checkpointPath, MODEL_FOLDER, sha256Of, type ModelFiles } from './model-files.js';
import { CURSOR_PART, decodeCursor, encodeCursor, toPage, type Page } from './paging.js';
import type { SettingsService } from './settings.js';
import { checkFirst, checkOwnId, checkInt, checkText } from './validation.js';

const REJECTED_KEPT = 5;
const MAX_IDS = 100;
/** Below this a full disk is near: a few hundred checkpoints of full size. */
const SHORT_DISK_BYTES = 1024 ** 3;

/** An activation as clients see it: a stored one, or a reload, which stores none. */
export type ActivationRecord = Pick<Activation, 'id' | 'rankerId' | 'previousId' | 'reason' | 'evidence' | 'at'>;

export interface SavedCheckpoint {
  id: string;
  number: number;
  path: string;
  bytes: Uint8Array;
  sha256: string;
}

export interface ModelStorage {
  online: StorageUsage;
  offline: StorageUsage;
  archived: StorageUsage;
  rejected: StorageUsage;
  freeDiskBytes: number;
  warning: string | null;
}

export interface StorageUsage {
  checkpoints: number;
  bytes: number;
  path: string;
}

export interface CheckpointsOptions {
  pool: Pool;
  prisma: PrismaClient;
  files: ModelFiles;
  settings: SettingsService;
  activeRanker: ActiveRanker;
  bus: EventBus;
  limits: Limits;
  logger: Logger;
  /** Brings this process to what is stored (events, the serving ranker), and tells the others. */
  spread: () => Promise<void>;
}

export class CheckpointsService {
  readonly #options: CheckpointsOptions;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  /** Writes a run's checkpoint file under the mode's next number: another for every try. */
  async save(run: TrainingRun, bytes: Uint8Array, rejected: boolean): Promise<SavedCheckpoint> {
    const { pool, files, settings } = this.#options;
    const { number, at } = await takeNumber(pool, run, await files.highestNumber(run.mode));
    const id = checkpointName(run.mode, number, settings.current.modelPrefix);
    const path = checkpointPath(rejected ? MODEL_FOLDER.REJECTED : MODEL_FOLDER[run.mode], id);
    const named = withCheckpointMetadata(bytes, { name: id, createdAt: at.toISOString() });
    await files.save(path, named);
    return { id, number, path, bytes: named, sha256: sha256Of(named) };
  }

  /** Takes back a file whose run was refused when it ended. */
  async discard(saved: SavedCheckpoint): Promise<void> {
    await this.#options.files.remove(saved.path);
  }

  /** Takes back the file of a run whose process died before it could end the run. */
  async discardNumber(mode: TrainingMode, number: number): Promise<void> {
    await this.#options.files.removeNumber(mode, number);
  }

  /** Removes what retention no longer keeps, and says so. */
  async applyRetention(): Promise<void> {
    const { pool, settings } = this.#options;
    const online = await markRemoved(pool, { mode: 'ONLINE', statuses: ['AVAILABLE'], keepNewest: settings.current.checkpointRetention });
    const rejected = await markRemoved(pool, { statuses: ['REJECTED'], keepNewest: REJECTED_KEPT, acrossModes: true });
    await this.#deleteFiles([...online, ...rejected]);
  }

  async activate(rankerId: string): Promise<Activation> {
    checkOwnId('rankerId', rankerId);
    // Read first, all of it: what cannot be read must not come to serve.
    await this.#options.activeRanker.load(rankerId);
    return this.#activate({
      reason: 'ACTIVATED',
      evidence: null,
      pick: (inForce) => ({ rankerId, returnsTo: inForce.id }),
    });
  }

  /** One step back in what served, skipping what is no longer kept; in the end the base ranker. */
  async rollback(reason: string | null): Promise<Activation> {
    if (reason !== null) checkText('reason', reason, 0, 1_000);
    const { pool } = this.#options;
    const unreadable: string[] = [];
    for (;;) {
      const target = await rollbackTarget(pool, await activationInForce(pool), unreadable);
      if (!target) throw new FailedPreconditionError('There is nothing to roll back to: the base ranker serves, and nothing served before it.');
      if (await this.#readable(target.rankerId)) break;
      unreadable.push(target.rankerId);
    }
    return this.#activate({ reason: 'ROLLED_BACK', evidence: reason, pick: (inForce, client) => rollbackTarget(client, inForce, unreadable) });
  }

  /** What a rollback would go back to, as the tables say; null: there is nothing. (One that cannot be read is skipped when it comes to that.) */
  async rollbackTarget(): Promise<string | null> {
    const { pool } = this.#options;
    return (await rollbackTarget(pool, await activationInForce(pool), []))?.rankerId ?? null;
  }

  /** Whether a ranker can be loaded. A database that does not answer is another matter, and rejects. */
  #readable(rankerId: string): Promise<boolean> {
    return this.#options.activeRanker.load(rankerId).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
        return false;
      },
    );
  }

  /** When what is in force cannot be read anywhere: the newest checkpoint that can, else the base ranker, in force from now on. */
  async fallBack(failedId: string, why: string): Promise<void> {
    const { pool, logger } = this.#options;
    let rankerId: string = BASE_RANKER_ID;
    for (const candidate of await newestServable(pool, failedId, 20)) {
      if (!(await this.#readable(candidate))) continue;
      rankerId = candidate;
      break;
    }
    logger.error({ failed: failedId, now: rankerId }, 'the active checkpoint cannot be read; another ranker serves from now on');
    await activate(pool, {
      reason: 'AUTO_ROLLED_BACK',
      evidence: `${failedId} cannot be read: ${why}`,
      // Another process may have fallen back already.
      pick: (inForce) => (inForce.rankerId === failedId ? { rankerId, returnsTo: inForce.returnsTo } : null),
    });
  }

  async #activate(request: ActivationRequest): Promise<Activation> {
    const { pool, prisma, spread } = this.#options;
    const id = await activate(pool, request);
    if (id === null) throw new FailedPreconditionError('The ranker was removed a moment ago, or there is nothing before what serves.');
    await spread();
    return prisma.activation.findUniqueOrThrow({ where: { id } });
  }

  /** Reads what serves again, from storage. When it cannot be read, the answer is the activation that the service then fell back to. */
  async reload(): Promise<ActivationRecord> {
    const { prisma, activeRanker, bus, spread } = this.#options;
    let rankerId: string;
    try {
      rankerId = await activeRanker.reload();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      await this.fallBack(activeRanker.current.id, error.message);
      await spread();
      return prisma.activation.findFirstOrThrow({ orderBy: { id: 'desc' } });
    }
    const inForce = await prisma.activation.findFirst({ orderBy: { id: 'desc' } });
    const [clock] = await prisma.$queryRaw<{ now: Date }[]>`select now() as now`;
    const at = clock?.now ?? new Date();
    bus.emit('model.reloaded', { rankerId, previousId: rankerId, reason: 'RELOADED', at });
    return { id: inForce?.id ?? 0n, rankerId, previousId: rankerId, reason: 'RELOADED', evidence: null, at };
  }

  /** `dryRun`: only says what would be deleted. */
  async delete(filter: { ids?: readonly string[] | null; mode?: TrainingMode | null; olderThan?: Date | null; keepNewest?: number | null; dryRun?: boolean | null }): Promise<Checkpoint[]> {
    const { pool, prisma, activeRanker } = this.#options;
    const { ids, mode, olderThan, keepNewest } = filter;
    if (!ids && !olderThan && (keepNewest === null || keepNewest === undefined)) {
      throw new BadUserInputError('Give at least one of ids, olderThan and keepNewest: deleting every checkpoint needs keepNewest: 0.', { field: 'input' });
    }
    if (keepNewest !== null && keepNewest !== undefined) checkInt('keepNewest', keepNewest, 0, 1_000_000);
    if (ids) {
      checkInt('ids.length', ids.length, 0, MAX_IDS);
      ids.forEach((id, index) => checkOwnId(`ids[${index}]`, id));
      const known = new Set((await prisma.checkpoint.findMany({ where: { id: { in: [...ids] } }, select: { id: true } })).map(({ id }) => id));
      const unknown = ids.find((id) => !known.has(id));
      if (unknown !== undefined) throw new NotFoundError(`There is no checkpoint ${JSON.stringify(unknown)}; nothing was deleted.`, { field: 'ids' });
      const serving = (await prisma.activation.findFirst({ orderBy: { id: 'desc' } }))?.rankerId ?? activeRanker.current.id;
      if (ids.includes(serving)) throw new FailedPreconditionError(`${serving} serves now and cannot be deleted; nothing was deleted. Activate another ranker first.`, { field: 'ids' });
    }
    const chosen: RemovalFilter = {
      // Archived checkpoints are out of every sweep's reach: they go only by name.
      statuses: ids ? ['AVAILABLE', 'REJECTED', 'ARCHIVED'] : ['AVAILABLE', 'REJECTED'],
      ...(ids ? { ids } : {}),
      ...(mode ? { mode } : {}),
      ...(olderThan ? { olderThan } : {}),
      ...(typeof keepNewest === 'number' ? { keepNewest } : {}),
    };
    const found = (removed: readonly string[]): Promise<Checkpoint[]> => prisma.checkpoint.findMany({ where: { id: { in: [...removed] } }, orderBy: { createdAt: 'desc' } });
    if (filter.dryRun === true) return found(await removable(pool, chosen));
    const removed = await markRemoved(pool, chosen);
    await this.#deleteFiles(removed);
    return found(removed.map(({ id }) => id));
  }

  async #deleteFiles(removed: readonly { id: string; path: string }[]): Promise<void> {
    if (removed.length === 0) return;
    for (const checkpoint of removed) await this.dropFile(checkpoint);
    await this.#options.spread();
  }

  /** Deletes the file of a removed checkpoint, if it lies here: the process that removed it may keep another folder. */
  async dropFile({ path }: { path: string }): Promise<void> {
    const { files, logger } = this.#options;
    await files.remove(path).catch((error: unknown) => logger.warn({ err: error, path }, 'the file of a removed checkpoint could not be deleted; it is tried again at the next start'));
  }

  /** Deletes the files of checkpoints that were removed while this process was away, or whose deletion a crash cut short. */
  async start(): Promise<void> {
    const { prisma, files } = this.#options;
    const stored = await files.list();
    const removed = await prisma.checkpoint.findMany({ where: { id: { in: stored.map(({ name }) => name) }, status: 'REMOVED' }, select: { id: true } });
    const gone = new Set(removed.map(({ id }) => id));
    for (const file of stored) if (gone.has(file.name)) await this.dropFile(file);
  }

  /** Out of retention's reach. The row moves first: a file that a crash left behind is restored from the database when it is read. */
  async archive(id: string): Promise<Checkpoint> {
    const { pool, prisma, files, logger } = this.#options;
    checkOwnId('id', id);
    const checkpoint = await prisma.checkpoint.findUnique({ where: { id } });
    if (!checkpoint) throw new NotFoundError(`There is no checkpoint ${JSON.stringify(id)}.`, { field: 'id' });
    if (checkpoint.status === 'ARCHIVED') return checkpoint;
    const path = checkpointPath(MODEL_FOLDER.ARCHIVED, checkpoint.id);
    if (!(await archive(pool, id, path))) {
      throw new FailedPreconditionError(`${id} is ${checkpoint.status.toLowerCase()}: only an available checkpoint can be archived.`, { field: 'id' });
    }
    await files.move(checkpoint.path, path).catch((error: unknown) => logger.warn({ err: error, path }, 'the file could not be moved; it is restored from the database when needed'));
    return prisma.checkpoint.findUniqueOrThrow({ where: { id } });
  }

  checkpoint(id: string): Promise<Checkpoint | null> {
    checkOwnId('id', id);
    return this.#options.prisma.checkpoint.findUnique({ where: { id } });
  }

  shownPath(checkpoint: Checkpoint): string {
    return this.#options.files.shownPath(checkpoint.path);
  }

  /** Whether nothing has been learned of examination yet. */
  examinationIsPrior({ examination }: Checkpoint): boolean {
    return isPriorCurve(examination);
  }

  async checkpoints(request: { first: number; after?: string | null; mode?: TrainingMode | null; status?: CheckpointStatus | null; kept?: boolean | null }): Promise<Page<Checkpoint>> {
    const { first, after, mode, status, kept } = request;
    checkFirst(first, this.#options.limits);
    const key = decodeCursor('checkpoint', after, [CURSOR_PART.time, CURSOR_PART.id]);
    const createdAt = key ? new Date(key[0] ?? '') : null;
    const read = await this.#options.prisma.checkpoint.findMany({
      where: {
        ...(mode ? { mode } : {}),
        ...(status ? { status } : {}),
        ...(kept === true ? { NOT: { status: 'REMOVED' } } : {}),
        ...(createdAt ? { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: key?.[1] ?? '' } }] } : {}),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: first + 1,
    });
    return toPage(read, first, key, (row) => encodeCursor('checkpoint', [row.createdAt.toISOString(), row.id]));
  }

  /** What served when, newest first; of one ranker, or of all. */
  async activations(request: { first: number; after?: string | null; rankerId?: string }): Promise<Page<Activation>> {
    const { first, after, rankerId } = request;
    checkFirst(first, this.#options.limits);
    const key = decodeCursor('activation', after, [CURSOR_PART.integer]);
    const read = await this.#options.prisma.activation.findMany({
      where: { ...(rankerId === undefined ? {} : { rankerId }), ...(key ? { id: { lt: BigInt(key[0] ?? 0) } } : {}) },
      orderBy: { id: 'desc' },
      take: first + 1,
    });
    return toPage(read, first, key, (row) => encodeCursor('activation', [String(row.id)]));
  }

  async storage(): Promise<ModelStorage> {
    const { pool, files } = this.#options;
    const usage = await storageUsage(pool);
    const freeDiskBytes = await files.freeDiskBytes();
    const entry = (folder: string, key: keyof typeof usage): StorageUsage => ({ ...usage[key], path: files.shownPath(folder) });
    return {
      online: entry(MODEL_FOLDER.ONLINE, 'online'),
      offline: entry(MODEL_FOLDER.OFFLINE, 'offline'),
      archived: entry(MODEL_FOLDER.ARCHIVED, 'archived'),
      rejected: entry(MODEL_FOLDER.REJECTED, 'rejected'),
      freeDiskBytes,
      warning:
        freeDiskBytes < SHORT_DISK_BYTES
          ? `Only ${Math.round(freeDiskBytes / 1024 ** 2)} MB are free on the disk that holds the models: delete old offline or archived checkpoints, or lower checkpointRetention.`
          : null,
    };
  }
}
