/** Search: rank, explore, record every result shown as a sample, answer. Preview: the same ranking, with nothing drawn and nothing recorded. */
import { snippet } from '../catalog-index/snippet.js';
import type { Analyser } from '../catalog-index/analyser.js';
import type { SearchRow } from '../database/search-store.js';
import { uuidV7 } from '../database/uuid-v7.js';
import type { WriteBatcher } from '../database/write-batcher.js';
import type { EventBus } from '../events.js';
import type { Limits } from '../limits.js';
import type { Document } from '../generated/prisma/client.js';
import type { ShownTotals } from '../learning/click-probability.js';
import { priorExamination } from '../learning/examination.js';
import { explore } from '../learning/exploration.js';
import { FEATURE_SET } from '../learning/feature-set.js';
import { interleave, type Team } from '../learning/interleaving.js';
import { isCold } from '../learning/proof.js';
import type { ActiveRanker } from './active-ranker.js';
import { actorOf } from './actors.js';
import type { CatalogService } from './catalog.js';
import { predictPage, rank, type LoadedRanker, type PageRequest, type Ranked, type RankedDocument } from './ranking.js';
import type { SettingsService } from './settings.js';
import { checkInt, checkQuery, checkText, MAX_OFFSET } from './validation.js';

export interface SearchInput extends PageRequest {
  query: string;
  userId?: string | null;
  sessionId?: string | null;
}

export interface SearchHit {
  position: number;
  document: Document;
  score: number;
  baseScore: number;
  basePosition: number;
  clickProbability: number;
  /** null for the base ranker, which has none. */
  attractiveness: number | null;
  contentAttractiveness: number | null;
  snippet: string | null;
}

export interface Preview {
  query: string;
  results: SearchHit[];
  totalMatches: number;
  rankerId: string;
}

export interface SearchResult extends Preview {
  searchId: string;
  explored: boolean;
  interleaved: boolean;
}

export interface SearchOptions {
  catalog: CatalogService;
  analyser: Analyser;
  activeRanker: ActiveRanker;
  settings: SettingsService;
  writes: WriteBatcher;
  bus: EventBus;
  /** Of the digests of who searches. */
  actorKey: Uint8Array;
  /** Everything shown so far, as far as this process knows: what the base ranker's click probability rests on. */
  shownTotals: () => ShownTotals;
  limits: Limits;
}

