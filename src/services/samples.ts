/** Samples: the counts the trigger goes by, the quality card, the stored rows, and how long they are kept. */
import type { Pool } from 'pg';
import { readCounters, type CounterState } from '../database/counter-store.js';
import {
  clearSamples,
  deleteExpired,
  foldDueBuckets,
  listSamples,
  qualityFigures,
  readSample,
  type QualityFigures,
  type SampleFilter,
  type SampleRecord,
} from '../database/sample-store.js';
import { isUuid } from '../database/uuid-v7.js';
import { BadUserInputError } from '../errors.js';
import type { EventBus, SampleStats } from '../events.js';
import { FEATURE_SET } from '../learning/feature-set.js';
import type { ShownTotals } from '../learning/ranking.js';
import type { Logger } from '../logger.js';
import { CURSOR_PART, decodeCursor, encodeCursor, toPage, type Page } from './paging.js';
import type { SettingsService } from './settings.js';
import { sinceLastTraining, triggerState } from './training-trigger.js';
import { checkFirst, checkId, checkText, MAX_QUERY_LENGTH } from './validation.js';

export type { SampleRecord } from '../database/sample-store.js';

/** The counts are said at most 4 times a second. */
const STATS_INTERVAL_MS = 250;
/** Buckets are folded in passing once this many seconds have settled. */
const FOLD_AFTER_BUCKETS = 64;
const QUALITY_SEARCHES = 100;
const RETENTION_INTERVAL_MS = 24 * 3_600_000;
const RETENTION_CHUNK = 1_000;

export interface DataQuality extends QualityFigures {
  volume: 'OK' | 'WARN';
  balance: 'OK' | 'WARN';
  diversity: 'OK' | 'WARN';
  freshness: 'OK' | 'WARN';
  advice: string[];
}

export interface SamplesOptions {
  pool: Pool;
  settings: SettingsService;
  bus: EventBus;
  logger: Logger;
  /** Tells the other processes that counts have changed. */
  announce: () => void;
}

