/** The index of a large catalogue, kept in a file between runs: read at start, written when much has changed and at the end. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CatalogIndex } from '../catalog-index/catalog-index.js';
import { readSnapshot, writeSnapshot } from '../catalog-index/index-snapshot.js';
import type { CatalogState } from '../database/catalog-store.js';
import type { Logger } from '../logger.js';

/** A smaller catalogue is indexed anew in less than a second. */
const FEWEST_DOCUMENTS = 5_000;
/** While documents come in, the file waits; what has changed since is read from the database at the next start. */
const QUIET_MS = 10_000;
/** A file of which more than this share has changed is written anew. */
const CHANGED_SHARE = 0.1;

export interface IndexFileOptions {
  index: CatalogIndex;
  file: string;
  language: string;
  /** The revision of the catalogue that the index has reached. */
  revision: () => number;
  logger: Logger;
}

/** Only a saving of time: whatever is wrong with the file, the index is made from the database, and nothing fails. */
export class IndexFile {
  readonly #options: IndexFileOptions;
  #catalogue: string | null = null;
  /** The index's changes when the file was last as the index. */
  #savedChanges = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: IndexFileOptions) {
    this.#options = options;
  }

  /** Fills the index if there is a file of this catalogue. @returns the revision it is of; 0 without one */
  async read({ identity, revision }: CatalogState): Promise<number> {
    const { file, language, index, logger } = this.#options;
    this.#catalogue = identity;
    const startedAt = performance.now();
    try {
      const found = await readSnapshot(file, { catalogue: identity, language });
      // A later revision than the stored one: the database is from a backup.
      if (found === null || found.revision > revision) return 0;
      index.load(found.state);
      this.#savedChanges = index.changes;
      logger.info({ documents: index.size, revision: found.revision, ms: Math.round(performance.now() - startedAt) }, 'index read from the data folder');
      return found.revision;
    } catch (error) {
      logger.warn({ err: error, file }, 'the index in the data folder could not be read: it is made from the database');
      index.clear();
      return 0;
    }
  }

  /** The index has changed: it is written when that was much and nothing more comes for a while. */
  changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const { index } = this.#options;
      if (index.changes - this.#savedChanges >= CHANGED_SHARE * index.size) this.#writing = this.#write();
    }, QUIET_MS).unref();
  }

  /** Writes what has changed, at last. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const { index, file, language, revision, logger } = this.#options;
    const changes = index.changes;
    const reached = revision();
    if (changes === this.#savedChanges || index.size < FEWEST_DOCUMENTS || this.#catalogue === null || reached === 0) return;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      const startedAt = performance.now();
      const isWritten = await writeSnapshot(file, { catalogue: this.#catalogue, language }, reached, index.save(), () => index.changes === changes);
      if (!isWritten) return;
      this.#savedChanges = changes;
      logger.info({ documents: index.size, revision: reached, ms: Math.round(performance.now() - startedAt) }, 'index written to the data folder');
    } catch (error) {
      logger.warn({ err: error, file }, 'the index could not be written to the data folder: the next start makes it from the database');
    }
  }
}
