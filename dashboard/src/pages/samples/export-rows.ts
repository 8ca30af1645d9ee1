/** Samples as lines of CSV or JSON: one row format for every export. */
import type { SampleFieldsFragment } from '../../generated/operations.js';

export type ExportFormat = 'csv' | 'jsonl';

const columns = [
  'searchId', 'position', 'query', 'documentId', 'basePosition', 'score', 'baseScore', 'clickProbability', 'propensity', 'clicked', 'clickCount', 'shownAt', 'clickedAt',
  'settlesAt', 'settled', 'learned', 'rankerId', 'explored', 'interleaved', 'team', 'userId', 'sessionId', 'features',
] as const satisfies readonly (keyof SampleFieldsFragment)[];

export interface CsvOptions {
  /**
   * A spreadsheet runs a cell that begins with = + - @ (or a tab or line end before them) as a formula, and anybody can search for one. True puts an
   * apostrophe before such texts, which a spreadsheet shows as text; it changes them for whoever reads the file otherwise, so it is a choice.
   */
  isSafeForSpreadsheets: boolean;
}

export interface Lines {
  text: string;
  /** Cells that got an apostrophe. */
  guarded: number;
}

/** The line of names; with a byte order mark for spreadsheets, which else take UTF-8 for something else. */
export function csvHeader({ isSafeForSpreadsheets }: CsvOptions): string {
  return `${isSafeForSpreadsheets ? '\uFEFF' : ''}${columns.join(',')}\r\n`;
}

/** RFC 4180: CRLF at the end of rows, quotes around what holds a quote, a comma or a line end, quotes within doubled. null is an empty cell; features are JSON. */
export function csvLines(samples: readonly SampleFieldsFragment[], { isSafeForSpreadsheets }: CsvOptions): Lines {
  let guarded = 0;
  const cell = (value: SampleFieldsFragment[(typeof columns)[number]]): string => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'object') return quoted(JSON.stringify(value));
    if (typeof value !== 'string') return String(value);
    const isFormula = isSafeForSpreadsheets && /^[=+\-@\t\r\n]/.test(value);
    if (isFormula) guarded += 1;
    return quoted(isFormula ? `'${value}` : value);
  };
  const text = samples.map((sample) => `${columns.map((column) => cell(sample[column])).join(',')}\r\n`).join('');
  return { text, guarded };
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One JSON object a line, the same fields, exactly as the server gave them. */
export function jsonLines(samples: readonly SampleFieldsFragment[]): Lines {
  const text = samples.map((sample) => `${JSON.stringify(Object.fromEntries(columns.map((column) => [column, sample[column]])))}\n`).join('');
  return { text, guarded: 0 };
}
