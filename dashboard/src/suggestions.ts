/** Example queries that find something here: what was searched lately, else words that stand in several titles. */
import { Suggestions, type SuggestionsQuery } from './generated/operations.js';
import { RequestError, type GraphqlClient } from './graphql-client.js';

const MOST = 8;
const SHORTEST_WORD = 3;

export async function loadSuggestions(client: GraphqlClient): Promise<readonly string[]> {
  try {
    return suggestionsFrom(await client.request(Suggestions, {}));
  } catch (error) {
    // Without examples the box still works.
    if (error instanceof RequestError) return [];
    throw error;
  }
}

/** The most frequent first; a query counts once a search, whatever it showed. */
export function suggestionsFrom({ samples, documents }: SuggestionsQuery): readonly string[] {
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
