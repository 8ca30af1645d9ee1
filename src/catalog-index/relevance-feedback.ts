/** RM3: the words of the best documents as a longer query, by which the candidates are scored once more. */
import { inverseDocumentFrequency, saturated } from './bm25f.js';
import type { GrowingLists } from './growing-lists.js';
import type { TermDictionary } from './term-dictionary.js';

/** Documents whose words are taken for the query's subject. */
const FEEDBACK_DOCUMENTS = 10;
/** Words kept of them. */
const FEEDBACK_TERMS = 40;
/** Share of the query's own words in the longer query. */
const QUERY_SHARE = 0.5;

/** What the index knows, read and never changed here; columns by slot or by term. */
export interface IndexColumns {
  size: number;
  dictionary: TermDictionary;
  /** By document: its terms with packed occurrences (title in the upper half, body in the lower). */
  documentTerms: GrowingLists;
  documentFrequencies: Uint32Array;
  titleLengths: Uint32Array;
  bodyLengths: Uint32Array;
  titleFactors: Float64Array;
  bodyFactors: Float64Array;
}

const BODY_MASK = 0xffff;

/**
 * Pseudo-relevance feedback by RM3. Of the ten best documents `m(t) = Σ w_i · tf_i(t)/len_i`, w_i their base scores divided by their
 * sum, tf and len over title and body; the 40 terms with the highest m, made to sum to 1, are mixed half and half with `tf_q/|q|`; all
 * candidates are rescored by BM25F with those weights. No unit. Equal m go by the term in code units.
 *
 * Abdul-Jaleel et al., "UMass at TREC 2004: Novelty and HARD"; Lavrenko and Croft, "Relevance-based language models", SIGIR 2001.
 *
 * Cost: one pass over the candidates' words, whatever the size of the catalogue.
 */
export class RelevanceFeedback {
  /** Workplace by term: all zero between queries. */
  #weights = new Float64Array(1024);

  /**
   * @param terms the query's stems
   * @param slots the candidates, best first
   * @param baseScores theirs
   * @returns a score a candidate; all 0 without candidates
   */
  scores(index: IndexColumns, terms: readonly string[], slots: readonly number[], baseScores: Float64Array): Float64Array {
    const expanded = this.#expandedQuery(index, terms, slots, baseScores);
    const weights = this.#weights;
    for (const [term, weight] of expanded) weights[term] = weight * inverseDocumentFrequency(index.size, index.documentFrequencies[term]!);
    const scores = Float64Array.from(slots, (slot) => this.#score(index, slot));
    for (const term of expanded.keys()) weights[term] = 0;
    return scores;
  }

  #score({ documentTerms, titleFactors, bodyFactors }: IndexColumns, slot: number): number {
    const weights = this.#weights;
    const { keys, values } = documentTerms;
    const start = documentTerms.start(slot);
    const end = start + documentTerms.length(slot);
    const titleFactor = titleFactors[slot]!;
    const bodyFactor = bodyFactors[slot]!;
    let sum = 0;
    for (let at = start; at < end; at++) {
      const weight = weights[keys[at]!]!;
      if (weight === 0) continue;
      const packed = values[at]!;
      sum += weight * saturated((packed >>> 16) * titleFactor + (packed & BODY_MASK) * bodyFactor);
    }
    return sum;
  }

  /** Weight by term, summing to 1 when all the query's words are known. */
  #expandedQuery(index: IndexColumns, terms: readonly string[], slots: readonly number[], baseScores: Float64Array): Map<number, number> {
    const { dictionary } = index;
    const feedback = this.#feedbackTerms(index, slots, baseScores);
    const total = feedback.reduce((sum, { weight }) => sum + weight, 0);
    const expanded = new Map(feedback.map(({ term, weight }) => [term, ((1 - QUERY_SHARE) * weight) / total]));
    for (const stem of terms) {
      const term = dictionary.find(stem);
      if (term !== undefined) expanded.set(term, (expanded.get(term) ?? 0) + QUERY_SHARE / terms.length);
    }
    return expanded;
  }

  #feedbackTerms(index: IndexColumns, slots: readonly number[], baseScores: Float64Array): { term: number; weight: number }[] {
    const { documentTerms, dictionary, titleLengths, bodyLengths } = index;
    if (this.#weights.length < dictionary.capacity) this.#weights = new Float64Array(2 * dictionary.capacity);
    const weights = this.#weights;
    const best = slots.slice(0, FEEDBACK_DOCUMENTS);
    const scoreSum = best.reduce((sum, _, place) => sum + baseScores[place]!, 0);
    const found: number[] = [];
    best.forEach((slot, place) => {
      const share = baseScores[place]! / scoreSum / Math.max(1, titleLengths[slot]! + bodyLengths[slot]!);
      const start = documentTerms.start(slot);
      const end = start + documentTerms.length(slot);
      for (let at = start; at < end; at++) {
        const term = documentTerms.keys[at]!;
        const packed = documentTerms.values[at]!;
        if (weights[term] === 0) found.push(term);
        weights[term]! += share * ((packed >>> 16) + (packed & BODY_MASK));
      }
    });
    // Only what reaches the 40th weight is put in order by its text: comparing texts is slow.
    const sorted = Float64Array.from(found, (term) => weights[term]!).sort();
    const least = sorted[Math.max(0, sorted.length - FEEDBACK_TERMS)] ?? 0;
    const kept = found.filter((term) => weights[term]! >= least).map((term) => ({ term, weight: weights[term]!, text: dictionary.term(term) }));
    for (const term of found) weights[term] = 0;
    return kept.sort((a, b) => b.weight - a.weight || (a.text < b.text ? -1 : 1)).slice(0, FEEDBACK_TERMS);
  }
}
