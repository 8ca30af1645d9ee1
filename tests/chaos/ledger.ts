/** What the load client knows: which searches and clicks it attempted, and which of them were acknowledged. */

export interface SearchAttempt {
  /** Sent as the sessionId, so that a stored search names the attempt it comes from. */
  id: string;
  round: number;
  query: string;
  /** null: no answer came, so that the search may be stored or not. */
  answer: { searchId: string; documentIds: string[] } | null;
}

export interface ClickAttempt {
  /** Kept over retries. */
  eventId: string;
  round: number;
  searchId: string;
  documentId: string;
  /** Answers that said it is stored, */
  acknowledgements: number;
  /** and of these, those that said it had not been stored before. */
  saidNew: number;
}

/** Entries in the order of their attempts. */
export interface Entries {
  searches: SearchAttempt[];
  clicks: ClickAttempt[];
}

export class Ledger {
  readonly #searches: SearchAttempt[] = [];
  readonly #clicks: ClickAttempt[] = [];
  round = 0;

  attemptSearch(query: string): SearchAttempt {
    const attempt: SearchAttempt = { id: `round-${this.round}-search-${this.#searches.length}`, round: this.round, query, answer: null };
    this.#searches.push(attempt);
    return attempt;
  }

  attemptClick(searchId: string, documentId: string): ClickAttempt {
    const attempt: ClickAttempt = { eventId: `event-${this.#clicks.length}`, round: this.round, searchId, documentId, acknowledgements: 0, saidNew: 0 };
    this.#clicks.push(attempt);
    return attempt;
  }

  /** Everything, or what one round attempted. */
  entries(round?: number): Entries {
    const isWanted = (entry: { round: number }): boolean => round === undefined || entry.round === round;
    return { searches: this.#searches.filter(isWanted), clicks: this.#clicks.filter(isWanted) };
  }

  /** Clicks to send again. */
  unanswered(): ClickAttempt[] {
    return this.#clicks.filter(({ round, acknowledgements }) => round === this.round && acknowledgements === 0);
  }
}
