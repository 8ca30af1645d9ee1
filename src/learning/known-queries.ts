/** The queries that were searched most, by their text: what the guard asks a new content model. */
import { decayOver } from './click-memory.js';

export interface KnownQuery {
  /** As it was typed. */
  text: string;
  /** ΣE: examinations of all that was shown for it, decayed, at the time of its last search. */
  examinations: number;
  /** Seconds since 1970 of its last search. */
  updatedAtSeconds: number;
}

/** Queries kept after a clearing, and those at which it is cleared. */
const KEPT = 1_000;
const CLEARED_AT = 1_500;
/** In UTF-16 code units: a longer text is no query that many search for, and a checkpoint holds the texts in its header. */
const LONGEST_TEXT = 128;

export class KnownQueries {
  readonly #queries: Map<string, KnownQuery>;

  constructor(queries: Iterable<KnownQuery> = []) {
    this.#queries = new Map(Array.from(queries, (query) => [query.text, { ...query }]));
  }

  /**
   * What was shown for a query was looked at `examination` times, in sum over its results. What is spoiled (an examination or
   * a time that is no number) and texts of more than 128 code units are passed over.
   */
  observe(text: string, examination: number, shownAtSeconds: number): void {
    if (!(examination > 0 && examination < Infinity && Number.isFinite(shownAtSeconds)) || text.length > LONGEST_TEXT) return;
    const known = this.#queries.get(text);
    if (known === undefined) {
      this.#queries.set(text, { text, examinations: examination, updatedAtSeconds: shownAtSeconds });
      if (this.#queries.size > CLEARED_AT) this.#clear();
      return;
    }
    const passed = shownAtSeconds - known.updatedAtSeconds;
    if (passed > 0) {
      known.examinations *= decayOver(passed);
      known.updatedAtSeconds = shownAtSeconds;
    }
    known.examinations += examination;
  }

  /** Those with the most examinations first, at most `limit`, each with at least `leastExaminations`. */
  top(limit: number, leastExaminations: number): KnownQuery[] {
    return this.all()
      .filter((query) => query.examinations >= leastExaminations)
      .slice(0, limit);
  }

  /** Most examinations first; equal ones by text. */
  all(): KnownQuery[] {
    return [...this.#queries.values()].sort((a, b) => b.examinations - a.examinations || (a.text < b.text ? -1 : 1));
  }

  copy(): KnownQueries {
    return new KnownQueries(this.#queries.values());
  }

  #clear(): void {
    // Sorted as numbers: to sort the queries themselves takes ten times as long, and a stream of new ones has it done often.
    const examinations = Float64Array.from(this.#queries.values(), (query) => query.examinations).sort();
    const leaving = examinations.length - KEPT;
    const most = examinations[leaving - 1]!;
    const tied: string[] = [];
    for (const query of this.#queries.values()) {
      if (query.examinations < most) this.#queries.delete(query.text);
      else if (query.examinations === most) tied.push(query.text);
    }
    // Of equal ones those first by text stay.
    const tiedToLeave = leaving - examinations.indexOf(most);
    for (const text of tied.sort().slice(tied.length - tiedToLeave)) this.#queries.delete(text);
  }
}
