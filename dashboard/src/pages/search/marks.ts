/** Which parts of a text to mark because the query asked for them. */

export interface Part {
  text: string;
  isMarked: boolean;
}

/** Words shorter than this are marked only when they are the whole word. */
const SHORTEST_STEM = 4;
const ENDINGS: ReadonlySet<string> = new Set(['s', 'es', 'e', 'd', 'ed', 'er', 'ers', 'en', 'n', 'ing', 'ly', 'y']);

/**
 * Cuts a text into marked and plain parts. A word is marked when it is one of the query's words or begins like one, up to an ending
 * ("hearts" for "heart"); the server's own stemming is finer, this is for the eye.
 */
export function markWords(text: string, query: string, language: string): readonly Part[] {
  const segmenter = new Intl.Segmenter(language, { granularity: 'word' });
  const wanted = [...segmenter.segment(fold(query))].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
  const parts: Part[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    const isMarked = isWordLike === true && wanted.some((word) => isForm(fold(segment), word));
    const last = parts.at(-1);
    if (last?.isMarked === isMarked) last.text += segment;
    else parts.push({ text: segment, isMarked });
  }
  return parts;
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function isForm(word: string, wanted: string): boolean {
  if (word === wanted) return true;
  const [shorter, longer] = word.length < wanted.length ? [word, wanted] : [wanted, word];
  return shorter.length >= SHORTEST_STEM && longer.startsWith(shorter) && ENDINGS.has(longer.slice(shorter.length));
}
