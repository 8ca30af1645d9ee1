/** The catalogue: documents in the database, and the index of this process kept current with it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { CatalogIndex } from '../catalog-index/catalog-index.js';
import { countDocuments, readCatalogState, readDocuments, readRemovals, readWritten, removeDocuments, upsertDocuments, type DocumentRow, type WrittenDocument } from '../database/catalog-store.js';
import { BadUserInputError, DomainError, FailedPreconditionError } from '../errors.js';
import type { Document, PrismaClient } from '../generated/prisma/client.js';
import type { Limits } from '../limits.js';
import type { Logger } from '../logger.js';
import { coalesce } from './coalesce.js';
import { IndexFile } from './index-file.js';
import { CURSOR_PART, decodeCursor, encodeCursor, toPage, type Page } from './paging.js';
import { checkCount, checkFirst, checkId, checkText } from './validation.js';

const MAX_TITLE_LENGTH = 1_024;
const MAX_ATTRIBUTES_DEPTH = 32;
/** Documents read at once. */
const READ_CHUNK = 500;
/** Indexing goes on for so long, then requests have their turn: an import, or the whole catalogue at start, holds nobody up. */
const INDEXING_SLICE_MS = 5;

export interface DocumentInput {
  id: string;
  title: string;
  body: string;
  attributes?: Record<string, unknown> | null;
}

export interface RowError {
  index: number;
  code: string;
  message: string;
}

export interface CatalogOptions {
  pool: Pool;
  prisma: PrismaClient;
  index: CatalogIndex;
  language: string;
  /** Where the index is kept between runs. */
  indexFile: string;
  limits: Limits;
  logger: Logger;
  /** Tells the other processes that the catalogue has changed. */
  announce: () => void;
}

export class CatalogService {
  readonly #options: CatalogOptions;
  readonly #file: IndexFile;
  /** The revision the index has reached. */
  #indexed = 0;
  #stopping = false;

  constructor(options: CatalogOptions) {
    this.#options = options;
    const { index, indexFile, language, logger } = options;
    this.#file = new IndexFile({ index, file: indexFile, language, logger, revision: () => this.#indexed });
  }

  get index(): CatalogIndex {
    return this.#options.index;
  }

  /** Loads the index. Throws when stored documents were imported in another language. */
  async start(): Promise<void> {
    const { pool, index, logger } = this.#options;
    this.#indexed = await this.#file.read(await readCatalogState(pool));
    const isFromFile = this.#indexed > 0;
    await this.sync();
    if (!isFromFile || (await countDocuments(pool)) === index.size) return;
    logger.warn({ documents: index.size }, 'the index in the data folder does not fit the stored documents (a database from a backup?): it is made anew');
    index.clear();
    this.#indexed = 0;
    await this.sync();
  }

