/** Where an import reads from: a file or standing input, in which format. */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { CommandError, EXIT } from '../exit-codes.js';
import { csvRows } from './csv-rows.js';
import { jsonArrayRows } from './json-array-rows.js';
import { jsonLinesRows } from './json-lines-rows.js';
import { checkHeader, type Mapping } from './mapping.js';
import type { SourceRow } from './source-row.js';

export const FORMATS = ['jsonl', 'csv', 'tsv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

const STANDARD_INPUT = '-';

export interface Source {
  /** As messages name it. */
  name: string;
  format: Format;
  /** undefined for standard input, which cannot be gone back to. */
  file: { path: string; size: number; modifiedMs: number } | undefined;
  open(): AsyncIterable<Uint8Array>;
}

/** @throws CommandError when there is no such file, or its format cannot be told */
export async function findSource(name: string, format: Format | undefined): Promise<Source> {
  if (name === STANDARD_INPUT) {
    if (!format) throw new CommandError(EXIT.usage, 'Standard input has no name to tell the format by: give --format jsonl, csv, tsv or json.');
    return { name: 'standard input', format, file: undefined, open: () => process.stdin };
  }
  const found = format ?? formatOf(name);
  try {
    const stats = await stat(name);
    if (!stats.isFile()) throw new Error('it is not a file');
    const path = await realpath(name);
    return { name, format: found, file: { path, size: stats.size, modifiedMs: stats.mtimeMs }, open: () => createReadStream(path) };
  } catch (error) {
    throw new CommandError(EXIT.failed, `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function formatOf(name: string): Format {
  const extension = extname(name).toLowerCase();
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  const format = FORMATS.find((known) => `.${known}` === extension);
  if (!format) throw new CommandError(EXIT.usage, `The format of ${name} cannot be told by its extension: give --format jsonl, csv, tsv or json.`);
  return format;
}

export function readRows(source: Source, mapping: Mapping, delimiter: string | undefined): AsyncGenerator<SourceRow> {
  const bytes = source.open();
  if (source.format === 'jsonl') return jsonLinesRows(bytes);
  if (source.format === 'json') return jsonArrayRows(bytes);
  return csvRows(bytes, { delimiter: delimiter ?? (source.format === 'tsv' ? '\t' : ','), onHeader: (columns) => checkHeader(mapping, columns) });
}