export class SamplesService {
  readonly #options: SamplesOptions;
  #shown: ShownTotals = { clicks: 0, examinations: 0 };
  #lastStats: SampleStats | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settleTimer: NodeJS.Timeout | undefined;
  #publishedAt = 0;
  #announcePending = false;
  #retentionTimer: NodeJS.Timeout | undefined;
  #publishing: Promise<void> = Promise.resolve();
  #retaining: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: SamplesOptions) {
    this.#options = options;
  }

  /** Reads the counts once, deletes what is past its retention, and goes on doing so daily. */
  async start(): Promise<void> {
    this.#lastStats = await this.stats();
    const retain = (): void => void (this.#retaining = this.#retain());
    retain();
    this.#retentionTimer = setInterval(retain, RETENTION_INTERVAL_MS);
    this.#retentionTimer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#settleTimer);
    clearInterval(this.#retentionTimer);
    await Promise.all([this.#publishing, this.#retaining]);
  }

  /** Everything shown so far, as this process last read it. */
  get shownTotals(): ShownTotals {
    return this.#shown;
  }

  async stats(): Promise<SampleStats> {
    return this.statsOf(await this.counters());
  }

  async counters(): Promise<CounterState> {
    const counters = await readCounters(this.#options.pool);
    this.#shown = { clicks: counters.clicked, examinations: counters.examinations };
    return counters;
  }

  statsOf(counters: CounterState): SampleStats {
    const config = this.#options.settings.current;
    const trigger = triggerState(counters, config);
    const since = sinceLastTraining(counters);
    return {
      total: counters.samples,
      positive: counters.clicked,
      negative: counters.samples - counters.clicked,
      clickRate: counters.samples === 0 ? 0 : counters.clicked / counters.samples,
      searches: counters.searches,
      unsettled: counters.samples - counters.settled,
      lastTrainingTotal: counters.sealed,
      sinceLastTraining: since,
      threshold: config.trainingThreshold,
      untilTrigger: Math.max(0, config.trainingThreshold - since),
      waitingReason: trigger.due && trigger.waiting ? trigger.waiting.reason : null,
      runsLastHour: counters.runsLastHour,
      updatedAt: counters.now,
    };
  }

  /** Counts may have changed: says so soon, at most 4 times a second. `local`: here, so that the other processes are told too. */
  changed(local: boolean): void {
    this.#announcePending ||= local;
    if (this.#stopped || this.#timer) return;
    const delayMs = Math.max(0, this.#publishedAt + STATS_INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#publishedAt = performance.now();
      this.#publishing = this.#publishing.then(() => this.#publish());
    }, delayMs);
  }

  async #publish(): Promise<void> {
    const { bus, logger, pool, announce } = this.#options;
    try {
      const counters = await this.counters();
      const stats = this.statsOf(counters);
      const before = this.#lastStats;
      this.#lastStats = stats;
      if (!before || !sameCounts(before, stats)) bus.emit('samples.changed', stats);
      if (this.#announcePending) announce();
      this.#announcePending = false;
      if (counters.dueBuckets >= FOLD_AFTER_BUCKETS) await foldDueBuckets(pool);
      // What waits in buckets settles by time alone: the counts change again then, with nobody's doing.
      clearTimeout(this.#settleTimer);
      if (counters.nextSettleMs !== null && !this.#stopped) this.#settleTimer = setTimeout(() => this.changed(false), counters.nextSettleMs + 1);
    } catch (error) {
      logger.warn({ err: error }, 'the counts could not be read; they will be at the next change');
    }
  }

  sample(searchId: string, position: number): Promise<SampleRecord | null> {
    return readSample(this.#options.pool, searchId, position);
  }

  async samples({ first, after, filter }: { first: number; after?: string | null; filter?: SampleFilter | null }): Promise<Page<SampleRecord>> {
    checkFirst(first);
    const key = decodeCursor('sample', after, [CURSOR_PART.uuid, CURSOR_PART.integer]);
    const { query, documentId, searchId } = filter ?? {};
    if (query !== null && query !== undefined) checkText('filter.query', query, 0, MAX_QUERY_LENGTH);
    if (documentId !== null && documentId !== undefined) checkId('filter.documentId', documentId);
    if (searchId !== null && searchId !== undefined && !isUuid(searchId)) throw new BadUserInputError('filter.searchId must be the UUID that search answered.', { field: 'filter.searchId' });
    const position = key ? { searchId: key[0] ?? '', position: Number(key[1]) } : null;
    const read = await listSamples(this.#options.pool, position, filter ?? {}, first + 1);
    return toPage(read, first, key, (sample) => encodeCursor('sample', [sample.searchId, String(sample.position)]));
  }

  /** The stored values under their names; those of an unknown feature set under their places. */
  namedFeatures({ featureSet, features }: SampleRecord): Record<string, number> {
    const names = featureSet === FEATURE_SET.version ? FEATURE_SET.names : [];
    return Object.fromEntries(features.map((value, index) => [names[index] ?? `feature_${index + 1}`, value]));
  }

  /** Figures over the newest settled samples, a verdict each, and what to do. Advice only: nothing waits for it. */
  async dataQuality(): Promise<DataQuality> {
    const figures = await qualityFigures(this.#options.pool, QUALITY_SEARCHES);
    const clickRate = figures.samples === 0 ? 0 : figures.clicks / figures.samples;
    const checks = {
      volume: figures.samples >= 100 && figures.clicks >= 10,
      balance: figures.samples > 0 && clickRate >= 0.01 && clickRate <= 0.5,
      diversity: figures.distinctQueries >= 5 && figures.distinctDocuments >= 20,
      freshness: figures.newestAgeSeconds !== null && figures.newestAgeSeconds <= 86_400,
    };
    const advice: string[] = [];
    if (!checks.volume) advice.push(`${figures.samples} settled samples with ${figures.clicks} clicks: figures and models are steady from about 100 samples with 10 clicks.`);
    if (!checks.balance && figures.samples > 0) advice.push(clickRate < 0.01 ? 'Under 1 % of the results shown are clicked: check that every click reaches recordClick.' : 'Over half of the results shown are clicked: check that only real clicks are recorded, not views.');
    if (!checks.diversity) advice.push(`${figures.distinctQueries} different queries and ${figures.distinctDocuments} different documents: more of both (5 and 20) let what is learned carry over.`);
    if (!checks.freshness && figures.newestAgeSeconds !== null) advice.push('The newest settled sample is over a day old: check that searches reach this service.');
    const verdict = (ok: boolean): 'OK' | 'WARN' => (ok ? 'OK' : 'WARN');
    return {
      ...figures,
      volume: verdict(checks.volume),
      balance: verdict(checks.balance),
      diversity: verdict(checks.diversity),
      freshness: verdict(checks.freshness),
      advice,
    };
  }

  async clear(confirm: boolean): Promise<number> {
    if (!confirm) throw new BadUserInputError('confirm must be true: every sample and click stored will be deleted.', { field: 'confirm' });
    const deleted = await clearSamples(this.#options.pool);
    this.#options.logger.info({ deleted }, 'samples and clicks were cleared');
    this.changed(true);
    return deleted;
  }

  async #retain(): Promise<void> {
    const { pool, settings, logger } = this.#options;
    const days = settings.current.sampleRetentionDays;
    if (days === 0) return;
    try {
      let deleted = 0;
      for (let chunk = RETENTION_CHUNK; chunk === RETENTION_CHUNK && !this.#stopped; ) {
        chunk = await deleteExpired(pool, days, RETENTION_CHUNK);
        deleted += chunk;
      }
      if (deleted > 0) logger.info({ searches: deleted, days }, 'searches past their retention were deleted');
    } catch (error) {
      logger.warn({ err: error }, 'deleting old samples failed; it is tried again tomorrow');
    }
  }
}

function sameCounts(a: SampleStats, b: SampleStats): boolean {
  return (
    a.total === b.total &&
    a.positive === b.positive &&
    a.unsettled === b.unsettled &&
    a.sinceLastTraining === b.sinceLastTraining &&
    a.lastTrainingTotal === b.lastTrainingTotal &&
    a.threshold === b.threshold &&
    a.waitingReason === b.waitingReason &&
    a.searches === b.searches
  );
}
