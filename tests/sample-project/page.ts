/** What a web page of a user's project does with the client, bundled by whatever the project bundles with. */
import { createClient, RequestError, type RankingPreview, type SearchHit, type SearchResult } from 'rankloop/client';
import { createSubscriptions, type Connection, type Operation } from 'rankloop/client/subscriptions';

const client = createClient({ url: 'https://search.example.com', key: 'public-key', timeoutMs: 5_000, onClickLost: (click, error) => console.warn(click.documentId, error.code) });

export async function show(query: string, list: HTMLElement): Promise<void> {
  try {
    const result: SearchResult = await client.search({ query, limit: 20, userId: 'a3f1', sessionId: null });
    list.replaceChildren(...result.results.map((hit) => toLink(hit, result.searchId)));
  } catch (error) {
    list.textContent = error instanceof RequestError && error.code === 'NETWORK' ? 'The search is not reached.' : String(error);
  }
}

function toLink({ document: found, position, snippet }: SearchHit, searchId: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = String(found.attributes.url);
  link.title = `${position.toFixed(0)}. ${snippet ?? ''}`;
  link.textContent = found.title;
  link.addEventListener('click', () => void client.recordClick({ searchId, documentId: found.id }));
  return link;
}

export async function suggest(query: string, signal: AbortSignal): Promise<string[]> {
  const preview: RankingPreview = await client.previewRanking({ query, limit: 5 }, { signal });
  return preview.results.map((hit) => hit.document.title);
}

interface Reload {
  modelReloaded: { ranker: { name: string } };
}
const ModelReloaded: Operation<Reload, Record<string, never>> = { name: 'ModelReloaded', text: 'subscription ModelReloaded { modelReloaded { ranker { name } } }' };

export function follow(onState: (state: Connection, times: number) => void): () => Promise<void> {
  const { subscribe, connection, connects, close } = createSubscriptions({ url: 'https://search.example.com', key: () => sessionStorage.getItem('key') });
  connection.subscribe(() => onState(connection.get(), connects.get()));
  subscribe(ModelReloaded, {}, ({ modelReloaded }) => (document.title = modelReloaded.ranker.name));
  return close;
}
