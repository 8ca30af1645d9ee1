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
  /** The list has results of the base ranking by turns, to prove which of the two users prefer. */
  interleaved: boolean;
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
/** Safe, since an event counts once however often it arrives; few, since somebody waits for the row to say so. */
const CLICK_RETRIES = 2;
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
      const { totalMatches, ranker, explored, interleaved } = search;
      this.#show({ ...nothing, query: asked, phase: 'shown', list: { hits, totalMatches, ranker, explored, interleaved } });
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
      const { recordClick } = await this.#client.request(RecordClick, { input: { searchId: hit.searchId, documentId, eventId } }, { retries: CLICK_RETRIES });
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
      const firstPage = list.hits.slice(0, PAGE_SIZE);
      const { previewRanking } = await this.#client.request(Preview, { query, limit: firstPage.length, rankerId: null });
      const fresh = previewRanking.results.map(({ document }) => document.id);
      if (this.get().list === list) this.patch({ hasChanged: !isSameOrder(firstPage, fresh, list.interleaved) });
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

/** A result as far as its place in the ranking goes. */
export type Scored = Pick<HitFragment, 'score' | 'baseScore'> & { document: { id: string } };

/**
 * Whether a ranking still has the order of what was shown. A shown list may differ from its ranking on purpose (two neighbours swapped, or results of the
 * base ranking by turns): its scores tell the order it was ranked in.
 */
export function isSameOrder(shown: readonly Scored[], fresh: readonly string[], interleaved: boolean): boolean {
  const ranked = shown
    .toSorted((a, b) => b.score - a.score || b.baseScore - a.baseScore || (a.document.id < b.document.id ? -1 : 1))
    .map(({ document }) => document.id);
  if (!interleaved) return fresh.every((id, index) => id === ranked[index]);
  const both = ranked.filter((id) => fresh.includes(id));
  return fresh.filter((id) => both.includes(id)).every((id, index) => id === both[index]);
}

/** Only what the server or the network said is expected here; a fault of the page itself goes on. */
function asRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  throw error;
}
