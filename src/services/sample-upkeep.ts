/** Upkeep of what is stored: a partition for every day to come, and no samples past their retention. */
import type { Pool } from 'pg';
import { isRange, listPartitions, makePartitions, raiseOpenFrom, type Partition } from '../database/partition-store.js';
import { deleteExpired, dropExpired, sealExpired } from '../database/retention-store.js';
import { uuidTimeMs } from '../database/uuid-v7.js';
import type { ModelType } from '../generated/prisma/enums.js';
import type { Logger } from '../logger.js';
import type { SettingsService } from './settings.js';

const INTERVAL_MS = 3_600_000;
/** When a table was in use, or another process at it. */
const RETRY_MS = 60_000;
/** Upkeep may fail for so long before searches go to the default partition. */
const AHEAD_DAYS = 3;
const DAY_MS = 86_400_000;
/** Statements that name no partition ask each of them: of those kept, there are about so many at most. */
const MOST_PARTITIONS = 90;
/** Of a partition while samples are kept for ever. */
const UNLIMITED_SPAN_DAYS = 30;
/** Searches deleted, and searches sealed, in one transaction. */
const DELETE_CHUNK = 1_000;
const SEAL_CHUNK = 20_000;
/** Lock not given in time, deadlock, statement took too long, a row came into the default partition meanwhile, another process dropped the table. */
const BUSY_STATES = new Set(['55P03', '40P01', '57014', '23514', '42P01']);

export interface SampleUpkeepOptions {
  pool: Pool;
  settings: SettingsService;
  logger: Logger;
  /** Counts have changed. */
  countsChanged: () => void;
  /** Brings this process to what happened to training runs here, and tells the others. */
  runsChanged: () => Promise<void>;
}

/** Several processes may do it at once: what one does, the others find done. Nothing that fails here fails a request, or a start. */
export class SampleUpkeep {
  readonly #options: SampleUpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: SampleUpkeepOptions) {
    this.#options = options;
  }

  /** Resolves when today has its partition, or it is known that it cannot be made now; the rest goes on by itself, hourly. */
  async start(): Promise<void> {
    this.#underWay = this.#rest(await this.#partitionsMade());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  #partitionsMade(): Promise<boolean> {
    return this.#part('partitions could not be made: without one, searches go to the default partition', () => this.#makePartitions());
  }

  async #rest(made: boolean): Promise<void> {
    const raised = await this.#part('from where on searches are open could not be told', () => raiseOpenFrom(this.#options.pool));
    const retained = await this.#part('deleting old samples failed', () => this.#retain());
    if (this.#stopped) return;
    const again = (): void => void (this.#underWay = this.#partitionsMade().then((isMade) => this.#rest(isMade)));
    this.#timer = setTimeout(again, made && raised && retained ? INTERVAL_MS : RETRY_MS);
    this.#timer.unref();
  }

  /** @returns whether it was done */
  async #part(failure: string, work: () => Promise<void>): Promise<boolean> {
    if (this.#stopped) return false;
    try {
      await work();
      return true;
    } catch (error) {
      const state = (error as { code?: unknown } | null)?.code;
      // That a table is in use passes; said all the same, for if it does not pass this is where to see it.
      if (typeof state === 'string' && BUSY_STATES.has(state)) this.#options.logger.info({ reason: error instanceof Error ? error.message : state }, `${failure}: a table is in use; tried again in a minute`);
      else this.#options.logger.warn({ err: error }, `${failure}; tried again in a minute`);
      return false;
    }
  }

  async #makePartitions(): Promise<void> {
    const { pool, settings, logger } = this.#options;
    const { made, skipped } = await makePartitions(pool, { spanDays: spanDays(settings.current.sampleRetentionDays), aheadDays: AHEAD_DAYS });
    if (made.length > 0) logger.debug({ partitions: made }, 'partitions were made');
    if (skipped.length > 0) logger.warn({ days: skipped }, 'these days stay in the default partition, which holds searches of them already: they are deleted row by row when they expire');
  }

  async #retain(): Promise<void> {
    const { pool, settings, logger } = this.#options;
    const { sampleRetentionDays: days, modelType } = settings.current;
    if (days === 0) return;
    const unlearnedSamples = await this.#sealExpired(days, modelType);
    const dropped: string[] = [];
    let searches = 0;
    for (const partition of await listPartitions(pool)) {
      if (this.#stopped) return;
      if (isRange(partition) && (await dropExpired(pool, partition, days))) dropped.push(partition.name);
      else searches += await this.#deleteExpired(partition, days + daysOf(partition));
    }
    if (dropped.length > 0 || searches > 0) logger.info({ partitions: dropped, searches, unlearnedSamples, days }, 'searches past their retention were deleted: these partitions as a whole, so many others one by one');
  }

  async #deleteExpired(partition: Partition, days: number): Promise<number> {
    let deleted = 0;
    for (let chunk = DELETE_CHUNK; chunk === DELETE_CHUNK && !this.#stopped; ) {
      chunk = await deleteExpired(this.#options.pool, partition, days, DELETE_CHUNK);
      deleted += chunk;
    }
    return deleted;
  }

  /** What expires unsealed is sealed first, so that the counts still add up. @returns samples sealed */
  async #sealExpired(days: number, modelType: ModelType): Promise<number> {
    const { pool, countsChanged, runsChanged } = this.#options;
    let sealed = 0;
    let runs = 0;
    while (!this.#stopped) {
      const samples = await sealExpired(pool, { days, limit: SEAL_CHUNK, modelType });
      if (samples === null) break;
      sealed += samples;
      runs += 1;
    }
    if (runs > 0) {
      countsChanged();
      await runsChanged();
    }
    return sealed;
  }
}

/** A day, unless samples are kept for so long that there would be too many partitions. */
function spanDays(retentionDays: number): number {
  return retentionDays === 0 ? UNLIMITED_SPAN_DAYS : Math.ceil(retentionDays / MOST_PARTITIONS);
}

/** So much longer the first of a partition may be kept than the last, with which all of it goes; row by row go what has no day and what stays beyond that. */
function daysOf(partition: Partition): number {
  if (!isRange(partition) || partition.from === null) return 0;
  return Math.ceil((uuidTimeMs(partition.until) - uuidTimeMs(partition.from)) / DAY_MS);
}
