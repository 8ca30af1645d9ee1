/** Relay connections by key: a cursor is the sort key of its row, so that a page costs the same wherever it stands. */
import { BadUserInputError } from '../errors.js';
import { LONGEST_ID } from '../limits.js';

export interface Page<Row> {
  rows: { cursor: string; row: Row }[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

/** Opaque to clients; `kind` keeps a cursor of one list from being taken for another's. */
export function encodeCursor(kind: string, key: readonly string[]): string {
  return Buffer.from(JSON.stringify([kind, ...key])).toString('base64url');
}

/** @returns the key, or null without a cursor; throws BAD_USER_INPUT for anything that is not a cursor of this list */
export function decodeCursor(kind: string, cursor: string | null | undefined, parts: readonly CursorPart[]): string[] | null {
  if (cursor === null || cursor === undefined) return null;
  const fault = new BadUserInputError('after must be a cursor that an earlier page of the same list gave.', { field: 'after' });
  if (cursor.length > 1_024) throw fault;
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw fault;
  }
  if (!Array.isArray(decoded) || decoded.length !== parts.length + 1 || decoded[0] !== kind) throw fault;
  const key: unknown[] = decoded.slice(1);
  if (!key.every((part, index): part is string => typeof part === 'string' && (parts[index]?.test(part) ?? false))) throw fault;
  return key;
}

/** Makes a page of up to `first` rows out of up to first + 1 rows read. */
export function toPage<Row>(read: readonly Row[], first: number, after: string[] | null, cursorOf: (row: Row) => string): Page<Row> {
  return {
    rows: read.slice(0, first).map((row) => ({ cursor: cursorOf(row), row })),
    hasNextPage: read.length > first,
    hasPreviousPage: after !== null,
  };
}

interface CursorPart {
  test(part: string): boolean;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** What the parts of a key may be: whatever a client makes up beyond that must not reach a statement. */
export const CURSOR_PART = {
  id: { test: (part: string) => part.length >= 1 && part.length <= LONGEST_ID && !part.includes('\0') },
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /** Fits a bigint. */
  integer: /^\d{1,18}$/,
  /** Fits an int. */
  position: /^\d{1,9}$/,
  time: { test: (part: string) => TIME.test(part) && !Number.isNaN(Date.parse(part)) },
} as const;
