/** Sends documents to the server: what it refuses row by row comes back with its line, and a call refused whole is halved until the row is found. */
import { RequestError } from '../../src/client/index.js';
import { ImportDocuments } from '../generated/operations.js';
import type { Request } from '../server.js';
import type { PlacedDocument, RowFault } from './batches.js';

/** The server could not take the call as it was: some row in it is to blame. */
const CONTENT_REFUSED: ReadonlySet<string> = new Set(['BAD_USER_INPUT', 'BAD_REQUEST', 'PAYLOAD_TOO_LARGE']);

/** @returns the rows that were not stored; rejects when the whole import cannot go on */
export async function storeDocuments(request: Request, placed: readonly PlacedDocument[]): Promise<RowFault[]> {
  if (placed.length === 0) return [];
  try {
    const { importDocuments } = await request(ImportDocuments, { documents: placed.map(({ document }) => document) });
    return importDocuments.errors.map(({ index, message }) => faultOf(placed[index]!, message));
  } catch (error) {
    if (!(error instanceof RequestError) || !CONTENT_REFUSED.has(error.code)) throw error;
    if (placed.length === 1) return [faultOf(placed[0]!, error.message)];
    const middle = Math.ceil(placed.length / 2);
    return [...(await storeDocuments(request, placed.slice(0, middle))), ...(await storeDocuments(request, placed.slice(middle)))];
  }
}

/** The id helps to find the row where lines do not (a minified array). */
function faultOf({ line, document }: PlacedDocument, message: string): RowFault {
  const id = document.id.length > 40 ? `${document.id.slice(0, 40)}…` : document.id;
  return { line, reason: `${message.replace(/\.$/, '')} (id ${JSON.stringify(id)})` };
}
