/** Where an import stands, kept beside its file, so that the same command goes on after an interruption. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What must be the same for an import to go on: the file as it is, how it is read, and where it goes. */
export interface ImportKey {
  path: string;
  size: number;
  modifiedMs: number;
  url: string;
  /** Format and mapping. */
  reading: string;
}

export interface Standing {
  /** Rows done with, good and bad, from the first. */
  rows: number;
  badRows: number;
  /** Bytes of the file that they take. */
  bytes: number;
  /** The newest document stored; when it is gone, so are the others. */
  lastId: string | null;
}

interface Entry {
  key: ImportKey;
  standing: Standing;
}

/** One import, one journal: `.NAME.rankloop-import.json` in the file's folder. Removed when the import is through. */
export class Journal {
  readonly #key: ImportKey;
  readonly path: string;
  #isWritable = true;

  constructor(key: ImportKey) {
    this.#key = key;
    this.path = join(dirname(key.path), `.${basename(key.path)}.rankloop-import.json`);
  }

  /** @returns where an earlier import of the same file, mapping and server stopped; null when there was none */
  async read(): Promise<Standing | null> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch {
      return null;
    }
    try {
      const { key, standing } = JSON.parse(text) as Entry;
      return JSON.stringify(key) === JSON.stringify(this.#key) && Number.isSafeInteger(standing.rows) ? standing : null;
    } catch {
      // Torn by a crash of the machine.
      return null;
    }
  }

  /** @returns why it cannot be kept, once; undefined when it is */
  async write(standing: Standing): Promise<string | undefined> {
    if (!this.#isWritable) return undefined;
    const temporary = `${this.path}.${process.pid}`;
    try {
      await writeFile(temporary, `${JSON.stringify({ key: this.#key, standing } satisfies Entry)}\n`);
      await rename(temporary, this.path);
      return undefined;
    } catch (error) {
      this.#isWritable = false;
      return error instanceof Error ? error.message : String(error);
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
