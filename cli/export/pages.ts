/** What is stored, page by page along a cursor: only one page is in memory, however much there is. */
import { DocumentsPage, SamplesPage, type DocumentsPageQuery, type SampleFilter, type SamplesPageQuery } from '../generated/operations.js';
import type { Request } from '../server.js';

/** The server gives no more at once. */
const PAGE_ROWS = 200;

export type ExportedDocument = DocumentsPageQuery['documents']['edges'][number]['node'];
export type ExportedSample = SamplesPageQuery['samples']['edges'][number]['node'];

interface Page<Row> {
  edges: { node: Row }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** By id. */
export function allDocuments(request: Request, limit: number): AsyncGenerator<ExportedDocument> {
  return along(limit, async (first, after) => (await request(DocumentsPage, { first, after })).documents);
}

/** Newest search first, by position within it. */
export function allSamples(request: Request, limit: number, filter: SampleFilter): AsyncGenerator<ExportedSample> {
  return along(limit, async (first, after) => (await request(SamplesPage, { first, after, filter })).samples);
}

async function* along<Row>(limit: number, read: (first: number, after: string | null) => Promise<Page<Row>>): AsyncGenerator<Row> {
  let left = limit;
  for (let after: string | null = null; left > 0; ) {
    const { edges, pageInfo }: Page<Row> = await read(Math.min(PAGE_ROWS, left), after);
    for (const { node } of edges) yield node;
    left -= edges.length;
    if (!pageInfo.hasNextPage) return;
    after = pageInfo.endCursor;
  }
}
