/** Clicks: each labels a sample once, whatever the retries; and what a user's data consists of can be forgotten. */
import type { Pool } from 'pg';
import { CLICK_ACCEPTED_HOURS, type ClickOutcome, type ClickResult, type ClickRow } from '../database/click-store.js';
import { blankUser } from '../database/sample-store.js';
import { isUuid } from '../database/uuid-v7.js';
import type { WriteBatcher } from '../database/write-batcher.js';
import { BadUserInputError, DomainError, FailedPreconditionError, NotFoundError } from '../errors.js';
import type { EventBus } from '../events.js';
import type { Limits } from '../limits.js';
import type { RowError } from './catalog.js';
import type { SampleRecord, SamplesService } from './samples.js';
import { checkCount, checkId } from './validation.js';

const OLDEST_MS = 4 * 86_400_000;
const NEWEST_MS = 60_000;

export interface ClickInput {
  searchId: string;
  documentId: string;
  eventId?: string | null;
  occurredAt?: Date | null;
}

/** A click that is stored: which sample it belongs to, and whether it had been stored before. */
export interface RecordedClick {
  searchId: string;
  position: number;
  duplicate: boolean;
}

export interface ClicksOptions {
  writes: WriteBatcher;
  samples: SamplesService;
  pool: Pool;
  bus: EventBus;
  limits: Limits;
}

export class ClicksService {
  readonly #options: ClicksOptions;

  constructor(options: ClicksOptions) {
    this.#options = options;
  }

  /** Answers after COMMIT. The same (searchId, documentId, eventId) counts once. */
  async record(input: ClickInput): Promise<RecordedClick> {
    const row = toRow(input, this.#options.limits);
    const [result] = await this.#write([row]);
    if (!result) throw new Error('A click was written without an outcome.');
    const fault = faultOf(result.outcome, row);
    if (fault) throw fault;
    return { searchId: row.searchId, position: result.position ?? 0, duplicate: result.outcome === 'DUPLICATE' };
  }

  /** The sample that was clicked, as it is now: read only when a client asks for it. */
  async clickedSample({ searchId, position }: RecordedClick): Promise<SampleRecord> {
    const sample = await this.#options.samples.sample(searchId, position);
    if (!sample) throw new NotFoundError(`The sample of search ${searchId} was deleted a moment after the click.`);
    return sample;
  }

  /** Each click is answered by itself: bad ones are reported with their index, good ones are recorded. */
  async recordMany(inputs: readonly ClickInput[]): Promise<{ recorded: number; duplicates: number; errors: RowError[] }> {
    const { limits } = this.#options;
    checkCount('clicks', inputs.length, limits.maxClicksPerCall);
    const errors: RowError[] = [];
    const good: { index: number; row: ClickRow }[] = [];
    inputs.forEach((input, index) => {
      try {
        good.push({ index, row: toRow(input, limits) });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        errors.push({ index, code: error.code, message: error.message });
      }
    });
    const results = good.length > 0 ? await this.#write(good.map(({ row }) => row)) : [];
    results.forEach((result, nth) => {
      const { index, row } = good[nth] ?? { index: nth, row: undefined };
      const fault = row && faultOf(result.outcome, row);
      if (fault) errors.push({ index, code: fault.code, message: fault.message });
    });
    errors.sort((a, b) => a.index - b.index);
    const count = (outcome: ClickOutcome): number => results.filter((result) => result.outcome === outcome).length;
    return { recorded: count('RECORDED'), duplicates: count('DUPLICATE'), errors };
  }

  /** Blanks userId, sessionId and the actor in every search stored for this user. @returns how many searches */
  deleteUserData(userId: string): Promise<number> {
    checkId('userId', userId, this.#options.limits);
    return blankUser(this.#options.pool, userId);
  }

  async #write(rows: ClickRow[]): Promise<readonly ClickResult[]> {
    const results = await this.#options.writes.recordClicks(rows);
    const clicks = results.filter((result) => result.outcome === 'RECORDED').length;
    if (clicks > 0) this.#options.bus.emit('click.recorded', { clicks });
    return results;
  }
}

function toRow({ searchId, documentId, eventId, occurredAt }: ClickInput, limits: Limits): ClickRow {
  if (!isUuid(searchId)) throw new BadUserInputError('searchId must be the UUID that search answered.', { field: 'searchId' });
  checkId('documentId', documentId, limits);
  if (eventId !== null && eventId !== undefined) checkId('eventId', eventId, limits);
  if (occurredAt) checkOccurredAt(occurredAt);
  // Left out, all clicks on one result of one search are one event: the empty id, which no client can send.
  return { searchId: searchId.toLowerCase(), documentId, eventId: eventId ?? '', occurredAt: occurredAt ?? null };
}

// A plausibility bound only: nothing is decided by the client's clock, nor by ours.
function checkOccurredAt(occurredAt: Date): void {
  const ageMs = Date.now() - occurredAt.getTime();
  if (ageMs > OLDEST_MS || ageMs < -NEWEST_MS) {
    throw new BadUserInputError('occurredAt must lie between 4 days ago and a minute from now.', { field: 'occurredAt' });
  }
}

function faultOf(outcome: ClickOutcome, row: ClickRow): DomainError | null {
  switch (outcome) {
    case 'NO_SEARCH':
      return new NotFoundError(`There is no search ${row.searchId}: send the searchId that search answered with these results.`, { field: 'searchId' });
    case 'NO_SAMPLE':
      return new NotFoundError(`Document ${JSON.stringify(row.documentId)} was not among the results of search ${row.searchId}.`, { field: 'documentId' });
    case 'EXPIRED':
      return new FailedPreconditionError(`Search ${row.searchId} is older than ${CLICK_ACCEPTED_HOURS} hours: its clicks are no longer accepted.`, { field: 'searchId' });
    default:
      return null;
  }
}
