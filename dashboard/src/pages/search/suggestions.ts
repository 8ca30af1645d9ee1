/** Example queries that find something here: what was searched lately, else words that stand in several titles. */
import type { Operation } from '../../../../src/client/index.js';
import { RecentQueries, Titles, type RecentQueriesQuery, type TitlesQuery } from '../../generated/operations.js';
import { RequestError, type GraphqlClient } from '../../graphql-client.js';

const MOST = 8;
const SHORTEST_WORD = 3;

const none = { edges: [] };

export async function loadSuggestions(client: GraphqlClient): Promise<readonly string[]> {
  const [recent, titles] = await Promise.all([orNothing(client, RecentQueries), orNothing(client, Titles)]);
  return suggestionsFrom({ samples: recent?.samples ?? none, documents: titles?.documents ?? none });
}

/** Without examples the box still works. */
async function orNothing<Result>(client: GraphqlClient, operation: Operation<Result, Record<string, never>>): Promise<Result | null> {
  try {
    return await client.request(operation, {});
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

/** The most frequent first; a query counts once a search, whatever it showed. */
export function suggestionsFrom({ samples, documents }: RecentQueriesQuery & TitlesQuery): readonly string[] {
  const searches = new Map(samples.edges.map(({ node }) => [node.searchId, node.query.trim().toLowerCase()]));
  const queries = byFrequency([...searches.values()]);
  const words = documents.edges.flatMap(({ node }) => [...new Set(wordsOf(node.title))]);
  const frequent = byFrequency(words).filter((word) => words.indexOf(word) !== words.lastIndexOf(word));
  return [...new Set([...queries, ...frequent])].slice(0, MOST);
}

function wordsOf(title: string): string[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
  return [...segmenter.segment(title.toLowerCase())].filter(({ segment, isWordLike }) => isWordLike && segment.length >= SHORTEST_WORD && !/\d/.test(segment)).map(({ segment }) => segment);
}

function byFrequency(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
}
