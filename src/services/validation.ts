/** Bounds of what clients send, checked in one way: each fault is a BAD_USER_INPUT that names the field and its bounds. */
import { BadUserInputError } from '../errors.js';

export const MAX_ID_LENGTH = 128;
export const MAX_QUERY_LENGTH = 512;
export const MAX_OFFSET = 10_000;

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

export function checkId(field: string, value: string): string {
  return checkText(field, value, 1, MAX_ID_LENGTH);
}

export function checkQuery(value: string): string {
  checkText('query', value, 1, MAX_QUERY_LENGTH);
  if (value.trim() === '') throw new BadUserInputError('query must not be blank.', { field: 'query' });
  return value;
}

/** Page sizes of connections. */
export function checkFirst(first: number): number {
  return checkInt('first', first, 1, 200);
}

function format(value: number): string {
  return value.toLocaleString('en-US');
}
