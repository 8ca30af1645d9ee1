/** Many clients at once, searching and clicking as fast as they are answered; some click again, and some click late. */
import { Agent, request } from 'node:http';
import { PositionBasedUser } from '../../src/simulation/position-based-user.js';
import { seededRandom, seededValue } from '../../src/simulation/seeded-random.js';
import type { Answer, ApiClient, ApiError } from './api-client.js';

const COLOURS = ['red', 'blue', 'green', 'black', 'white', 'amber', 'violet', 'silver', 'golden', 'brown'];
const THINGS = ['heart', 'circle', 'square', 'flag', 'flower', 'bird'];

/** Sixty documents, so that a query finds six or ten. */
export const THINGS_IN_COLOURS = COLOURS.flatMap((colour) => THINGS.map((thing) => ({ id: `${colour}-${thing}`, title: `${colour} ${thing}`, body: `a ${thing} that is ${colour}` })));
const QUERIES = [...COLOURS, ...THINGS];

/** As the server supposes: position k is looked at with probability k^−.7. Clicks that no prediction could foresee would be refused. */
const STEEPNESS = 0.7;

/** A document is liked a little or somewhat, by everybody and for ever. */
const gradeOf = (documentId: string): number => (seededValue(1, documentId) < 0.5 ? 1 : 2);

const SEARCH = 'mutation($query: String!, $userId: ID) { search(input: { query: $query, userId: $userId, limit: 6 }) { searchId ranker { id } results { document { id } } } }';
const CLICK = 'mutation($searchId: ID!, $documentId: ID!) { recordClick(input: { searchId: $searchId, documentId: $documentId }) { duplicate sample { learned } } }';

interface List {
  searchId: string;
  ranker: { id: string };
  results: { document: { id: string } }[];
}

/** A result in a list. */
interface Place {
  searchId: string;
  documentId: string;
}

export interface CrowdReport {
  errors: ApiError[];
  searches: number;
  /** Rankers that answered searches. */
  rankers: Set<string>;
  /** The slowest answer, in milliseconds. */
  slowestMs: number;
  /** Results that were passed over, one a user: of the first list, which the first run learns whatever later ones refuse, or of the last. */
  unclicked: Place[];
}

export interface CrowdOptions {
  users: number;
  rounds: number | ((round: number, soFar: CrowdReport) => boolean);
  /** What each says of who it is; nothing, when left out. */
  userIdOf?: (nth: number) => string | null;
}

/**
 * Each user searches and clicks what was seen and liked, every third user twice at once; every fourth leaves one of the clicks for two rounds
 * later, when the list may long have been learned: for so many rounds, or while told to go on. Users are spread over the clients.
 */
export async function impatientCrowd(clients: readonly ApiClient[], { users, rounds, userIdOf = () => null }: CrowdOptions): Promise<CrowdReport> {
  const goesOn = typeof rounds === 'number' ? (round: number) => round < rounds : (round: number) => rounds(round, report);
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
    const behaviour = new PositionBasedUser({ steepness: STEEPNESS, random: seededRandom(nth) });
    /** By the round it was left in. */
    const left: (Place | undefined)[] = [];
    let unclicked: Place | undefined;
    for (let round = 0; goesOn(round); round++) {
      const client = clients[(nth + round) % clients.length]!;
      const list: List | undefined = (await ask(client, SEARCH, { query: QUERIES[(nth * 7 + round * 3) % QUERIES.length], userId: userIdOf(nth) }))?.search;
      if (!list) continue;
      report.searches++;
      report.rankers.add(list.ranker.id);
      const places = list.results.map(({ document }) => ({ searchId: list.searchId, documentId: document.id }));
      const clicked = behaviour.clicks(places.map(({ documentId }) => gradeOf(documentId)));
      const liked = places.filter((_, place) => clicked[place]);
      left[round] = nth % 4 === 0 ? liked.pop() : undefined;
      if (!unclicked || nth % 2 === 0) unclicked = places.findLast((_, place) => !clicked[place]) ?? unclicked;
      const clicks = [...liked, ...(nth % 3 === 0 ? liked : []), left[round - 2]].filter((place) => place !== undefined);
      await Promise.all(clicks.map((place) => ask(client, CLICK, { ...place })));
    }
    if (unclicked) report.unclicked.push(unclicked);
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
