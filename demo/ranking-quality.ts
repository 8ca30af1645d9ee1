/** How good the server's rankings are for its users: what only the simulation can know, since it knows their taste. */
import type { Taste } from '../src/simulation/hidden-taste.js';
import { JudgedQuery, JUDGED_PLACES } from '../src/simulation/judged-query.js';
import type { Api } from './api.js';

/** The server chooses from at most this many documents for a query. */
const MOST_CANDIDATES = 200;
const PAGE_SIZE = 100;
/** Rankings asked for in one request; the server allows 15 aliases. */
const TOGETHER = 12;

interface Ranking {
  results: { document: { id: string } }[];
}

export class RankingQuality {
  readonly #api: Api;
  readonly #queries: readonly JudgedQuery[];
  readonly #shares: readonly number[];
  /** nDCG@10 of the base ranker. */
  readonly base: number;

  private constructor(api: Api, queries: readonly JudgedQuery[], shares: readonly number[], basePages: readonly string[][]) {
    this.#api = api;
    this.#queries = queries;
    this.#shares = shares;
    this.base = this.#mean(basePages);
  }

  /**
   * Asks for everything that matches each query, by previews in the base ranker's order.
   * @param shares what each query counts for in the mean; their sum is 1
   */
  static async prepare(api: Api, queries: readonly string[], shares: readonly number[], taste: Taste): Promise<RankingQuality> {
    const candidates: string[][] = queries.map(() => []);
    for (let offset = 0; offset < MOST_CANDIDATES; offset += PAGE_SIZE) {
      const pages = await previews(api, queries, { offset, limit: PAGE_SIZE, rankerId: 'base' });
      pages.forEach((ids, query) => candidates[query]!.push(...ids));
    }
    return new RankingQuality(api, queries.map((query, index) => new JudgedQuery(query, taste, candidates[index]!)), shares, candidates);
  }

  /** nDCG@10 of what serves now, the mean over the queries. */
  async measure(): Promise<number> {
    return this.#mean(await previews(this.#api, this.#queries.map(({ query }) => query), { offset: 0, limit: JUDGED_PLACES, rankerId: null }));
  }

  #mean(pages: readonly string[][]): number {
    return this.#queries.reduce((sum, query, index) => sum + this.#shares[index]! * query.ndcg(pages[index]!), 0);
  }
}

/** The ids that rank for each query; several queries a request. */
async function previews(api: Api, queries: readonly string[], { offset, limit, rankerId }: { offset: number; limit: number; rankerId: string | null }): Promise<string[][]> {
  const pages: string[][] = [];
  for (let from = 0; from < queries.length; from += TOGETHER) {
    const some = queries.slice(from, from + TOGETHER);
    const parameters = some.map((_, index) => `$q${index}: String!`).join(' ');
    const fields = some.map((_, index) => `r${index}: previewRanking(query: $q${index}, offset: $offset, limit: $limit, rankerId: $rankerId) { results { document { id } } }`);
    const answer = await api.request<Record<string, Ranking>>(`query($offset: Int!, $limit: Int!, $rankerId: ID ${parameters}) { ${fields.join(' ')} }`, {
      offset,
      limit,
      rankerId,
      ...Object.fromEntries(some.map((query, index) => [`q${index}`, query])),
    });
    pages.push(...some.map((_, index) => answer[`r${index}`]!.results.map(({ document }) => document.id)));
  }
  return pages;
}
