/** Samples: the counts the trigger goes by, the quality card, and the stored rows. */
import type { Pool } from 'pg';
import { readCounters, type CounterState } from '../database/counter-store.js';
import { GroupLane } from '../database/group-lane.js';
import {
  clearSamples,
  foldDueBuckets,
  listSamples,
  qualityFigures,
  readSamples,
  type QualityFigures,
  type SampleFilter,
  type SampleRecord,
} from '../database/sample-store.js';
import { isUuid } from '../database/uuid-v7.js';
import { BadUserInputError } from '../errors.js';
import type { EventBus, SampleStats } from '../events.js';
import { EARLIER_FEATURE_SETS, FEATURE_SET } from '../learning/feature-set.js';
import type { ShownTotals } from '../learning/click-probability.js';
import type { Limits } from '../limits.js';
import type { Logger } from '../logger.js';
import { CURSOR_PART, decodeCursor, encodeCursor, toPage, type Page } from './paging.js';
import type { SettingsService } from './settings.js';
import { sinceLastTraining, triggerState } from './training-trigger.js';
import { checkFirst, checkId, checkText } from './validation.js';

export type { SampleRecord } from '../database/sample-store.js';

/** The counts are said at most 4 times a second. */
const STATS_INTERVAL_MS = 250;
/** Buckets are folded in passing once this many seconds have settled. */
const FOLD_AFTER_BUCKETS = 64;
const QUALITY_SAMPLES = 1_000;
const SAMPLES_A_READ = 500;

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
  limits: Limits;
  logger: Logger;
  /** Tells the other processes that counts have changed. */
  announce: () => void;
  /** Brings this process to what happened to training runs here, and tells the others. */
  runsChanged: () => Promise<void>;
}

export class SamplesService {
  readonly #options: SamplesOptions;
  readonly #counts: GroupLane<void, CounterState>;
  readonly #reads: GroupLane<Pick<SampleRecord, 'searchId' | 'position'>, SampleRecord | undefined>;
  #shown: ShownTotals = { clicks: 0, examinations: 0 };
  #lastStats: SampleStats | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settleTimer: NodeJS.Timeout | undefined;
  #publishedAt = 0;
  #announcePending = false;
  #publishing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: SamplesOptions) {
    this.#options = options;
    const read = async (asked: readonly void[]): Promise<CounterState[]> => {
      const counters = await readCounters(options.pool);
      return asked.map(() => counters);
    };
    this.#counts = new GroupLane({ execute: read, rowsOf: () => 0, groupRows: 1 });
    this.#reads = new GroupLane({ execute: (places) => readSamples(options.pool, places), rowsOf: () => 1, groupRows: SAMPLES_A_READ });
  }

  /** Reads the counts once. */
  async start(): Promise<void> {
    this.#lastStats = await this.stats();
    // What was left waiting in buckets settles by time alone.
    this.changed(false);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#settleTimer);
    await this.#publishing;
  }

  /** Everything shown so far, as this process last read it. */
  get shownTotals(): ShownTotals {
    return this.#shown;
  }

  async stats(): Promise<SampleStats> {
    return this.statsOf(await this.counters());
  }

  /** All who ask at once are told the same. */
  async counters(): Promise<CounterState> {
    const counters = await this.#counts.submit();
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

  /** One sample; those that many ask for at once are read at once. */
  sample(searchId: string, position: number): Promise<SampleRecord | undefined> {
    return this.#reads.submit({ searchId, position });
  }

  async samples({ first, after, filter }: { first: number; after?: string | null; filter?: SampleFilter | null }): Promise<Page<SampleRecord>> {
    const { limits } = this.#options;
    checkFirst(first, limits);
    const key = decodeCursor('sample', after, [CURSOR_PART.time, CURSOR_PART.uuid, CURSOR_PART.position]);
    const { query, documentId, searchId } = filter ?? {};
    if (query !== null && query !== undefined) checkText('filter.query', query, 0, limits.maxQueryLength);
    if (documentId !== null && documentId !== undefined) checkId('filter.documentId', documentId, limits);
    if (searchId !== null && searchId !== undefined && !isUuid(searchId)) throw new BadUserInputError('filter.searchId must be the UUID that search answered.', { field: 'filter.searchId' });
    const place = key ? { shownAt: new Date(key[0] ?? ''), searchId: key[1] ?? '', position: Number(key[2]) } : null;
    const read = await listSamples(this.#options.pool, place, filter ?? {}, first + 1);
    return toPage(read, first, key, (sample) => encodeCursor('sample', [sample.shownAt.toISOString(), sample.searchId, String(sample.position)]));
  }

  /** The stored values under their names; those of an unknown feature set under their places. */
  namedFeatures({ featureSet, features }: SampleRecord): Record<string, number> {
    const names = featureSet === FEATURE_SET.version ? FEATURE_SET.names : (EARLIER_FEATURE_SETS.get(featureSet) ?? []);
    return Object.fromEntries(features.map((value, index) => [names[index] ?? `feature_${index + 1}`, value]));
  }

  /** Figures over the newest settled samples, a verdict each, and what to do. Advice only: nothing waits for it. */
  async dataQuality(): Promise<DataQuality> {
    const figures = await qualityFigures(this.#options.pool, QUALITY_SAMPLES);
    return { ...figures, ...judge(figures) };
  }

  async clear(confirm: boolean): Promise<number> {
    if (!confirm) throw new BadUserInputError('confirm must be true: every sample and click stored will be deleted.', { field: 'confirm' });
    const deleted = await clearSamples(this.#options.pool);
    this.#options.logger.info({ deleted }, 'samples and clicks were cleared');
    this.changed(true);
    await this.#options.runsChanged();
    return deleted;
  }
}

function judge(figures: QualityFigures): Omit<DataQuality, keyof QualityFigures> {
  const { samples, clicks, distinctQueries, distinctDocuments, newestAgeSeconds } = figures;
  const clickRate = samples === 0 ? 0 : clicks / samples;
  const advice: string[] = [];
  const verdict = (ok: boolean, whatToDo: string): 'OK' | 'WARN' => {
    if (!ok) advice.push(whatToDo);
    return ok ? 'OK' : 'WARN';
  };
  return {
    volume: verdict(samples >= 100 && clicks >= 10, `${samples} settled samples with ${clicks} clicks: figures and models are steady from about 100 samples with 10 clicks.`),
    balance: verdict(
      clickRate >= 0.01 && clickRate <= 0.5,
      clickRate > 0.5
        ? 'Over half of the results shown are clicked: check that only real clicks are recorded, not views.'
        : 'Under 1 % of the results shown are clicked: check that every click reaches recordClick.',
    ),
    diversity: verdict(
      distinctQueries >= 5 && distinctDocuments >= 20,
      `${distinctQueries} different queries and ${distinctDocuments} different documents: more of both (5 and 20) let what is learned carry over.`,
    ),
    freshness: verdict(
      newestAgeSeconds !== null && newestAgeSeconds <= 86_400,
      newestAgeSeconds === null ? 'No sample has settled yet: search, and wait for the attribution window to pass.' : 'The newest settled sample is over a day old: check that searches reach this service.',
    ),
    advice,
  };
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
