/** Brings the emoji into the server's catalogue, those that it lacks. */
import type { Api } from './api.js';
import type { EmojiDocument } from './emoji-catalogue.js';
import { DOCUMENT_IDS, IMPORT } from './operations.js';

const BATCH = 500;

interface DocumentPage {
  documents: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

/** @returns how many documents were missing and are there now */
export async function importMissing(api: Api, documents: readonly EmojiDocument[], onProgress: (imported: number, missing: number) => void): Promise<number> {
  const present = await storedIds(api);
  const missing = documents.filter(({ id }) => !present.has(id));
  for (let from = 0; from < missing.length; from += BATCH) {
    const batch = missing.slice(from, from + BATCH);
    const { importDocuments } = await api.request<{ importDocuments: { errors: { message: string }[] } }>(IMPORT, { documents: batch });
    if (importDocuments.errors[0]) throw new Error(`The catalogue cannot be imported: ${importDocuments.errors[0].message}`);
    onProgress(from + batch.length, missing.length);
  }
  return missing.length;
}

async function storedIds(api: Api): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let after: string | null = null; ; ) {
    const { documents }: DocumentPage = await api.request<DocumentPage>(DOCUMENT_IDS, { after });
    for (const { node } of documents.edges) ids.add(node.id);
    if (!documents.pageInfo.hasNextPage) return ids;
    after = documents.pageInfo.endCursor;
  }
}
