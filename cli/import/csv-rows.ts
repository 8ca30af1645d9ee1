/** Rows of a CSV file (RFC 4180, with a header): parsed by csv-parse, and begun again on the next line after a row that is none. */
import { isUtf8 } from 'node:buffer';
import { CsvError, parse, type Parser } from 'csv-parse';
import { CommandError, EXIT } from '../exit-codes.js';
import { count, counted } from '../format.js';
import { ByteWindow, countNewlines } from './byte-window.js';
import type { SourceRow } from './source-row.js';

/** A quote that is never closed would swallow the file: no row may be longer. */
const MAX_CSV_ROW_BYTES = 1024 * 1024;

/** What csv-parse found, in words without its own line numbers, which begin again with each parser. */
const FAULTS: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'a closing quote is followed by text: quotes within a quoted field are doubled ("")',
  INVALID_OPENING_QUOTE: 'a quote within a field that does not begin with one: quote the whole field, and double the quotes in it ("")',
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_MAX_RECORD_SIZE: 'a quote is opened and not closed within 1 MB',
};

interface Found {
  cells: string[];
  /** Bytes from where its parser began to its end. */
  bytes: number;
}

export interface CsvOptions {
  delimiter: string;
  /** Called with the names of the columns before the first row; may throw. */
  onHeader: (columns: string[]) => void;
}

export async function* csvRows(stream: AsyncIterable<Uint8Array>, { delimiter, onHeader }: CsvOptions): AsyncGenerator<SourceRow> {
  const window = new ByteWindow(stream);
  let columns: string[] | undefined;
  /** Where the next row begins (blank lines before it included), and its line. */
  let at = 0;
  let line = 1;

  /** From what the parser found, with the lines as the file has them: csv-parse counts those within quotes differently. */
  const place = function* (found: Found[], base: number): Generator<SourceRow> {
    for (const { cells, bytes } of found.splice(0)) {
      const end = base + bytes;
      skipBlank();
      const raw = window.slice(at, end);
      if (!columns) onHeader((columns = header(cells)));
      else yield { line, endByte: end, ...content(cells, columns, raw) };
      line += countNewlines(raw);
      at = end;
    }
    window.drop(at);
  };
  const skipBlank = (): void => {
    const rest = window.slice(at);
    const blank = rest.findIndex((byte) => byte !== 0x0a && byte !== 0x0d);
    if (blank <= 0) return;
    line += countNewlines(rest.subarray(0, blank));
    at += blank;
  };

  for (;;) {
    const base = at;
    const found: Found[] = [];
    const parser = begin(delimiter, base === 0, found);
    let fed = base;
    try {
      for (;;) {
        if (fed === window.end && !(await window.more())) break;
        await feed(parser, window.slice(fed));
        fed = window.end;
        yield* place(found, base);
      }
      await finish(parser);
      yield* place(found, base);
      return;
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      yield* place(found, base);
      skipBlank();
      const end = (await window.lineEnd(at)) ?? window.end;
      if (!columns) throw new CommandError(EXIT.failed, `The header cannot be read: ${FAULTS[error.code] ?? error.message}.`);
      yield { line, endByte: end, fault: FAULTS[error.code] ?? error.message };
      line++;
      at = end;
      window.drop(at);
    } finally {
      parser.destroy();
    }
  }
}

/** Rows go into `found` as they are parsed, so that those before a broken one are not lost with the parser. */
function begin(delimiter: string, bom: boolean, found: Found[]): Parser {
  const parser = parse({
    bom,
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_CSV_ROW_BYTES,
    on_record: (cells: string[], { bytes }) => {
      found.push({ cells, bytes });
      return null;
    },
  });
  // Failures reach whoever feeds it.
  parser.on('error', () => undefined);
  parser.resume();
  return parser;
}

function feed(parser: Parser, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => parser.write(chunk, (error) => (error ? reject(error) : resolve())));
}

function finish(parser: Parser): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once('end', resolve);
    parser.once('error', reject);
    parser.end();
  });
}

function header(cells: string[]): string[] {
  const names = cells.map((name) => name.trim());
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) throw new CommandError(EXIT.failed, `The header has two columns "${twice}": they need different names.`);
  return names;
}

function content(cells: string[], columns: string[], raw: Buffer): Pick<SourceRow, 'fields' | 'fault'> {
  if (cells.length !== columns.length) return { fault: `it has ${counted(cells.length, 'column')}, the header ${count(columns.length)}` };
  if (!isUtf8(raw)) return { fault: 'it is not valid UTF-8' };
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  // An empty cell is no value. A column without a name cannot be meant.
  columns.forEach((name, index) => {
    if (name !== '' && cells[index] !== '') fields[name] = cells[index];
  });
  return { fields };
}
