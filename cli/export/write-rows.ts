/** Rows as text, into a file or standard output, no faster than it takes them. */
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';

export interface WriteOptions {
  /** undefined: standard output. */
  file: string | undefined;
  /** undefined: JSON Lines. */
  csvColumns: readonly string[] | undefined;
  signal: AbortSignal;
}

export async function writeRows(rows: AsyncIterable<object>, { file, csvColumns, signal }: WriteOptions): Promise<void> {
  const text = csvColumns ? csv(csvColumns) : jsonLines();
  if (file === undefined) {
    await pipeline(Readable.from(rows), text, process.stdout, { signal, end: false });
    return;
  }
  // Under another name until it is whole: nobody takes half an export for one, and an older file stays until then.
  const temporary = `${file}.${process.pid}.part`;
  try {
    await pipeline(Readable.from(rows), text, createWriteStream(temporary, { flags: 'wx' }), { signal });
    await flush(temporary);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function jsonLines(): Writable & NodeJS.ReadWriteStream {
  return new Transform({
    writableObjectMode: true,
    transform: (row: object, _encoding, done) => done(null, `${JSON.stringify(row)}\n`),
  });
}

function csv(columns: readonly string[]): Writable & NodeJS.ReadWriteStream {
  return stringify({ header: true, columns: [...columns], cast: { boolean: String, object: (value) => JSON.stringify(value) } });
}
