/** Somebody who wants the ranking worse, or one document up: searches like anybody, and clicks what the users do not like. */
import { namedRandom } from '../../src/simulation/seeded-random.js';
import { zipfDraw } from '../../src/simulation/zipf-draw.js';
import { RECORD_CLICK, request, SEARCH } from '../loop/api.js';

/** The server's most: a document that is far down is then found and clicked, too, where few would look and a click weighs most. */
const FAR_DOWN = 100;
const FIRST_PAGE = 10;

export interface AttackerOptions {
  url: string;
  seed: number;
  queries: readonly string[];
  /** Who it says it is, by the number of the search. */
  identity: (search: number) => { userId?: string; sessionId?: string };
  /** What it clicks on a page. */
  choose: (query: string, documentIds: readonly string[]) => readonly string[];
  /** It asks nothing but the first query, and looks at all that it finds. */
  hasTarget: boolean;
}

interface Found {
  search: { searchId: string; results: { document: { id: string } }[] };
}

export class Attacker {
  readonly #options: AttackerOptions;
  readonly #draw: () => number;
  searches = 0;
  clicks = 0;

  constructor(options: AttackerOptions) {
    this.#options = options;
    this.#draw = zipfDraw(options.queries.length, 1, namedRandom(options.seed, 'attacker'));
  }

  /** One search and its clicks. */
  async strike(): Promise<void> {
    const { url, queries, choose, identity, hasTarget } = this.#options;
    const query = queries[hasTarget ? 0 : this.#draw()]!;
    const { search } = await request<Found>(url, SEARCH, { input: { query, limit: hasTarget ? FAR_DOWN : FIRST_PAGE, ...identity(this.searches++) } });
    for (const documentId of choose(query, search.results.map(({ document }) => document.id))) {
      await request(url, RECORD_CLICK, { input: { searchId: search.searchId, documentId, eventId: `attack-${this.clicks}` } });
      this.clicks++;
    }
  }
}
