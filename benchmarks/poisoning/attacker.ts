/** Somebody who wants the ranking worse, or one document up: searches like anybody, and clicks what the users do not like. */
import { namedRandom } from '../../src/simulation/seeded-random.js';
import { zipfDraw } from '../../src/simulation/zipf-draw.js';
import type { Taste } from '../../src/simulation/hidden-taste.js';
import { RECORD_CLICK, request, SEARCH } from '../loop/api.js';

/** The server's most: a document that is far down is then found and clicked, too, where few would look and a click weighs most. */
const FAR_DOWN = 100;
const FIRST_PAGE = 10;

export interface AttackerOptions {
  url: string;
  seed: number;
  queries: readonly string[];
  taste: Taste;
  /** Who it says it is, by the number of the click. */
  identity: (click: number) => { userId?: string; sessionId?: string };
  /** The one document it wants up, for the first query; null: of any query, what its users like least on the first page. */
  target: string | null;
}

interface Found {
  search: { searchId: string; results: { document: { id: string } }[] };
}

export class Attacker {
  readonly #options: AttackerOptions;
  readonly #draw: () => number;
  clicks = 0;

  constructor(options: AttackerOptions) {
    this.#options = options;
    this.#draw = zipfDraw(options.queries.length, 1, namedRandom(options.seed, 'attacker'));
  }

  /** One search and one click. */
  async strike(): Promise<void> {
    const { url, queries, taste, identity, target } = this.#options;
    const query = queries[target === null ? this.#draw() : 0]!;
    const { search } = await request<Found>(url, SEARCH, { input: { query, limit: target === null ? FIRST_PAGE : FAR_DOWN, ...identity(this.clicks) } });
    const ids = search.results.map(({ document }) => document.id);
    const documentId = target ?? ids.reduce((worst, id) => (taste(query, id) < taste(query, worst) ? id : worst));
    if (!ids.includes(documentId)) return;
    await request(url, RECORD_CLICK, { input: { searchId: search.searchId, documentId, eventId: `attack-${this.clicks}` } });
    this.clicks++;
  }
}
