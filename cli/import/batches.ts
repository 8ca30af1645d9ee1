/** Documents in calls: up to 1,000 rows and under 8 MB each, with the rows that cannot be sent beside them. */
import type { DocumentInput } from '../generated/operations.js';
import { toDocument, type Mapping } from './mapping.js';
import type { SourceRow } from './source-row.js';

const MAX_ROWS = 1_000;
/** The server takes 8 MB with what is around the documents. */
const MAX_BYTES = 7_500_000;

export interface PlacedDocument {
  line: number;
  document: DocumentInput;
}

export interface RowFault {
  line: number;
  reason: string;
}

export interface Batch {
  documents: PlacedDocument[];
  faults: RowFault[];
  /** Rows in it, good and bad, and where the file stands behind them. */
  rows: number;
  endByte: number;
}

/** Passes over the first `skip` rows, which are done with. */
export async function* batches(rows: AsyncIterable<SourceRow>, mapping: Mapping, skip: number): AsyncGenerator<Batch> {
  let batch = emptyBatch();
  let bytes = 0;
  let passed = 0;
  try {
    for await (const row of rows) {
      if (passed++ < skip) continue;
      const document = row.fields ? toDocument(mapping, row.fields) : (row.fault ?? 'it cannot be read');
      const size = typeof document === 'string' ? 0 : Buffer.byteLength(JSON.stringify(document)) + 1;
      if (bytes + size > MAX_BYTES && batch.rows > 0) {
        yield batch;
        [batch, bytes] = [emptyBatch(), 0];
      }
      if (typeof document === 'string') batch.faults.push({ line: row.line, reason: document });
      else if (size > MAX_BYTES) batch.faults.push({ line: row.line, reason: 'it is larger than a call may be (8 MB)' });
      else batch.documents.push({ line: row.line, document });
      bytes += size > MAX_BYTES ? 0 : size;
      batch.rows++;
      batch.endByte = row.endByte;
      if (batch.rows < MAX_ROWS) continue;
      yield batch;
      [batch, bytes] = [emptyBatch(), 0];
    }
  } catch (error) {
    // A file that cannot be read on is stored as far as it could be.
    if (batch.rows > 0) yield batch;
    throw error;
  }
  if (batch.rows > 0) yield batch;
}

function emptyBatch(): Batch {
  return { documents: [], faults: [], rows: 0, endByte: 0 };
}
