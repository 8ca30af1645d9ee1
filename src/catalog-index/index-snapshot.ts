/** The index as a file, so that a process that starts again need not read and stem every document. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Raised when words, stems or the lists of the index change: files of before are then passed over. */
const FORMAT = 1;
const MAGIC = 'rankloop index';
/** Read, written and summed up at once: a few milliseconds of the main thread, with a turn for others after each. */
const CHUNK_BYTES = 4 * 1024 ** 2;
/** Length and checksum of the contents. */
const FOOTER_BYTES = 8;

export type Column = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Everything an index consists of: long columns of numbers, and what goes into JSON. */
export interface IndexState {
  columns: Record<string, Column>;
  rest: Record<string, unknown>;
}

/** What a file must have been made for to be of use. */
export interface SnapshotKey {
  /** Of the stored catalogue: no two databases have the same. */
  catalogue: string;
  language: string;
}

interface Contents {
  magic: string;
  format: number;
  /** Word boundaries are those of the ICU that Node was built with. */
  icu: string | undefined;
  key: SnapshotKey;
  revision: number;
  columns: { name: string; type: 'bytes' | 'words'; length: number }[];
  rest: Record<string, unknown>;
  checksum: number;
}

/**
 * Writes a file: all columns, then their names and the rest as JSON, then the length and checksum of that. The columns are
 * read while others go on: `isCurrent` is asked in the end, and what has changed meanwhile is thrown away.
 * @returns whether there is a new file
 */
export async function writeSnapshot(file: string, key: SnapshotKey, revision: number, { columns, rest }: IndexState, isCurrent: () => boolean): Promise<boolean> {
  const unfinished = `${file}.${process.pid}.tmp`;
  const handle = await open(unfinished, 'w');
  try {
    let checksum = 0;
    for (const column of Object.values(columns)) {
      for (const chunk of chunksOf(column)) {
        checksum = crc32(chunk, checksum);
        await handle.writeFile(chunk);
      }
    }
    const contents: Contents = { magic: MAGIC, format: FORMAT, icu: process.versions.icu, key, revision, columns: Object.entries(columns).map(description), rest, checksum };
    const bytes = Buffer.from(JSON.stringify(contents));
    const footer = Buffer.alloc(FOOTER_BYTES);
    footer.writeUInt32LE(bytes.length, 0);
    footer.writeUInt32LE(crc32(bytes), 4);
    await handle.writeFile(bytes);
    await handle.writeFile(footer);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(unfinished, { force: true });
    throw error;
  }
  await handle.close();
  const isWhole = isCurrent();
  if (isWhole) await rename(unfinished, file);
  else await rm(unfinished, { force: true });
  return isWhole;
}

/** The state of a file and its revision; null for none, for another catalogue's, another format's, and a spoiled one. */
export async function readSnapshot(file: string, key: SnapshotKey): Promise<{ state: IndexState; revision: number } | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const contents = await readContents(handle);
    if (contents === null || contents.magic !== MAGIC || contents.format !== FORMAT || contents.icu !== process.versions.icu) return null;
    if (contents.key.catalogue !== key.catalogue || contents.key.language !== key.language) return null;
    const columns: Record<string, Column> = {};
    let position = 0;
    let checksum = 0;
    for (const { name, type, length } of contents.columns) {
      const column = type === 'bytes' ? new Uint8Array(length) : new Uint32Array(length);
      for (const chunk of chunksOf(column)) {
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
        if (bytesRead !== chunk.length) return null;
        position += bytesRead;
        checksum = crc32(chunk, checksum);
      }
      columns[name] = column;
    }
    return checksum === contents.checksum ? { state: { columns, rest: contents.rest }, revision: contents.revision } : null;
  } finally {
    await handle.close();
  }
}

async function readContents(handle: FileHandle): Promise<Contents | null> {
  const { size } = await handle.stat();
  const footer = Buffer.alloc(FOOTER_BYTES);
  if (size < FOOTER_BYTES) return null;
  await handle.read(footer, 0, FOOTER_BYTES, size - FOOTER_BYTES);
  const length = footer.readUInt32LE(0);
  if (length > size - FOOTER_BYTES) return null;
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, size - FOOTER_BYTES - length);
  return crc32(bytes) === footer.readUInt32LE(4) ? (JSON.parse(bytes.toString()) as Contents) : null;
}

function description([name, column]: [string, Column]): Contents['columns'][number] {
  return { name, type: column instanceof Uint8Array ? 'bytes' : 'words', length: column.length };
}

function* chunksOf(column: Column): Generator<Uint8Array> {
  for (let start = 0; start < column.byteLength; start += CHUNK_BYTES) {
    yield new Uint8Array(column.buffer, column.byteOffset + start, Math.min(CHUNK_BYTES, column.byteLength - start));
  }
}
