/** Cuts text of any script into words; the quick ways give the very words that Intl.Segmenter gives, which is slow. */

/** A letter or digit with what follows it; marks stay with their letter, or words of Hindi and Thai would fall apart. */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const ASCII_WORD = /[a-z0-9]+/g;

// eslint-disable-next-line no-control-regex -- the range is all of ASCII
const ASCII_TEXT = /^[\x00-\x7f]*$/;

/**
 * Latin, Greek and Cyrillic without combining marks, and general punctuation without invisible joiners: between the letters and
 * digits of these Unicode's rules see no word boundary, so a run of them is a word. A property test holds this against the segmenter.
 */
// eslint-disable-next-line no-control-regex -- the range starts at the first character
const ALPHABETIC_CHUNK = /^[\u0000-\u02af\u0370-\u0482\u048a-\u04ff\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*$/;

const CHUNK = /\S+/g;

/** Always the same locale: words must not depend on the machine. (Only the boundaries at punctuation differ by locale, and it is dropped.) */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** NFKC, without soft hyphens, in lower case: Turkish has its own for I. */
export function normaliseText(text: string, locale: 'tr' | 'en'): string {
  if (locale === 'en' && ASCII_TEXT.test(text)) return text.toLowerCase();
  const composed = text.normalize('NFKC').replaceAll('\u00ad', '');
  // A dotted capital I becomes i and a combining dot elsewhere than in Turkish: without the dot, "İstanbul" is found by "istanbul".
  return locale === 'tr' ? composed.toLocaleLowerCase('tr') : composed.toLowerCase().replaceAll('i\u0307', 'i');
}

/** The words of a normalised text, in order. */
export function splitWords(text: string): string[] {
  if (ASCII_TEXT.test(text)) return text.match(ASCII_WORD) ?? [];
  const words: string[] = [];
  // White space always ends a word: each piece can take its own way.
  for (const chunk of text.match(CHUNK) ?? []) {
    if (ALPHABETIC_CHUNK.test(chunk)) append(words, chunk);
    else segmentWords(chunk, words);
  }
  return words;
}

/** The words by Intl.Segmenter alone: the definition that splitWords follows. */
export function segmentWords(text: string, words: string[] = []): string[] {
  for (const { segment, isWordLike } of segmenter.segment(text)) if (isWordLike) append(words, segment);
  return words;
}

function append(words: string[], segment: string): void {
  const found = segment.match(WORD);
  if (found) for (const word of found) words.push(word);
}
