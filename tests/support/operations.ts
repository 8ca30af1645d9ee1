/** Operations that most tests need, over the public API. */
import type { Answer, ApiClient } from './api-client.js';

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
        searchId query totalMatches explored ranker { id }
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
