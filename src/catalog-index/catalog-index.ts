/** The inverted index of the catalogue, in this process: which documents answer a query, and how well their text does. */
import type { Analyser } from './analyser.js';
import { bodyFactor, inverseDocumentFrequency, saturated, titleFactor } from './bm25f.js';
import { DocumentSlots } from './document-slots.js';
import { GrowingLists, grown } from './growing-lists.js';
import type { IndexState } from './index-snapshot.js';
import { RelevanceFeedback, type IndexColumns } from './relevance-feedback.js';
import { TermDictionary } from './term-dictionary.js';
import { topDocuments } from './top-documents.js';
import { TitleTrigrams } from './trigrams.js';

const DEFAULT_LIMIT = 200;

/** Occurrences in title and body are stored in one number, each up to this; more count as this many. */
const MOST_OCCURRENCES = 0xffff;

export interface CatalogDocument {
  id: string;
  title: string;
  body: string;
}

export interface Candidates {
  /** The query's stems in order, repeated as in the query. */
  terms: string[];
  /** What the click memory keys this query by. */
  queryKey: string;
  /** How documents were found: by stems; by likeness of their titles, since no document has a stem of the query; or not at all. */
  matching: 'stems' | 'titles' | 'none';
  /** How many documents match, beyond those listed too. */
  totalMatches: number;
  /** Highest base score first, equal ones by id in the order of code units. */
  documentIds: string[];
  /** BM25F, or the similarity of the title (0…1) where titles matched. */
  baseScores: Float64Array;
  /** By the same documents: how well their text answers the query and what the best documents speak of (RM3). */
  feedbackScores: Float64Array;
}

/**
 * Scores depend on the documents there are, never on the order in which they came or on others that are gone: counts and lengths are
 * whole numbers, and a document's score is summed in the order of the query's words.
 */
export class CatalogIndex {
  private readonly slots = new DocumentSlots();
  private readonly dictionary = new TermDictionary();
  /** By term: the documents that have it, dead ones too, with packed occurrences. */
  private readonly postings = new GrowingLists(true);
  /** By document: its terms with packed occurrences; what removal and feedback from documents start from. */
  private readonly documentTerms = new GrowingLists(true);
  /** By term: how many documents have it now. */
  private documentFrequencies: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  private readonly titles = new TitleTrigrams();
  private readonly feedback = new RelevanceFeedback();

  private titleLengths: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  private bodyLengths: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  private titleLengthSum = 0;
  private bodyLengthSum = 0;

  /** By slot: what one occurrence counts; follows from the lengths, made anew at the first search after a change. */
  private titleFactors = new Float64Array(0);
  private bodyFactors = new Float64Array(0);
  private factorsAreCurrent = false;

  /** Workplace of a search: all zero between searches. */
  private scores = new Float64Array(0);
  private found = new Uint32Array(0);
  /** Workplace of an import, by term: all zero between documents. */
  private occurrences = new Uint32Array(256);

  /** Counts the documents added and removed. */
  changes = 0;

  constructor(private readonly analyser: Analyser) {}

  /** How many documents there are. */
  get size(): number {
    return this.slots.size;
  }

  has(id: string): boolean {
    return this.slots.find(id) !== undefined;
  }

  /** Adds documents; one whose id is there already is replaced. */
  upsert(documents: readonly CatalogDocument[]): void {
    for (const document of documents) {
      this.drop(document.id);
      this.add(document);
    }
    this.purgeIfDue();
  }

  /** Removes documents; ids that are not there are passed over. */
  remove(ids: readonly string[]): void {
    for (const id of ids) this.drop(id);
    this.purgeIfDue();
  }

  /**
   * Everything the index knows. Columns are not copied: they are of this moment only until the next change, which `changes`
   * tells.
   */
  save(): IndexState {
    const { documentFrequencies, titleLengths, bodyLengths, titleLengthSum, bodyLengthSum } = this;
    const state: IndexState = { columns: { documentFrequencies, titleLengths, bodyLengths }, rest: { sums: { titleLengthSum, bodyLengthSum } } };
    this.slots.save(state);
    this.dictionary.save(state, 'terms');
    this.postings.save(state, 'postings');
    this.documentTerms.save(state, 'documentTerms');
    this.titles.save(state);
    return state;
  }

