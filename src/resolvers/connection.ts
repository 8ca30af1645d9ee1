/** A service's page as a Relay connection. */
import type { Page } from '../services/paging.js';

interface Connection<Row> {
  edges: { cursor: string; node: Row }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

export function toConnection<Row>({ rows, hasNextPage, hasPreviousPage }: Page<Row>): Connection<Row> {
  return {
    edges: rows.map(({ cursor, row }) => ({ cursor, node: row })),
    pageInfo: { hasNextPage, hasPreviousPage, startCursor: rows[0]?.cursor ?? null, endCursor: rows.at(-1)?.cursor ?? null },
  };
}
