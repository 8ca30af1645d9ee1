/** What serves: one immutable object behind one reference, built beside the old one from verified bytes and swapped. */
import type { Pool } from 'pg';
import { BASE_RANKER_ID } from '../database/activation-store.js';
import { readBytes } from '../database/checkpoint-store.js';
import { FailedPreconditionError, NotFoundError } from '../errors.js';
import type { Checkpoint, PrismaClient } from '../generated/prisma/client.js';
import { decodeCheckpoint } from '../learning/checkpoint-format.js';
import type { Logger } from '../logger.js';
import { sha256Of, type ModelFiles } from './model-files.js';
import type { LoadedRanker } from './ranking.js';
import { checkOwnId } from './validation.js';

const BASE: LoadedRanker = Object.freeze({ id: BASE_RANKER_ID, model: null });
/** Models kept decoded for previews and comparisons; a full one takes about 10 MB. */
const CACHED_MODELS = 4;

export interface ActiveRankerOptions {
  pool: Pool;
  prisma: PrismaClient;
  files: ModelFiles;
  logger: Logger;
}

export class ActiveRanker {
  readonly #options: ActiveRankerOptions;
  /** Least recently used first. */
  readonly #cache = new Map<string, Promise<LoadedRanker>>();
  #current: LoadedRanker = BASE;

  constructor(options: ActiveRankerOptions) {
    this.#options = options;
  }

  /** Take it once a request: a reload swaps the reference, never the object. */
  get current(): LoadedRanker {
    return this.#current;
  }

  /** Serves with a ranker from now on; throws, and changes nothing, when it cannot be read. */
  async switchTo(rankerId: string): Promise<void> {
    this.#current = await this.load(rankerId);
  }

  /** Reads what serves from storage again; throws, and changes nothing, when it cannot be read. @returns what was read */
  async reload(): Promise<string> {
    const { id } = this.#current;
    if (id === BASE_RANKER_ID) return id;
    this.#cache.delete(id);
    const read = await this.#cached(await this.#options.prisma.checkpoint.findUniqueOrThrow({ where: { id } }));
    // Another may have come to serve while this one was read.
    if (this.#current.id === id) this.#current = read;
    return id;
  }

  /**
   * A ranker ready to rank.
   * @throws NotFoundError for an unknown id, FailedPreconditionError for one that is removed, rejected or unreadable
   */
  async load(rankerId: string): Promise<LoadedRanker> {
    if (rankerId === BASE_RANKER_ID) return BASE;
    checkOwnId('rankerId', rankerId);
    // The row is read each time: what was removed since must not be served from the cache. What serves cannot be removed.
    if (rankerId === this.#current.id) return this.#cache.get(rankerId) ?? this.#current;
    const checkpoint = await this.#options.prisma.checkpoint.findUnique({ where: { id: rankerId } });
    if (!checkpoint) throw new NotFoundError(`There is no ranker ${JSON.stringify(rankerId)}: give "base" or a checkpoint's id.`, { field: 'rankerId' });
    if (checkpoint.status === 'REMOVED') throw new FailedPreconditionError(`${rankerId} has been removed: only its record is left.`, { field: 'rankerId' });
    if (checkpoint.status === 'REJECTED') throw new FailedPreconditionError(`${rankerId} was rejected and cannot serve: its training run says why.`, { field: 'rankerId' });
    return this.#cached(checkpoint);
  }

  #cached(checkpoint: Checkpoint): Promise<LoadedRanker> {
    const known = this.#cache.get(checkpoint.id);
    this.#cache.delete(checkpoint.id);
    const loading = known ?? this.#read(checkpoint);
    this.#cache.set(checkpoint.id, loading);
    loading.catch(() => this.#cache.delete(checkpoint.id));
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHED_MODELS) break;
      this.#cache.delete(oldest);
    }
    return loading;
  }

  async #read(checkpoint: Checkpoint): Promise<LoadedRanker> {
    const bytes = await this.bytesOf(checkpoint);
    try {
      return Object.freeze({ id: checkpoint.id, model: decodeCheckpoint(bytes).model });
    } catch (error) {
      throw new FailedPreconditionError(`${checkpoint.id} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { field: 'rankerId' });
    }
  }

  /** A checkpoint's verified bytes: from its file, else from the database, which then restores the file. */
  async bytesOf(checkpoint: Checkpoint): Promise<Uint8Array> {
    const { files, pool, logger } = this.#options;
    const fromFile = await files.readVerified(checkpoint.path, checkpoint.sha256);
    if (fromFile) return fromFile;
    const stored = await readBytes(pool, checkpoint.id);
    if (!stored || sha256Of(stored) !== checkpoint.sha256) {
      logger.error({ checkpoint: checkpoint.id, path: checkpoint.path }, 'a checkpoint is missing or damaged, in its file and in the database');
      throw new FailedPreconditionError(`${checkpoint.id} is missing or damaged, in its file and in the database.`, { field: 'rankerId' });
    }
    logger.warn({ checkpoint: checkpoint.id, path: checkpoint.path }, 'a checkpoint file was missing or damaged; restoring it from the database');
    await files.restore(checkpoint.path, stored).catch((error: unknown) => logger.warn({ err: error, path: checkpoint.path }, 'the file could not be restored'));
    return stored;
  }
}