export class SearchService {
  readonly #options: SearchOptions;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** `address` is the client's; null: it says nothing about who searches. */
  async search(input: SearchInput, address: string | null): Promise<SearchResult> {
    const { activeRanker, settings, writes, bus, actorKey, limits } = this.#options;
    checkPage(input, limits);
    if (input.userId) checkText('userId', input.userId, 0, limits.maxIdLength);
    if (input.sessionId) checkText('sessionId', input.sessionId, 0, limits.maxIdLength);
    // One reference for the whole request: a reload under way changes nothing for it.
    const ranker = activeRanker.current;
    const { explorationRate, proofRate } = settings.current;
    // Drawing and interleaving are for first pages of a learned ranking: the base ranker has no model to debias, and nothing to prove.
    const learnedFirstPage = input.offset === 0 && ranker.model !== null;
    const found = await this.#find(ranker, input, learnedFirstPage && Math.random() < proofRate ? interleavedWithBase : noTeams);
    const interleaved = found.page.some(({ team }) => team !== null);
    // An interleaved list draws no pair, and with what probability a document came to its place is not known.
    const exploration = interleaved ? null : explore(found.page.length, learnedFirstPage ? explorationRate : 0, Math.random);
    const { drawnPair, swapped } = exploration ?? { drawnPair: null, swapped: false };
    if (swapped && drawnPair !== null) swapNeighbours(found.page, drawnPair);
    const probabilities = predictPage(ranker, found.queryKey, found.page, input.offset, this.#options.shownTotals());
    const shown = found.page.map((document, place) => ({ ...document, position: input.offset + place + 1, clickProbability: probabilities[place] ?? 0 }));
    const searchId = uuidV7();
    if (shown.length > 0) {
      const row: SearchRow = {
        id: searchId,
        query: input.query,
        queryKey: found.queryKey,
        limit: input.limit,
        offset: input.offset,
        userId: input.userId || null,
        sessionId: input.sessionId || null,
        actor: actorOf(actorKey, { ...input, address }),
        rankerId: ranker.id,
        drawnPair,
        swapped,
        interleaved,
        cold: interleaved && isCold(shown.reduce((sum, { memoryExaminations }) => sum + memoryExaminations, 0)),
        featureSet: FEATURE_SET.version,
        samples: shown.map((sample, place) => ({ ...sample, propensity: exploration?.propensities[place] ?? null })),
        examinations: shown.reduce((sum, { position }) => sum + priorExamination(position), 0),
      };
      await writes.recordSearch(row);
      bus.emit('search.recorded', { samples: shown.length });
    }
    return {
      searchId,
      query: input.query,
      results: shown.map((sample) => this.#hit(sample, sample.clickProbability, ranker, found)),
      totalMatches: found.totalMatches,
      rankerId: ranker.id,
      explored: drawnPair !== null,
      interleaved,
    };
  }

  /** Repeats exactly on an unchanged catalogue. Without a rankerId: what serves. */
  async preview(input: PageRequest & { query: string; rankerId?: string | null }): Promise<Preview> {
    checkPage(input, this.#options.limits);
    const ranker = input.rankerId ? await this.#options.activeRanker.load(input.rankerId) : this.#options.activeRanker.current;
    const found = await this.#find(ranker, input, noTeams);
    const probabilities = predictPage(ranker, found.queryKey, found.page, input.offset, this.#options.shownTotals());
    return {
      query: input.query,
      results: found.page.map((document, place) => this.#hit(document, probabilities[place] ?? 0, ranker, found)),
      totalMatches: found.totalMatches,
      rankerId: ranker.id,
    };
  }

  async #find(ranker: LoadedRanker, input: PageRequest & { query: string }, arrange: Arrange): Promise<Found> {
    const { catalog } = this.#options;
    const ranked = rank(catalog.index, ranker, input.query, input);
    const page = arrange(ranked, input.limit);
    const documents = await catalog.documentsById(page.map((document) => document.documentId));
    // A document deleted a moment ago may still be in the index: it is not shown, and so no sample.
    return { ...ranked, page: page.filter((document) => documents.has(document.documentId)), documents };
  }

  #hit(document: RankedDocument, clickProbability: number, ranker: LoadedRanker, found: Found): SearchHit {
    const stored = found.documents.get(document.documentId);
    if (!stored) throw new Error(`Document ${document.documentId} was ranked but not read.`);
    return {
      position: document.position,
      document: stored,
      score: document.score,
      baseScore: document.baseScore,
      basePosition: document.basePosition,
      clickProbability,
      attractiveness: ranker.model && document.attractiveness,
      contentAttractiveness: ranker.model && document.contentAttractiveness,
      snippet: snippet(stored.body, found.terms, this.#options.analyser),
    };
  }
}

interface PagedDocument extends RankedDocument {
  /** Whose pick it is on an interleaved page; null on others. */
  team: Team | null;
}

interface Found {
  terms: string[];
  queryKey: string;
  totalMatches: number;
  page: PagedDocument[];
  documents: Map<string, Document>;
}

/** Makes the page of a ranking. */
type Arrange = (ranked: Ranked, limit: number) => PagedDocument[];

function noTeams({ page }: Ranked): PagedDocument[] {
  return page.map((document) => ({ ...document, team: null }));
}

/** The first page by team draft, from the served ranking and the base ranker's. */
function interleavedWithBase({ order, placed }: Ranked, limit: number): PagedDocument[] {
  const drafted = interleave(order, Uint32Array.from(order.keys()), limit, Math.random);
  return Array.from(drafted.order, (candidate, place) => ({ ...placed(candidate, place + 1), team: drafted.teams[place] ?? null }));
}

function checkPage({ query, limit, offset }: PageRequest & { query: string }, limits: Limits): void {
  checkQuery(query, limits);
  checkInt('limit', limit, 1, limits.maxResults);
  checkInt('offset', offset, 0, MAX_OFFSET);
}

function swapNeighbours(page: PagedDocument[], upperPlace: number): void {
  const [upper, lower] = [page[upperPlace - 1], page[upperPlace]];
  if (!upper || !lower) return;
  page[upperPlace - 1] = lower;
  page[upperPlace] = upper;
}
