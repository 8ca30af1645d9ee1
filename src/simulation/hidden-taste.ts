/** What a crowd secretly likes: a grade for every query and document, which a ranking can only learn from clicks. */
import { seededValue } from './seeded-random.js';

/** Shares of grades 4, 3, 2, 1; the rest have 0. */
const SHARES = [0.05, 0.1, 0.15, 0.2] as const;

/**
 * The grade, 0 … 4, of a document for a query; the same for a seed for ever, so that a crowd that comes back after a restart
 * likes what it liked.
 *
 * Example: of 46 documents that match a query equally well about 2 have grade 4, 5 grade 3, 23 grade 0.
 */
export function hiddenTaste(seed: number, query: string, documentId: string): number {
  let value = seededValue(seed, `${query}\n${documentId}`);
  for (let rank = 0; rank < SHARES.length; rank++) {
    value -= SHARES[rank]!;
    if (value < 0) return SHARES.length - rank;
  }
  return 0;
}
