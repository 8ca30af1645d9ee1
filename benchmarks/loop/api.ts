/** The few requests the loop benchmark makes, over HTTP as any client does. */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface ShownList {
  searchId: string;
  documentIds: string[];
}

export const SEARCH = 'mutation($input: SearchInput!) { search(input: $input) { searchId results { position score document { id title } } } }';
export const RECORD_CLICK = 'mutation($input: RecordClickInput!) { recordClick(input: $input) { duplicate } }';

export type Headers = Readonly<Record<string, string>>;

export async function request<Data>(url: string, query: string, variables: object = {}, headers: Headers = {}): Promise<Data> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }) });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(`The server answered ${JSON.stringify(errors)}`);
  return data;
}

export async function search(url: string, query: string, headers: Headers = {}): Promise<ShownList> {
  const { search: found } = await request<{ search: { searchId: string; results: { document: { id: string } }[] } }>(url, SEARCH, { input: { query } }, headers);
  return { searchId: found.searchId, documentIds: found.results.map((hit) => hit.document.id) };
}

export async function click(url: string, searchId: string, documentId: string): Promise<void> {
  await request(url, RECORD_CLICK, { input: { searchId, documentId } });
}

export async function configure(url: string, input: object): Promise<void> {
  await request(url, 'mutation($input: UpdateOnlineLearningConfigInput!) { updateOnlineLearningConfig(input: $input) { config { revision } } }', { input });
}

/** Calls back with the time of each event of a subscription; resolves with a function that ends it, once the server listens. */
export async function onEvent(url: string, subscription: string, listener: (at: number, event: unknown) => void): Promise<() => Promise<void>> {
  const client = createClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, lazy: false });
  client.subscribe({ query: subscription }, { next: (event) => listener(performance.now(), event), error: () => undefined, complete: () => undefined });
  for await (const answer of client.iterate({ query: '{ __typename }' })) if (answer) break;
  return async () => client.dispose();
}
