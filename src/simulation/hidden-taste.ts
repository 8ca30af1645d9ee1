/** What a crowd secretly likes: a grade for every query and document, which a ranking can only learn from clicks. */
import { seededValue } from './seeded-random.js';

/** The grade, 0 … 4, of a document for a query. */
export type Taste = (query: string, documentId: string) => number;

/** Shares of grades 4, 3, 2, 1 among documents whose name says nothing; the rest have 0. */
const SHARES = [0.05, 0.1, 0.15, 0.2] as const;
/** How many times as likely a grade is for a document that is called as the query is: 1 more than this. */
const FIT_WEIGHT = 4;

/**
 * A taste that is the same for a seed for ever, so that a crowd that comes back after a restart likes what it liked. Partly it
 * follows the text, as that of people does, so that there is something to learn for queries nobody has asked yet: a document
 * whose name fits f (see nameFit) is 1 + 4f times as likely to have a grade of n or more, for each n, as one whose name does
 * not. The rest is chance, for each query and document, which only clicks can tell.
 *
 * Example: of 46 documents with the query only in their tags about 2 have grade 4, 5 grade 3, 23 grade 0; of 46 whose name is
 * half the query's about 7 have grade 4, 14 grade 3, none 0.
 *
 * @param namesOf what a document is called, in each language; none for one that is not known
 */
export function hiddenTaste(seed: number, namesOf: (documentId: string) => readonly string[]): Taste {
  return (query, documentId) => {
    let value = seededValue(seed, `${query}\n${documentId}`) / (1 + FIT_WEIGHT * nameFit(query, namesOf(documentId)));
    for (let rank = 0; rank < SHARES.length; rank++) {
      value -= SHARES[rank]!;
      if (value < 0) return SHARES.length - rank;
    }
    return 0;
  };
}

/**
 * How near a document's name is to a query, 0 … 1: the share of its letters that are the query's, in the name where that is
 * most; 0 where no name has the query in it.
 *
 * Example: "cat" in "cat" → 1, in "cat face" → 3/8, in "tiger" → 0; 心 in ["red heart", "红心"] → 1/2.
 */
export function nameFit(query: string, names: readonly string[]): number {
  const asked = query.toLowerCase();
  return Math.max(0, ...names.map((name) => (asked !== '' && name.toLowerCase().includes(asked) ? asked.length / name.length : 0)));
}
