/** Trigrams of words, as PostgreSQL's pg_trgm cuts them, and an index of titles by them for queries with typos. */
import type { DocumentSlots } from './document-slots.js';
import { GrowingLists, grown } from './growing-lists.js';
import type { IndexState } from './index-snapshot.js';
import { TermDictionary } from './term-dictionary.js';
import { topDocuments } from './top-documents.js';

/** A title at least this similar to the query as a whole is found (pg_trgm's own default). */
const SIMILARITY_THRESHOLD = 0.3;

/**
 * So is one with this share of the query's trigrams: a short query has little similarity with a long title. Of the words of 1,949 short
 * titles, each with one wrong letter, this finds 97 % (94 % in the first ten places), similarity alone 53 %.
 */
const CONTAINMENT_THRESHOLD = 0.4;

/** Each word padded by two spaces before and one after, cut into all runs of three characters; each once. */
export function trigrams(words: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const word of words) {
    // By characters, not code units: the letters of some scripts are pairs.
    const characters = ['', ' ', ' ', ...word, ' '];
    for (let at = 1; at + 2 < characters.length; at++) found.add(characters[at]! + characters[at + 1]! + characters[at + 2]!);
  }
  return found;
}

export interface SimilarTitles {
  totalMatches: number;
  /** Slots, the most similar first. */
  slots: number[];
  similarities: Float64Array;
}

export class TitleTrigrams {
  private readonly dictionary = new TermDictionary();
  private readonly lists = new GrowingLists(false);
  /** How many different trigrams the title in a slot has. */
  private counts: Uint32Array<ArrayBuffer> = new Uint32Array(256);

  add(slot: number, titleWords: readonly string[]): void {
    const grams = trigrams(titleWords);
    for (const gram of grams) this.lists.append(this.dictionary.number(gram), slot);
    if (slot >= this.counts.length) this.counts = grown(this.counts, this.counts.length * 2);
    this.counts[slot] = grams.size;
  }

  /** Forgets what dead slots had. */
  purge(alive: Uint8Array): void {
    for (let gram = 0; gram < this.dictionary.capacity; gram++) {
      if (this.lists.filter(gram, alive) === 0) this.dictionary.release(gram);
    }
  }

  /** Writes the titles into a state. */
  save(state: IndexState): void {
    this.dictionary.save(state, 'trigrams');
    this.lists.save(state, 'titles');
    state.columns['titles.counts'] = this.counts;
  }

  /** Takes over what `save` has written. */
  load(state: IndexState): void {
    this.dictionary.load(state, 'trigrams');
    this.lists.load(state, 'titles');
    this.counts = state.columns['titles.counts'] as Uint32Array<ArrayBuffer>;
  }

  /** Titles by similarity |A∩B| / |A∪B| of their trigrams with those of the words. */
  similar(words: readonly string[], slots: DocumentSlots, limit: number): SimilarTitles {
    const wanted = trigrams(words);
    const common = new Uint32Array(slots.capacity);
    const touched = new Uint32Array(slots.capacity);
    let touchedCount = 0;
    for (const gram of wanted) {
      const list = this.dictionary.find(gram);
      if (list === undefined) continue;
      const start = this.lists.start(list);
      const end = start + this.lists.length(list);
      for (let at = start; at < end; at++) {
        const slot = this.lists.keys[at]!;
        if (slots.alive[slot] === 1 && common[slot]!++ === 0) touched[touchedCount++] = slot;
      }
    }
    const similarities = new Float64Array(slots.capacity);
    let count = 0;
    for (let i = 0; i < touchedCount; i++) {
      const slot = touched[i]!;
      const both = common[slot]!;
      const similarity = both / (wanted.size + this.counts[slot]! - both);
      if (similarity < SIMILARITY_THRESHOLD && both / wanted.size < CONTAINMENT_THRESHOLD) continue;
      similarities[slot] = similarity;
      touched[count++] = slot;
    }
    const best = topDocuments(touched, count, similarities, slots, limit);
    return { totalMatches: count, slots: best, similarities: Float64Array.from(best, (slot) => similarities[slot]!) };
  }
}
