/** How good a page is in the eyes of the crowd, which knows its own taste. */
import { ndcg } from '../learning/metrics.js';
import type { Taste } from './hidden-taste.js';

/** Places that count. */
export const JUDGED_PLACES = 10;

/** A query with the crowd's grade of everything that matches it. */
export class JudgedQuery {
  readonly query: string;
  readonly #taste: Taste;
  readonly #grades: readonly number[];

  /** @param candidates ids of all documents that a ranking of this query chooses from */
  constructor(query: string, taste: Taste, candidates: readonly string[]) {
    this.query = query;
    this.#taste = taste;
    this.#grades = candidates.map((id) => taste(query, id));
  }

  /** nDCG@10 of a ranking, 1 when its first ten are the best that there are in the best order; 0 where the crowd likes nothing. */
  ndcg(documentIds: readonly string[]): number {
    return ndcg(documentIds.map((id) => this.#taste(this.query, id)), JUDGED_PLACES, this.#grades) ?? 0;
  }
}