  /** Resolves when no pass is under way any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.sync().catch(() => undefined);
    await this.#file.stop();
  }

  /** Brings the index to the stored revision, or beyond. */
  readonly sync = coalesce(() => this.#syncOnce());

  async #syncOnce(): Promise<void> {
    if (this.#stopping) return;
    const { pool, index, logger, language } = this.#options;
    const state = await readCatalogState(pool);
    if (!state.empty && state.language !== null && state.language !== language) throw otherLanguage(state.language, language);
    const { revision } = state;
    if (revision <= this.#indexed) return;
    const startedAt = performance.now();
    // A first pass has nothing to remove, and all ids ever deleted before it.
    if (this.#indexed > 0) index.remove(await readRemovals(pool, this.#indexed, revision));
    let after = { revision: this.#indexed + 1, id: '' };
    let written = 0;
    for (;;) {
      const rows = await readWritten(pool, after, revision, READ_CHUNK);
      await this.#upsert(rows);
      if (this.#stopping) return;
      written += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < READ_CHUNK) break;
      after = { revision: last.revision, id: last.id };
    }
    this.#indexed = revision;
    this.#file.changed();
    logger.debug({ revision, documents: index.size, written, ms: Math.round(performance.now() - startedAt) }, 'the index is current');
  }

  /** In slices of time, since new words take ten times as long as known ones: a turn of the event loop between them. */
  async #upsert(documents: readonly WrittenDocument[]): Promise<void> {
    let startedAt = performance.now();
    for (const document of documents) {
      this.#options.index.upsert([document]);
      if (performance.now() - startedAt < INDEXING_SLICE_MS) continue;
      await nextTurn();
      startedAt = performance.now();
    }
  }

  /** Good rows are stored, bad rows reported; the last of two rows with one id wins. Searches of this process see the change when it returns. */
  async importDocuments(inputs: readonly DocumentInput[]): Promise<{ imported: number; errors: RowError[] }> {
    const { limits } = this.#options;
    checkCount('documents', inputs.length, limits.maxImportDocuments);
    const errors: RowError[] = [];
    const good = new Map<string, DocumentRow>();
    inputs.forEach((input, index) => {
      try {
        const row = checkDocument(input, limits);
        good.set(row.id, row);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        errors.push({ index, code: error.code, message: error.message });
      }
    });
    if (good.size > 0) {
      const stored = await upsertDocuments(this.#options.pool, [...good.values()], this.#options.language);
      if (stored.otherLanguage !== null) throw otherLanguage(stored.otherLanguage, this.#options.language);
      this.#options.announce();
      await this.sync();
    }
    return { imported: good.size, errors };
  }

  async deleteDocuments(ids: readonly string[]): Promise<number> {
    const { limits } = this.#options;
    checkCount('ids', ids.length, limits.maxImportDocuments);
    ids.forEach((id, index) => checkId(`ids[${index}]`, id, limits));
    if (ids.length === 0) return 0;
    const deleted = await removeDocuments(this.#options.pool, [...new Set(ids)]);
    if (deleted > 0) {
      this.#options.announce();
      await this.sync();
    }
    return deleted;
  }

  document(id: string): Promise<Document | null> {
    checkId('id', id, this.#options.limits);
    return this.#options.prisma.document.findUnique({ where: { id } });
  }

  /** Documents by id; those that do not exist are left out. */
  async documentsById(ids: readonly string[]): Promise<Map<string, Document>> {
    const found = ids.length > 0 ? await readDocuments(this.#options.pool, ids) : [];
    return new Map(found.map((document) => [document.id, document]));
  }

  async documents({ first, after }: { first: number; after?: string | null }): Promise<Page<Document>> {
    checkFirst(first, this.#options.limits);
    const key = decodeCursor('document', after, [CURSOR_PART.id]);
    const read = await this.#options.prisma.document.findMany({ where: key ? { id: { gt: key[0] ?? '' } } : {}, orderBy: { id: 'asc' }, take: first + 1 });
    return toPage(read, first, key, (document) => encodeCursor('document', [document.id]));
  }
}

function otherLanguage(stored: string, own: string): FailedPreconditionError {
  return new FailedPreconditionError(
    `The stored documents were imported with RANKLOOP_LANGUAGE=${stored}, and what was learned rests on its stems; this process runs with ${own}. Set it back, or delete all documents first.`,
    { stored, language: own },
  );
}

function checkDocument(input: DocumentInput, limits: Limits): DocumentRow {
  const attributes = input.attributes ?? {};
  checkId('id', input.id, limits);
  checkText('title', input.title, 1, MAX_TITLE_LENGTH);
  checkText('body', input.body, 0, limits.maxDocumentBodyBytes);
  checkBytes('body', input.body, limits.maxDocumentBodyBytes);
  checkJson(attributes, 1, limits.maxAttributesBytes);
  checkBytes('attributes', JSON.stringify(attributes), limits.maxAttributesBytes);
  return { id: input.id, title: input.title, body: input.body, attributes };
}

/** What PostgreSQL's jsonb cannot hold is refused here, so that one row cannot fail its whole call. */
function checkJson(value: unknown, depth: number, maxBytes: number): void {
  if (typeof value === 'string') checkText('attributes', value, 0, maxBytes);
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_ATTRIBUTES_DEPTH) throw new BadUserInputError(`attributes may be nested at most ${MAX_ATTRIBUTES_DEPTH} levels deep.`, { field: 'attributes', max: MAX_ATTRIBUTES_DEPTH });
  for (const [key, inner] of Object.entries(value)) {
    checkText('attributes', key, 0, maxBytes);
    checkJson(inner, depth + 1, maxBytes);
  }
}

function checkBytes(field: string, value: string, max: number): void {
  const bytes = Buffer.byteLength(value);
  if (bytes > max) throw new BadUserInputError(`${field} may have at most ${max.toLocaleString('en-US')} bytes; it has ${bytes.toLocaleString('en-US')}.`, { field, max });
}
