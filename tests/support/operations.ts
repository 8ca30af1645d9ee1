/** Operations that most tests need, over the public API. */
import { PATIENCE_MS, type Answer, type ApiClient } from './api-client.js';

export const HEARTS = [
  { id: 'red', title: 'red heart', body: 'the classic heart of love' },
  { id: 'blue', title: 'blue heart', body: 'a heart of trust' },
  { id: 'green', title: 'green heart', body: 'a heart of nature' },
  { id: 'black', title: 'black heart', body: 'a heart of mourning' },
  { id: 'white', title: 'white heart', body: 'a heart of peace' },
];

export async function importDocuments(client: ApiClient, documents: readonly object[]): Promise<Answer> {
  return (await client.query('mutation($documents: [DocumentInput!]!) { importDocuments(input: { documents: $documents }) { imported errors { index code message } } }', { documents })).importDocuments;
}

export async function configure(client: ApiClient, input: Record<string, unknown>): Promise<Answer> {
  return (await client.query('mutation($input: UpdateOnlineLearningConfigInput!) { updateOnlineLearningConfig(input: $input) { config { revision } } }', { input })).updateOnlineLearningConfig.config;
}

export async function search(client: ApiClient, query: string, more: Record<string, unknown> = {}): Promise<Answer> {
  return (
    await client.query(
      `mutation($input: SearchInput!) { search(input: $input) {
        searchId query totalMatches explored interleaved ranker { id }
        results { position basePosition score baseScore clickProbability snippet document { id title } } } }`,
      { input: { query, ...more } },
    )
  ).search;
}

export async function click(client: ApiClient, searchId: string, documentId: string, more: Record<string, unknown> = {}): Promise<Answer> {
  return (
    await client.query('mutation($input: RecordClickInput!) { recordClick(input: $input) { duplicate sample { id clicked clickCount learned settled } sampleStats { total positive } } }', {
      input: { searchId, documentId, ...more },
    })
  ).recordClick;
}

export async function preview(client: ApiClient, query: string, rankerId?: string): Promise<string[]> {
  const { previewRanking } = await client.query('query($query: String!, $rankerId: ID) { previewRanking(query: $query, rankerId: $rankerId) { results { document { id } } } }', { query, rankerId });
  return previewRanking.results.map((hit: Answer) => hit.document.id);
}

export async function sampleStats(client: ApiClient): Promise<Answer> {
  return (await client.query('{ sampleStats { total positive negative clickRate searches unsettled lastTrainingTotal sinceLastTraining threshold untilTrigger waitingReason runsLastHour } }')).sampleStats;
}

/** Several searches for the same in one request: at most 10, the root fields one mutation may have. */
export async function searches(client: ApiClient, count: number, query: string, more: Record<string, unknown> = {}): Promise<Answer[]> {
  const fields = Array.from({ length: count }, (_, nth) => `s${nth}: search(input: $input) { ...hits }`);
  const data = await client.query(
    `mutation($input: SearchInput!) { ${fields.join(' ')} }
    fragment hits on SearchResult { searchId explored interleaved ranker { id } results { position basePosition score baseScore clickProbability document { id } } }`,
    { input: { query, ...more } },
  );
  return Object.values(data);
}

/** A page of stored samples, newest search first. */
export async function samples(client: ApiClient, variables: Record<string, unknown> = {}): Promise<Answer> {
  const page = await client.query(
    `query($first: Int! = 200, $after: String, $filter: SampleFilter) { samples(first: $first, after: $after, filter: $filter) {
      edges { cursor node { id searchId query documentId document { id } position basePosition baseScore score clickProbability propensity clicked clickCount
        shownAt clickedAt settlesAt settled learned features rankerId explored interleaved team userId sessionId } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    variables,
  );
  return page.samples;
}

/** Waits, asking again and again, for what no event tells; rejects with the last failure after `timeoutMs`. */
export async function eventually<T>(look: () => Promise<T>, timeoutMs = PATIENCE_MS): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
