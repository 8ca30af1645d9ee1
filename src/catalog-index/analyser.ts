/** Turns text into stems: one analyser for documents and queries, so that both meet in the same form. */
import { newStemmer } from 'snowball-stemmers';
import { BadUserInputError } from '../errors.js';
import { LANGUAGES, isLanguage, languageRules, type Language } from './languages.js';
import { normaliseText, splitWords } from './words.js';

/** Stemming takes microseconds a word: what was stemmed is remembered, up to this many words. */
const REMEMBERED_WORDS = 1 << 17;

/** No word of a language is longer; hashes and encoded data are, and stay as they are. */
const LONGEST_STEMMED_WORD = 64;

/** V8 keeps the whole text alive for a part of this length or more. */
const SLICED_FROM_LENGTH = 13;

export class Analyser {
  readonly language: Language;
  private readonly locale: 'tr' | 'en';
  private readonly stemmer: { stem(word: string): string };
  private readonly ownScript: RegExp;
  private readonly stopWords: ReadonlySet<string>;
  /** Word to stem; an empty stem marks a stop word. */
  private readonly remembered = new Map<string, string>();

  /** @throws BadUserInputError for a language without a stemmer, naming those there are */
  constructor(language: string) {
    if (!isLanguage(language)) {
      throw new BadUserInputError(`There is no stemmer for the language "${language}". Choose one of: ${LANGUAGES.join(', ')}.`, { language });
    }
    const rules = languageRules(language);
    this.language = language;
    this.locale = language === 'turkish' ? 'tr' : 'en';
    this.stemmer = newStemmer(language);
    this.ownScript = new RegExp(`^[\\p{Script=${rules.script}}\\p{N}\\p{M}]+$`, 'u');
    // A list may hold "d'une" or "d.h": parts of such are no stop words by themselves unless listed.
    this.stopWords = new Set(rules.stopWords.map((word) => this.words(word)).filter((words) => words.length === 1).flat());
  }

  /** The stems of a text in order, repeated as often as they occur. Words of other scripts than the language's stay whole. */
  analyse(text: string): string[] {
    return this.stems(this.words(text));
  }

  /** The stems of words as `words` gives them, without those of stop words. */
  stems(words: readonly string[]): string[] {
    const stems: string[] = [];
    for (const word of words) {
      const stem = this.remembered.get(word) ?? this.remember(word);
      if (stem !== '') stems.push(stem);
    }
    return stems;
  }

  /** The words of a text as they stand, in lower case: neither stop words removed nor stemmed. */
  words(text: string): string[] {
    return splitWords(normaliseText(text, this.locale));
  }

  /** What the click memory keys a query by: its stems in order, joined by one space. */
  queryKey(terms: string[]): string {
    return terms.join(' ');
  }

  private remember(word: string): string {
    if (this.remembered.size >= REMEMBERED_WORDS) this.remembered.clear();
    const own = word.length < SLICED_FROM_LENGTH ? word : Buffer.from(word, 'utf16le').toString('utf16le');
    const stem = this.stopWords.has(own) ? '' : this.stem(own);
    this.remembered.set(own, stem);
    return stem;
  }

  private stem(word: string): string {
    if (word.length > LONGEST_STEMMED_WORD || !this.ownScript.test(word)) return word;
    // Some stemmers take a short word wholly away.
    return this.stemmer.stem(word) || word;
  }
}
