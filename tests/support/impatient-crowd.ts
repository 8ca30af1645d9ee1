/** Many clients at once, searching and clicking as fast as they are answered; some click again, and some click late. */
import { Agent, request } from 'node:http';
import type { Answer, ApiClient, ApiError } from './api-client.js';

const COLOURS = ['red', 'blue', 'green', 'black', 'white', 'amber', 'violet', 'silver', 'golden', 'brown'];
const THINGS = ['heart', 'circle', 'square', 'flag', 'flower', 'bird'];

/** Sixty documents, so that a query finds six or ten. */
export const THINGS_IN_COLOURS = COLOURS.flatMap((colour) => THINGS.map((thing) => ({ id: `${colour}-${thing}`, title: `${colour} ${thing}`, body: `a ${thing} that is ${colour}` })));
const QUERIES = [...COLOURS, ...THINGS];

const SEARCH = 'mutation($query: String!) { search(input: { query: $query, limit: 6 }) { searchId ranker { id } results { document { id } } } }';
const CLICK = 'mutation($searchId: ID!, $documentId: ID!) { recordClick(input: { searchId: $searchId, documentId: $documentId }) { duplicate sample { learned } } }';

export interface CrowdReport {
  errors: ApiError[];
  searches: number;
  /** Rankers that answered searches. */
  rankers: Set<string>;
  /** The slowest answer, in milliseconds. */
  slowestMs: number;
  /** Results nobody has clicked on yet, one a user. */
  unclicked: { searchId: string; documentId: string }[];
}

/**
 * Each user searches, clicks on a result or two, and comes back to an earlier list for a late click: for so many rounds, or while told to go on.
 * Users are spread over the clients.
 */
export async function impatientCrowd(clients: readonly ApiClient[], { users, rounds }: { users: number; rounds: number | (() => boolean) }): Promise<CrowdReport> {
  const goesOn = typeof rounds === 'number' ? (round: number) => round < rounds : rounds;
  const agent = new Agent({ keepAlive: true, maxSockets: users });
  const report: CrowdReport = { errors: [], searches: 0, rankers: new Set(), slowestMs: 0, unclicked: [] };
  const ask = async (client: ApiClient, query: string, variables: Record<string, unknown>): Promise<Answer> => {
    const startedAt = performance.now();
    const { data, errors } = await post(client.url, agent, JSON.stringify({ query, variables }));
    report.slowestMs = Math.max(report.slowestMs, performance.now() - startedAt);
    report.errors.push(...(errors ?? []));
    return data;
  };
  const user = async (nth: number): Promise<void> => {
    const lists: { searchId: string; results: { document: { id: string } }[] }[] = [];
    for (let round = 0; goesOn(round); round++) {
      const client = clients[(nth + round) % clients.length]!;
      const found = (await ask(client, SEARCH, { query: QUERIES[(nth * 7 + round * 3) % QUERIES.length] }))?.search;
      if (!found) continue;
      report.searches++;
      report.rankers.add(found.ranker.id);
      lists.push(found);
      const click = (list: (typeof lists)[number] | undefined, place: number): Promise<Answer> | undefined =>
        list && ask(client, CLICK, { searchId: list.searchId, documentId: list.results[place % list.results.length]!.document.id });
      // A double click, a second result, and a list that may long have been learned.
      await Promise.all([click(found, nth), nth % 3 === 0 ? click(found, nth) : undefined, nth % 5 === 0 ? click(found, nth + 2) : undefined, nth % 4 === 0 ? click(lists.at(-3), nth + 1) : undefined]);
    }
    const last = lists.at(-1);
    if (last) report.unclicked.push({ searchId: last.searchId, documentId: last.results[(nth + 3) % last.results.length]!.document.id });
  };
  try {
    await Promise.all(Array.from({ length: users }, (_, nth) => user(nth)));
  } finally {
    agent.destroy();
  }
  return report;
}

/** Costs a fraction of what fetch does: the crowd shares its two cores with the server. */
function post(url: string, agent: Agent, body: string): Promise<{ data?: Answer; errors?: ApiError[] }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as { data?: Answer; errors?: ApiError[] }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
