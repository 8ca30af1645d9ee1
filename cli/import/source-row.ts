/** A row as a parser found it: where it stands in the file, and what is in it or why it cannot be read. */

export interface SourceRow {
  /** The line of the file on which it begins, counted from 1. */
  line: number;
  /** Bytes of the file read when it ended. */
  endByte: number;
  /** Column → value; undefined when it cannot be read. */
  fields?: Record<string, unknown>;
  /** Why it cannot be read, in words. */
  fault?: string;
}

/** No row may be larger: a call takes 8 MB. A row that does not end within it is a broken one, and would fill the memory. */
export const MAX_ROW_BYTES = 8 * 1024 * 1024;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
