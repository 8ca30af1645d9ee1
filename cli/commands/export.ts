/** `rankloop export samples|documents`: what is stored, as JSON Lines or CSV. */
import { extname } from 'node:path';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import { counted } from '../format.js';
import { DOCUMENT_COLUMNS, SAMPLE_COLUMNS } from '../export/columns.js';
import { allDocuments, allSamples } from '../export/pages.js';
import { writeRows } from '../export/write-rows.js';
import type { SampleFilter } from '../generated/operations.js';
import { interruptible } from '../interruption.js';
import { connectPatiently, inWords, type ServerOptions } from '../server.js';

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;

export interface ExportOptions extends ServerOptions {
  out?: string;
  format?: (typeof EXPORT_FORMATS)[number];
  limit?: number;
  /** Seconds. */
  wait: number;
}

export interface SampleExportOptions extends ExportOptions {
  clicked?: boolean;
  notClicked?: boolean;
  query?: string;
  document?: string;
  search?: string;
  after?: Date;
  before?: Date;
}

const PAGE_TIMEOUT_MS = 60_000;

export function exportRows(what: 'documents' | 'samples', options: SampleExportOptions): Promise<ExitCode> {
  return interruptible(async (signal) => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const request = connectPatiently({ ...options, waitSeconds: options.wait, timeoutMs: PAGE_TIMEOUT_MS, signal, say });
    const limit = options.limit ?? Infinity;
    const isCsv = (options.format ?? formatOf(options.out)) === 'csv';
    let written = 0;
    const counting = async function* (rows: AsyncIterable<object>): AsyncGenerator<object> {
      for await (const row of rows) {
        yield row;
        written++;
      }
    };
    try {
      const rows = what === 'documents' ? allDocuments(request, limit) : allSamples(request, limit, filterOf(options));
      await writeRows(counting(rows), { file: options.out, csvColumns: isCsv ? (what === 'documents' ? DOCUMENT_COLUMNS : SAMPLE_COLUMNS) : undefined, signal });
    } catch (error) {
      throw inWords(error, options.url);
    }
    if (options.out !== undefined) process.stdout.write(`Wrote ${counted(written, what.slice(0, -1))} to ${options.out}.\n`);
    return EXIT.done;
  });
}

function formatOf(out: string | undefined): (typeof EXPORT_FORMATS)[number] {
  return out !== undefined && extname(out).toLowerCase() === '.csv' ? 'csv' : 'jsonl';
}

function filterOf({ clicked, notClicked, query, document, search, after, before }: SampleExportOptions): SampleFilter {
  if (clicked && notClicked) throw new CommandError(EXIT.usage, '--clicked and --not-clicked together leave nothing.');
  return {
    clicked: clicked ? true : notClicked ? false : null,
    query: query ?? null,
    documentId: document ?? null,
    searchId: search ?? null,
    shownAfter: after?.toISOString() ?? null,
    shownBefore: before?.toISOString() ?? null,
  };
}
