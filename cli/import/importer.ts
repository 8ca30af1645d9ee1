/** Moves batches to the server, a few at once, and knows at every moment through which row everything is stored. */
import { CommandError, EXIT } from '../exit-codes.js';
import { count } from '../format.js';
import type { Request } from '../server.js';
import type { Batch, RowFault } from './batches.js';
import type { Standing } from './journal.js';
import { storeDocuments } from './store-documents.js';

/** Two keep the server busy while the next is read; more bring nothing, since it stores one after the other. */
const CALLS_IN_FLIGHT = 2;
/** So many rows without a single good one: the mapping is wrong, and saying it again for each row helps nobody. */
const HOPELESS_ROWS = 1_000;

export interface ImporterOptions {
  request: Request;
  /** Where an earlier import stopped, or the beginning. */
  from: Standing;
  onFaults: (faults: RowFault[]) => void;
  /** Everything through here is done with. */
  onStanding: (standing: Standing) => Promise<void> | void;
}

interface Call {
  batch: Batch;
  ids: Set<string>;
  faults: Promise<RowFault[]>;
}

/** @returns where it stands at the end; rejects at the first call that fails for good, everything before it being told */
export async function importBatches(batches: AsyncIterable<Batch>, { request, from, onFaults, onStanding }: ImporterOptions): Promise<Standing> {
  let standing = from;
  const calls: Call[] = [];

  const finishOldest = async (): Promise<void> => {
    const { batch, faults } = calls[0]!;
    const all = [...batch.faults, ...(await faults)].sort((a, b) => a.line - b.line);
    calls.shift();
    const refused = new Set(all.map(({ line }) => line));
    const last = batch.documents.findLast(({ line }) => !refused.has(line));
    standing = { rows: standing.rows + batch.rows, badRows: standing.badRows + all.length, bytes: batch.endByte, lastId: last?.document.id ?? standing.lastId };
    if (all.length > 0) onFaults(all);
    await onStanding(standing);
    if (standing.rows >= HOPELESS_ROWS && standing.badRows === standing.rows) {
      throw new CommandError(EXIT.failed, `None of the first ${count(standing.rows)} rows can be used: is the mapping right (--map, --format)?`);
    }
  };

  try {
    for await (const batch of batches) {
      const ids = new Set(batch.documents.map(({ document }) => document.id));
      // The last row of an id wins: two calls at once with the same id could end in either order.
      while (calls.length >= CALLS_IN_FLIGHT || calls.some((call) => sharesAny(call.ids, ids))) await finishOldest();
      const faults = storeDocuments(request, batch.documents);
      // Looked at in order; until then its failure is no unhandled one.
      faults.catch(() => undefined);
      calls.push({ batch, ids, faults });
    }
    while (calls.length > 0) await finishOldest();
    return standing;
  } catch (error) {
    // What was read before it, and what the server has stored meanwhile, counts.
    try {
      while (calls.length > 0) await finishOldest();
    } catch {
      await Promise.allSettled(calls.map(({ faults }) => faults));
    }
    throw error;
  }
}

function sharesAny(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const id of others) if (some.has(id)) return true;
  return false;
}