  /** Becomes the index that `save` has written, whatever it held. The state is taken over. */
  load(state: IndexState): void {
    this.changes++;
    const { documentFrequencies, titleLengths, bodyLengths } = state.columns as Record<string, Uint32Array<ArrayBuffer>>;
    Object.assign(this, { documentFrequencies, titleLengths, bodyLengths, ...(state.rest.sums as object) });
    this.slots.load(state);
    this.dictionary.load(state, 'terms');
    this.postings.load(state, 'postings');
    this.documentTerms.load(state, 'documentTerms');
    this.titles.load(state);
    this.occurrences = new Uint32Array(this.documentFrequencies.length);
    this.factorsAreCurrent = false;
  }

  /** Forgets every document. */
  clear(): void {
    this.load(new CatalogIndex(this.analyser).save());
  }

  /** The documents that answer a query, the best `limit` of them. */
  candidates(query: string, limit: number = DEFAULT_LIMIT): Candidates {
    const terms = this.analyser.analyse(query);
    const base = { terms, queryKey: this.analyser.queryKey(terms) };
    if (terms.length === 0) {
      return { ...base, matching: 'none', totalMatches: 0, documentIds: [], baseScores: new Float64Array(0), feedbackScores: new Float64Array(0) };
    }

    const count = this.score(terms);
    if (count > 0) {
      const best = topDocuments(this.found, count, this.scores, this.slots, limit);
      const baseScores = Float64Array.from(best, (slot) => this.scores[slot]!);
      for (let i = 0; i < count; i++) this.scores[this.found[i]!] = 0;
      const feedbackScores = this.feedback.scores(this.columns(), terms, best, baseScores);
      return { ...base, matching: 'stems', totalMatches: count, documentIds: this.idsOf(best), baseScores, feedbackScores };
    }
    const similar = this.titles.similar(this.analyser.words(query), this.slots, limit);
    return {
      ...base,
      matching: similar.totalMatches > 0 ? 'titles' : 'none',
      totalMatches: similar.totalMatches,
      documentIds: this.idsOf(similar.slots),
      baseScores: similar.similarities,
      feedbackScores: this.feedback.scores(this.columns(), terms, similar.slots, similar.similarities),
    };
  }

  /** Sums BM25F into `scores` and lists the slots touched in `found`; says how many. */
  private score(terms: readonly string[]): number {
    if (!this.factorsAreCurrent) this.computeFactors();
    const { scores, found, titleFactors, bodyFactors } = this;
    const { alive } = this.slots;
    const { keys, values } = this.postings;
    const timesInQuery = new Map<string, number>();
    for (const term of terms) timesInQuery.set(term, (timesInQuery.get(term) ?? 0) + 1);

    let count = 0;
    for (const [term, times] of timesInQuery) {
      const list = this.dictionary.find(term);
      if (list === undefined) continue;
      const weight = times * inverseDocumentFrequency(this.slots.size, this.documentFrequencies[list]!);
      const start = this.postings.start(list);
      const end = start + this.postings.length(list);
      for (let at = start; at < end; at++) {
        const slot = keys[at]!;
        if (alive[slot] !== 1) continue;
        const packed = values[at]!;
        const frequency = (packed >>> 16) * titleFactors[slot]! + (packed & MOST_OCCURRENCES) * bodyFactors[slot]!;
        const sum = scores[slot]!;
        if (sum === 0) found[count++] = slot;
        scores[slot] = sum + weight * saturated(frequency);
      }
    }
    return count;
  }

