/** SQL of the catalogue: every change raises its revision, so that each process's index knows what it has missed. */
import type { Pool, PoolClient } from 'pg';
import type { Document, Prisma } from '../generated/prisma/client.js';
import { inTransaction } from './transaction.js';

export interface DocumentRow {
  id: string;
  title: string;
  body: string;
  attributes: Record<string, unknown>;
}

/**
 * Stores documents by id, in one transaction. Documents in an empty catalogue set its language.
 * @returns the language of the documents that are there, if it is another: then nothing is stored
 */
export function upsertDocuments(pool: Pool, rows: readonly DocumentRow[], language: string): Promise<{ otherLanguage: string | null }> {
  return inTransaction(pool, async (client) => {
    const catalog = await lockCatalog(client);
    if (catalog.language !== language) {
      // A statement of its own, so that it sees what others committed before the lock was ours.
      const { rowCount } = await client.query('select 1 from document limit 1');
      if (rowCount !== 0 && catalog.language !== null) return { otherLanguage: catalog.language };
      await client.query('update catalog set language = $1', [language]);
    }
    const ids = rows.map((row) => row.id);
    // In the database's order of ids, as whoever else locks documents: two writers of the same ones cannot deadlock.
    await client.query(
      `insert into document (id, title, body, attributes, revision)
      select id, title, body, attributes, $5 from unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) as t(id, title, body, attributes) order by id
      on conflict (id) do update set title = excluded.title, body = excluded.body, attributes = excluded.attributes, revision = excluded.revision, updated_at = now()`,
      [ids, rows.map((row) => row.title), rows.map((row) => row.body), rows.map((row) => JSON.stringify(row.attributes)), await nextRevision(client)],
    );
    await client.query('delete from deleted_document where id = any($1)', [ids]);
    return { otherLanguage: null };
  });
}

/** Deletes documents, leaving their ids for other processes' indexes. @returns how many existed */
export function removeDocuments(pool: Pool, ids: readonly string[]): Promise<number> {
  return inTransaction(pool, async (client) => {
    const revision = await nextRevision(client);
    const { rows } = await client.query<{ id: string }>(
      `with locked as (select id from document where id = any($1) order by id for update)
      delete from document d using locked l where d.id = l.id returning d.id`,
      [ids],
    );
    await client.query(
      `insert into deleted_document (id, revision) select id, $2 from unnest($1::text[]) as t(id)
      on conflict (id) do update set revision = excluded.revision`,
      [rows.map((row) => row.id), revision],
    );
    return rows.length;
  });
}

async function lockCatalog(client: PoolClient): Promise<{ language: string | null }> {
  const { rows } = await client.query<{ language: string | null }>('select language from catalog for update');
  return rows[0] ?? { language: null };
}

// The row lock makes changes serial: whoever sees revision r sees every change up to r.
async function nextRevision(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ revision: string }>('update catalog set revision = revision + 1 returning revision');
  return rows[0]?.revision ?? '0';
}

interface StoredDocument extends DocumentRow {
  impressions: string;
  clicks: string;
  revision: string;
  updated_at: Date;
}

/** Documents by id, those that exist; the primary key finds them. */
export async function readDocuments(pool: Pool, ids: readonly string[]): Promise<Document[]> {
  const { rows } = await pool.query<StoredDocument>({ name: 'read-documents', text: 'select * from document where id = any($1)', values: [ids] });
  return rows.map(({ updated_at: updatedAt, impressions, clicks, revision, attributes, ...row }) => ({
    ...row,
    attributes: attributes as Prisma.JsonObject,
    impressions: BigInt(impressions),
    clicks: BigInt(clicks),
    revision: BigInt(revision),
    updatedAt,
  }));
}

export interface CatalogState {
  /** No two databases have the same. */
  identity: string;
  revision: number;
  language: string | null;
  empty: boolean;
}

export async function readCatalogState(pool: Pool): Promise<CatalogState> {
  const { rows } = await pool.query<CatalogState>(
    'select identity, revision::float8, language, not exists (select 1 from document) as empty from catalog',
  );
  return rows[0] ?? { identity: '', revision: 0, language: null, empty: true };
}

/** How many documents there are: counts them. */
export async function countDocuments(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('select count(*)::float8 as count from document');
  return rows[0]?.count ?? 0;
}

export interface WrittenDocument {
  id: string;
  title: string;
  body: string;
  revision: number;
}

/** Documents written after (revision, id) up to a revision, in that order, at most `limit`; go on from the last one read while there are as many. */
export async function readWritten(pool: Pool, after: { revision: number; id: string }, throughRevision: number, limit: number): Promise<WrittenDocument[]> {
  const { rows } = await pool.query<WrittenDocument>({
    name: 'catalog-written',
    text: `select id, title, body, revision::float8 from document
    where (revision, id) > ($1, $2) and revision <= $3 order by revision, id limit $4`,
    values: [after.revision, after.id, throughRevision, limit],
  });
  return rows;
}

/** Ids deleted after a revision, up to a revision, and not written again since. */
export async function readRemovals(pool: Pool, afterRevision: number, throughRevision: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('select id from deleted_document where revision > $1 and revision <= $2', [afterRevision, throughRevision]);
  return rows.map((row) => row.id);
}
