/** Why a document ranks where it does for a query, by any kept ranker. */
import type { CatalogIndex, Candidates } from '../catalog-index/catalog-index.js';
import { FailedPreconditionError, NotFoundError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Document } from '../generated/prisma/client.js';
import { explainDocument, type DocumentExplanation } from '../learning/explanation.js';
import { ordinal } from '../learning/ordinal.js';
import type { ActiveRanker } from './active-ranker.js';
import type { CatalogService } from './catalog.js';
import { rankingInput } from './ranking.js';
import { checkId, checkQuery } from './validation.js';

export interface ExplanationRequest {
  query: string;
  documentId: string;
  /** Left out: what serves. */
  rankerId?: string | null;
}

export interface RankingExplanation extends DocumentExplanation {
  query: string;
  document: Document;
  rankerId: string;
}

export interface ExplanationOptions {
  catalog: CatalogService;
  activeRanker: ActiveRanker;
  limits: Limits;
}

export class ExplanationService {
  readonly #options: ExplanationOptions;

  constructor(options: ExplanationOptions) {
    this.#options = options;
  }

  /**
   * The ranking that a preview shows, for one of its documents.
   * @throws NotFoundError for an unknown document or ranker; FailedPreconditionError when the document is not ranked for the query, saying why
   */
  async explain({ query, documentId, rankerId }: ExplanationRequest): Promise<RankingExplanation> {
    const { catalog, activeRanker, limits } = this.#options;
    checkQuery(query, limits);
    checkId('documentId', documentId, limits);
    const ranker = rankerId ? await activeRanker.load(rankerId) : activeRanker.current;
    const document = await catalog.document(documentId);
    if (!document) throw new NotFoundError(`There is no document ${JSON.stringify(documentId)}.`, { field: 'documentId' });
    const input = rankingInput(catalog.index, query);
    const explanation = explainDocument(input, ranker.model, documentId);
    if (!explanation) throw new FailedPreconditionError(whyNotRanked(catalog.index, query, input, documentId), { field: 'documentId' });
    return { ...explanation, query, document, rankerId: ranker.id };
  }
}

/** Goes through all that match, however many: for the answer to a mistake, not for a search. */
function whyNotRanked(index: CatalogIndex, query: string, { terms, matching, documentIds }: Candidates, documentId: string): string {
  const named = JSON.stringify(documentId);
  if (terms.length === 0) return 'The query has no searchable word (only stop words or punctuation), so no document is ranked for it.';
  const place = index.candidates(query, index.size).documentIds.indexOf(documentId) + 1;
  if (place > 0) return `Document ${named} matches the query, but its text comes ${ordinal(place)} and only the best ${documentIds.length} are ranked: give a query with more of its words.`;
  return matching === 'stems'
    ? `Document ${named} does not match the query: none of the query's words is in its title or body.`
    : `Document ${named} does not match the query: no document has a word of it, and this one's title is not like it.`;
}