  private computeFactors(): void {
    const { capacity, size } = this.slots;
    if (this.scores.length < capacity) {
      this.titleFactors = new Float64Array(this.titleLengths.length);
      this.bodyFactors = new Float64Array(this.titleLengths.length);
      this.scores = new Float64Array(this.titleLengths.length);
      this.found = new Uint32Array(this.titleLengths.length);
    }
    const averageTitle = size === 0 ? 0 : this.titleLengthSum / size;
    const averageBody = size === 0 ? 0 : this.bodyLengthSum / size;
    for (let slot = 0; slot < capacity; slot++) {
      this.titleFactors[slot] = titleFactor(this.titleLengths[slot]!, averageTitle);
      this.bodyFactors[slot] = bodyFactor(this.bodyLengths[slot]!, averageBody);
    }
    this.factorsAreCurrent = true;
  }

  private add({ id, title, body }: CatalogDocument): void {
    this.changes++;
    const slot = this.slots.add(id);
    const titleWords = this.analyser.words(title);
    const titleTerms = this.analyser.stems(titleWords);
    const bodyTerms = this.analyser.analyse(body);

    const terms: number[] = [];
    for (const term of titleTerms) this.countOccurrence(term, 0x10000, terms);
    for (const term of bodyTerms) this.countOccurrence(term, 1, terms);
    for (const term of terms) {
      const packed = this.occurrences[term]!;
      this.postings.append(term, slot, packed);
      this.documentTerms.append(slot, term, packed);
      this.documentFrequencies[term]!++;
      this.occurrences[term] = 0;
    }
    this.titles.add(slot, titleWords);

    if (slot >= this.titleLengths.length) {
      this.titleLengths = grown(this.titleLengths, this.titleLengths.length * 2);
      this.bodyLengths = grown(this.bodyLengths, this.bodyLengths.length * 2);
    }
    this.titleLengths[slot] = titleTerms.length;
    this.bodyLengths[slot] = bodyTerms.length;
    this.titleLengthSum += titleTerms.length;
    this.bodyLengthSum += bodyTerms.length;
    this.factorsAreCurrent = false;
  }

  /** Adds one occurrence, packed, to the term's; a term not met before in this document goes on the list. */
  private countOccurrence(stem: string, one: 0x10000 | 1, terms: number[]): void {
    const term = this.dictionary.number(stem);
    if (term >= this.occurrences.length) {
      this.occurrences = grown(this.occurrences, this.occurrences.length * 2);
      this.documentFrequencies = grown(this.documentFrequencies, this.documentFrequencies.length * 2);
    }
    const packed = this.occurrences[term]!;
    if (packed === 0) terms.push(term);
    const inField = one === 1 ? packed & MOST_OCCURRENCES : packed >>> 16;
    if (inField < MOST_OCCURRENCES) this.occurrences[term] = packed + one;
  }

  private drop(id: string): void {
    const slot = this.slots.find(id);
    if (slot === undefined) return;
    this.changes++;
    const start = this.documentTerms.start(slot);
    const end = start + this.documentTerms.length(slot);
    for (let at = start; at < end; at++) this.documentFrequencies[this.documentTerms.keys[at]!]!--;
    this.documentTerms.clear(slot);
    this.titleLengthSum -= this.titleLengths[slot]!;
    this.bodyLengthSum -= this.bodyLengths[slot]!;
    this.slots.remove(id);
    this.factorsAreCurrent = false;
  }

  /** Takes dead documents out of all lists. It goes through all postings: some tens of milliseconds at 100,000 documents. */
  private purgeIfDue(): void {
    if (!this.slots.shouldPurge) return;
    for (let term = 0; term < this.dictionary.capacity; term++) {
      if (this.postings.filter(term, this.slots.alive) === 0) this.dictionary.release(term);
    }
    this.titles.purge(this.slots.alive);
    this.slots.purged();
  }

  private columns(): IndexColumns {
    const { dictionary, documentTerms, documentFrequencies, titleLengths, bodyLengths, titleFactors, bodyFactors } = this;
    return { size: this.slots.size, dictionary, documentTerms, documentFrequencies, titleLengths, bodyLengths, titleFactors, bodyFactors };
  }

  private idsOf(slots: readonly number[]): string[] {
    return slots.map((slot) => this.slots.id(slot));
  }
}
