/** The catalogue: documents in the database, and the index of this process kept current with it. */
import type { Pool } from 'pg';
import type { CatalogIndex } from '../catalog-index/catalog-index.js';
import { readCatalogState, readDocuments, readRemovals, readWritten, removeDocuments, resetLanguage, upsertDocuments, type DocumentRow } from '../database/catalog-store.js';
import { BadUserInputError, DomainError } from '../errors.js';
import type { Document, PrismaClient } from '../generated/prisma/client.js';
import type { Logger } from '../logger.js';
import { coalesce } from './coalesce.js';
import { CURSOR_PART, decodeCursor, encodeCursor, toPage, type Page } from './paging.js';
import { checkFirst, checkId, checkText } from './validation.js';

const MAX_DOCUMENTS = 1_000;
const MAX_TITLE_LENGTH = 1_024;
const MAX_BODY_BYTES = 65_536;
const MAX_ATTRIBUTES_BYTES = 16_384;
/** Documents indexed between two turns of the event loop: searches go on while the index loads. */
const LOAD_CHUNK = 500;

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
  logger: Logger;
  /** Tells the other processes that the catalogue has changed. */
  announce: () => void;
}

export class CatalogService {
  readonly #options: CatalogOptions;
  /** The revision the index has reached. */
  #indexed = 0;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  get index(): CatalogIndex {
    return this.#options.index;
  }

  /** Loads the index. Throws when stored documents were imported in another language. */
  async start(): Promise<void> {
    const { pool, language } = this.#options;
    const state = await readCatalogState(pool);
    if (state.empty) await resetLanguage(pool);
    else if (state.language !== null && state.language !== language) {
      throw new Error(
        `The stored documents were imported with RANKLOOP_LANGUAGE=${state.language}, and what was learned rests on its stems; it is ${language} now. Set it back, or delete the documents first.`,
      );
    }
    await this.sync();
  }

  /** Brings the index to the stored revision. */
  readonly sync = coalesce(() => this.#syncOnce());

  async #syncOnce(): Promise<void> {
    const { pool, index, logger } = this.#options;
    const { revision } = await readCatalogState(pool);
    if (revision <= this.#indexed) return;
    const startedAt = performance.now();
    index.remove(await readRemovals(pool, this.#indexed, revision));
    let after = { revision: this.#indexed + 1, id: '' };
    let written = 0;
    for (;;) {
      const rows = await readWritten(pool, after, revision, LOAD_CHUNK);
      index.upsert(rows);
      written += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < LOAD_CHUNK) break;
      after = { revision: last.revision, id: last.id };
    }
    this.#indexed = revision;
    logger.debug({ revision, documents: index.size, written, ms: Math.round(performance.now() - startedAt) }, 'the index is current');
  }

  /** Good rows are stored, bad rows reported; the last of two rows with one id wins. Searches of this process see the change when it returns. */
  async importDocuments(inputs: readonly DocumentInput[]): Promise<{ imported: number; errors: RowError[] }> {
    if (inputs.length > MAX_DOCUMENTS) throw new BadUserInputError(`documents may have at most ${MAX_DOCUMENTS} rows a call; it has ${inputs.length}.`, { field: 'documents', max: MAX_DOCUMENTS });
    const errors: RowError[] = [];
    const good = new Map<string, DocumentRow>();
    inputs.forEach((input, index) => {
      try {
        const row = checkDocument(input);
        good.set(row.id, row);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        errors.push({ index, code: error.code, message: error.message });
      }
    });
    if (good.size > 0) {
      await upsertDocuments(this.#options.pool, [...good.values()], this.#options.language);
      this.#options.announce();
      await this.sync();
    }
    return { imported: good.size, errors };
  }

  async deleteDocuments(ids: readonly string[]): Promise<number> {
    if (ids.length > MAX_DOCUMENTS) throw new BadUserInputError(`ids may have at most ${MAX_DOCUMENTS} entries a call; it has ${ids.length}.`, { field: 'ids', max: MAX_DOCUMENTS });
    ids.forEach((id, index) => checkId(`ids[${index}]`, id));
    if (ids.length === 0) return 0;
    const deleted = await removeDocuments(this.#options.pool, [...new Set(ids)]);
    if (deleted > 0) {
      this.#options.announce();
      await this.sync();
    }
    return deleted;
  }

  document(id: string): Promise<Document | null> {
    checkId('id', id);
    return this.#options.prisma.document.findUnique({ where: { id } });
  }

  /** Documents by id; those that do not exist are left out. */
  async documentsById(ids: readonly string[]): Promise<Map<string, Document>> {
    const found = ids.length > 0 ? await readDocuments(this.#options.pool, ids) : [];
    return new Map(found.map((document) => [document.id, document]));
  }

  async documents({ first, after }: { first: number; after?: string | null }): Promise<Page<Document>> {
    checkFirst(first);
    const key = decodeCursor('document', after, [CURSOR_PART.id]);
    const read = await this.#options.prisma.document.findMany({ where: key ? { id: { gt: key[0] ?? '' } } : {}, orderBy: { id: 'asc' }, take: first + 1 });
    return toPage(read, first, key, (document) => encodeCursor('document', [document.id]));
  }
}

function checkDocument(input: DocumentInput): DocumentRow {
  const attributes = input.attributes ?? {};
  checkId('id', input.id);
  checkText('title', input.title, 1, MAX_TITLE_LENGTH);
  checkText('body', input.body, 0, MAX_BODY_BYTES);
  checkBytes('body', input.body, MAX_BODY_BYTES);
  const json = JSON.stringify(attributes);
  if (json.includes('\\u0000')) throw new BadUserInputError('attributes must not contain a NUL character.', { field: 'attributes' });
  checkBytes('attributes', json, MAX_ATTRIBUTES_BYTES);
  return { id: input.id, title: input.title, body: input.body, attributes };
}

function checkBytes(field: string, value: string, max: number): void {
  const bytes = Buffer.byteLength(value);
  if (bytes > max) throw new BadUserInputError(`${field} may have at most ${max.toLocaleString('en-US')} bytes; it has ${bytes.toLocaleString('en-US')}.`, { field, max });
}
