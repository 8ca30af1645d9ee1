/** One visit of a simulated user: who comes, what they ask, and which of the results they click. */
import type { Taste } from './hidden-taste.js';
import { PositionBasedUser } from './position-based-user.js';
import { namedRandom, seededValue } from './seeded-random.js';
import { zipfDraw } from './zipf-draw.js';

/** How uneven queries are: the first is asked twice as often as the second, three times as often as the third. */
const QUERY_EXPONENT = 1;
const USERS = 200;
/** Of the visits, those that are over before anything is looked at. */
const LEAVING_SHARE = 0.1;
/** Of the visits, those that click on anything, good or not. */
const CARELESS_SHARE = 0.03;
const CARELESS_CLICK_PROBABILITY = 0.2;
/** Of the visits without a click on the first page, those that turn to the next. */
const PAGING_SHARE = 0.15;

export interface VisitOptions {
  /** Behaviour follows from it. */
  seed: number;
  taste: Taste;
  /** The same number, the same visit. */
  number: number;
  /** The most asked first. */
  queries: readonly string[];
}

/** Pseudonymous; every choice is drawn from the seed and the visit's number, none from the clock. */
export class Visit {
  readonly userId: string;
  readonly sessionId: string;
  readonly query: string;
  readonly #taste: Taste;
  readonly #random: () => number;
  readonly #user: PositionBasedUser;
  readonly #mood: 'LEAVES' | 'CARELESS' | 'LOOKS';

  constructor({ seed, taste, number, queries }: VisitOptions) {
    const random = namedRandom(seed, `visit ${number}`);
    const user = Math.floor(random() * USERS);
    const mood = random();
    this.#taste = taste;
    this.#random = random;
    this.#mood = mood < LEAVING_SHARE ? 'LEAVES' : mood < LEAVING_SHARE + CARELESS_SHARE ? 'CARELESS' : 'LOOKS';
    this.userId = `user-${user + 1}`;
    this.sessionId = `visit-${number}`;
    this.query = queries[zipfDraw(queries.length, QUERY_EXPONENT, random)()]!;
    // Some look further than others: around 1/k, which is less than the server supposes of its users.
    this.#user = new PositionBasedUser({ steepness: 0.7 + 0.6 * seededValue(seed, `patience of ${user}`), random });
  }

  /** The results of a page that are clicked, in order; `offset` results came before it. */
  clicks(documentIds: readonly string[], offset: number): string[] {
    if (this.#mood === 'LEAVES') return [];
    if (this.#mood === 'CARELESS') {
      return documentIds.filter((_, place) => this.#user.looks(offset + place + 1) && this.#random() < CARELESS_CLICK_PROBABILITY);
    }
    const clicked = this.#user.clicks(documentIds.map((id) => this.#taste(this.query, id)), offset + 1);
    return documentIds.filter((_, place) => clicked[place]);
  }

  /** Whether somebody who clicked nothing turns the page. */
  turnsPage(): boolean {
    return this.#mood === 'LOOKS' && this.#random() < PAGING_SHARE;
  }

  /** A pause in milliseconds, as long as a click takes: half a second on average, 1.5 at most. */
  pauseMs(): number {
    return Math.min(1_500, 150 - 350 * Math.log(1 - this.#random()));
  }
}

/** Share of the visits that ask each query, in the order of the queries. */
export function queryShares(count: number): number[] {
  const weights = Array.from({ length: count }, (_, rank) => (rank + 1) ** -QUERY_EXPONENT);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
