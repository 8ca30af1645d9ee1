/** The search on the page: what was asked, what came, what was clicked, and whether the ranking has changed since. */
import { Preview, RecordClick, Search, type HitFragment, type StatsFragment } from './generated/operations.js';
import { RequestError, type GraphqlClient } from './graphql-client.js';
import { newId } from './new-id.js';
import { Store } from './store.js';

/** A result, with the search that showed it: a click on it belongs to that search. */
export interface ShownHit extends HitFragment {
  searchId: string;
}

export interface ShownList {
  hits: readonly ShownHit[];
  totalMatches: number;
  ranker: { id: string; name: string };
  /** The list has an adjacent pair that was drawn, and maybe swapped, to learn from. */
  explored: boolean;
}

export type ClickState = 'sending' | 'recorded' | 'failed';

export interface SearchState {
  query: string;
  phase: 'idle' | 'searching' | 'shown' | 'failed';
  /** What is on the page; while a search is under way, or has failed, that of the search before. */
  list: ShownList | null;
  error: RequestError | null;
  /** By document id. */
  clicks: Readonly<Record<string, ClickState>>;
  /** A newer model would order this query otherwise. */
  hasChanged: boolean;
  /** The next page is on its way. */
  isLoadingMore: boolean;
}

const PAGE_SIZE = 10;
const REMEMBERED_SEARCHES = 20;
const nothing: SearchState = { query: '', phase: 'idle', list: null, error: null, clicks: {}, hasChanged: false, isLoadingMore: false };

export class SearchSession extends Store<SearchState> {
  readonly #client: GraphqlClient;
  readonly #onStats: (stats: StatsFragment) => void;
  readonly #sessionId = newId();
  /** What was shown, so that Back shows it again instead of searching once more. */
  readonly #shown = new Map<string, SearchState>();
  /** An event's id is kept over retries, so that a click which did arrive counts once. */
  readonly #failedEvents = new Map<string, string>();

  constructor(client: GraphqlClient, onStats: (stats: StatsFragment) => void) {
    super(nothing);
    this.#client = client;
    this.#onStats = onStats;
  }

  /** Searches, which records what it shows. An empty query clears the page. */
  async search(query: string): Promise<void> {
    const asked = query.trim();
    if (asked === '') return this.set(nothing);
    const isSame = asked === this.get().query;
    this.patch({ query: asked, phase: 'searching', error: null, hasChanged: false, isLoadingMore: false, ...(isSame ? {} : { clicks: {} }) });
    try {
      const { search } = await this.#client.request(Search, { input: { query: asked, limit: PAGE_SIZE, offset: 0, sessionId: this.#sessionId } });
      if (this.get().query !== asked) return;
      const hits = search.results.map((hit) => ({ ...hit, searchId: search.searchId }));
      const { totalMatches, ranker, explored } = search;
      this.#show({ ...nothing, query: asked, phase: 'shown', list: { hits, totalMatches, ranker, explored } });
    } catch (error) {
      if (this.get().query === asked) this.patch({ phase: 'failed', error: asRequestError(error) });
    }
  }

  /** The address changed: shows again what was shown for this query, or searches. */
  async revisit(query: string): Promise<void> {
    const shown = this.#shown.get(query.trim());
    if (!shown) return this.search(query);
    this.set(shown);
    await this.checkForChange();
  }

  /** The next page of the same query: a search of its own, whose results go below. */
  async loadMore(): Promise<void> {
    const { list, query, isLoadingMore } = this.get();
    if (!list || isLoadingMore) return;
    this.patch({ isLoadingMore: true, error: null });
    try {
      const offset = list.hits.length;
      const { search } = await this.#client.request(Search, { input: { query, limit: PAGE_SIZE, offset, sessionId: this.#sessionId } });
      if (this.get().list !== list) return;
      const known = new Set(list.hits.map(({ document }) => document.id));
      const more = search.results.filter(({ document }) => !known.has(document.id)).map((hit) => ({ ...hit, searchId: search.searchId }));
      this.#show({ ...this.get(), isLoadingMore: false, list: { ...list, hits: [...list.hits, ...more] } });
    } catch (error) {
      const expected = asRequestError(error);
      if (this.get().list === list) this.patch({ isLoadingMore: false, error: expected });
    }
  }

  /** Records a click; the row says so at once, and takes it back if the server did not get it. */
  async click(hit: ShownHit): Promise<void> {
    const documentId = hit.document.id;
    const attempt = `${hit.searchId} ${documentId}`;
    const eventId = this.#failedEvents.get(attempt) ?? newId();
    this.#mark(hit, 'sending');
    try {
      const { recordClick } = await this.#client.request(RecordClick, { input: { searchId: hit.searchId, documentId, eventId } });
      this.#failedEvents.delete(attempt);
      this.#mark(hit, 'recorded');
      this.#onStats(recordClick.sampleStats);
    } catch (error) {
      asRequestError(error);
      this.#failedEvents.set(attempt, eventId);
      this.#mark(hit, 'failed');
    }
  }

  /** After a model came into service: asks, without recording anything, whether it would order this query otherwise. */
  async checkForChange(): Promise<void> {
    const { phase, query, list } = this.get();
    if (phase !== 'shown' || !list || list.hits.length === 0) return;
    try {
      const { previewRanking } = await this.#client.request(Preview, { query, limit: Math.min(PAGE_SIZE, list.hits.length), rankerId: null });
      if (this.get().list === list) this.patch({ hasChanged: !isSameOrder(idsOf(list.hits), idsOf(previewRanking.results), list.explored) });
    } catch (error) {
      // Only an offer: the list on the page stays as good as it was.
      asRequestError(error);
    }
  }

  /** Says at the row how its click fared, unless the row has gone meanwhile. */
  #mark(hit: ShownHit, click: ClickState): void {
    const state = this.get();
    if (state.list?.hits.includes(hit)) this.#show({ ...state, clicks: { ...state.clicks, [hit.document.id]: click } });
  }

  #show(state: SearchState): void {
    this.set(state);
    if (state.phase !== 'shown') return;
    this.#shown.delete(state.query);
    this.#shown.set(state.query, state);
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > REMEMBERED_SEARCHES && oldest !== undefined) this.#shown.delete(oldest);
  }
}

function idsOf(hits: readonly HitFragment[]): string[] {
  return hits.map(({ document }) => document.id);
}

/**
 * Whether the first places are the same. In a list that explored, two neighbours may have been swapped on purpose: that alone is no change.
 */
export function isSameOrder(shown: readonly string[], fresh: readonly string[], explored: boolean): boolean {
  const differing = fresh.flatMap((id, index) => (id === shown[index] ? [] : [index]));
  const [first, second] = differing;
  if (first === undefined) return true;
  return explored && differing.length === 2 && second === first + 1 && fresh[first] === shown[second] && fresh[second] === shown[first];
}

/** Only what the server or the network said is expected here; a fault of the page itself goes on. */
function asRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  throw error;
}
