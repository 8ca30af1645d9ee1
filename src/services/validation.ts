/** Bounds of what clients send, checked in one way: each fault is a BAD_USER_INPUT that names the field and its bounds. */
import { BadUserInputError } from '../errors.js';
import type { Limits } from '../limits.js';

export const MAX_OFFSET = 10_000;
/** Ids that this service gives: rankers, runs, checkpoints. */
const MAX_OWN_ID_LENGTH = 128;

export function checkInt(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new BadUserInputError(`${field} must be a whole number from ${format(min)} to ${format(max)}; it was ${value}.`, { field, min, max });
}

export function checkNumber(field: string, value: number, min: number, max: number): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new BadUserInputError(`${field} must be a number from ${format(min)} to ${format(max)}; it was ${value}.`, { field, min, max });
}

/** Text that PostgreSQL and UTF-8 can hold, within a length in UTF-16 code units. */
export function checkText(field: string, value: string, minLength: number, maxLength: number): string {
  if (value.length < minLength || value.length > maxLength) {
    throw new BadUserInputError(`${field} must have ${format(minLength)} to ${format(maxLength)} characters; it has ${format(value.length)}.`, {
      field,
      minLength,
      maxLength,
    });
  }
  if (value.includes('\0')) throw new BadUserInputError(`${field} must not contain a NUL character.`, { field });
  if (!value.isWellFormed()) throw new BadUserInputError(`${field} must be well-formed Unicode: it contains half of a surrogate pair.`, { field });
  return value;
}

/** An id that clients give: a document's, user's, session's or click's. */
export function checkId(field: string, value: string, { maxIdLength }: Limits): string {
  return checkText(field, value, 1, maxIdLength);
}

export function checkOwnId(field: string, value: string): string {
  return checkText(field, value, 1, MAX_OWN_ID_LENGTH);
}

/** At most so many entries in one call. */
export function checkCount(field: string, count: number, max: number): void {
  if (count > max) throw new BadUserInputError(`${field} may have at most ${max} entries a call; it has ${count}.`, { field, max });
}

export function checkQuery(value: string, { maxQueryLength }: Limits): string {
  checkText('query', value, 1, maxQueryLength);
  if (value.trim() === '') throw new BadUserInputError('query must not be blank.', { field: 'query' });
  return value;
}

/** Page sizes of connections. */
export function checkFirst(first: number, { maxPageSize }: Limits): number {
  return checkInt('first', first, 1, maxPageSize);
}

function format(value: number): string {
  return value.toLocaleString('en-US');
}
