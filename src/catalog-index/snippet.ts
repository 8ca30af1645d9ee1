/** The part of a body to show under a result: a window around the query's words. */
import type { Analyser } from './analyser.js';

const DEFAULT_LENGTH = 200;

/** Beyond this the words are not looked for: a page of results must not read whole books. */
const SEARCHED_CHARACTERS = 16_384;

/** The same for scripts without blanks between words, where finding the words takes the longest. */
const SEGMENTED_CHARACTERS = 2_048;

const ELLIPSIS = '…';

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

interface Piece {
  start: number;
  end: number;
  /** Which of the query's terms stand in it. */
  terms: string[];
}

/**
 * A window of the body with as many different ones of the terms (stems, as the analyser gives them) as fit, the earliest such; the
 * body's start when there are none. Plain text, white space made single blanks, an ellipsis where something was cut off.
 * @returns at most `maxLength` code units; null for an empty body
 */
export function snippet(body: string, terms: readonly string[], analyser: Analyser, maxLength: number = DEFAULT_LENGTH): string | null {
  const text = cutAtCharacter(body, SEARCHED_CHARACTERS).replace(/\s+/g, ' ').trim();
  if (text === '') return null;
  const wasCut = body.length > SEARCHED_CHARACTERS;
  if (text.length <= maxLength && !wasCut) return text;

  const room = maxLength - 2 * ELLIPSIS.length;
  const pieces = cut(text, new Set(terms), analyser);
  const [first, last] = window(pieces, room);
  // What is left of the room goes before the words, a third of it, and the rest after them.
  const spare = room - (pieces[last]!.end - pieces[first]!.start);
  let from = first;
  while (from > 0 && pieces[first]!.start - pieces[from - 1]!.start <= spare / 3) from--;
  let to = from;
  while (to + 1 < pieces.length && pieces[to + 1]!.end - pieces[from]!.start <= room) to++;
  // At the end of the text the room after the words is free for those before.
  while (from > 0 && pieces[to]!.end - pieces[from - 1]!.start <= room) from--;

  const start = pieces[from]!.start;
  const shown = cutAtCharacter(text.slice(start, pieces[to]!.end).trimEnd(), room);
  const endsEarly = start + shown.length < text.length || wasCut;
  return (start > 0 ? ELLIPSIS : '') + shown + (endsEarly ? ELLIPSIS : '');
}

/** The places where a text may be cut: at blanks, and between words in scripts that have none. */
function cut(text: string, terms: ReadonlySet<string>, analyser: Analyser): Piece[] {
  const pieces: Piece[] = [];
  const known = new Map<string, string[]>();
  const add = (start: number, part: string): void => {
    let found = known.get(part);
    if (!found) known.set(part, (found = analyser.analyse(part).filter((stem) => terms.has(stem))));
    pieces.push({ start, end: start + part.length, terms: found });
  };
  let segmented = 0;
  for (const { 0: chunk, index } of text.matchAll(/\S+/g)) {
    // eslint-disable-next-line no-control-regex -- up to here letters are of alphabets that put blanks between words
    if (/^[\x00-\u0dff\u1e00-\u20ff]*$/.test(chunk)) add(index, chunk);
    else {
      if (segmented >= SEGMENTED_CHARACTERS - 1) break;
      const searched = cutAtCharacter(chunk, SEGMENTED_CHARACTERS - segmented);
      segmented += searched.length;
      for (const part of segmenter.segment(searched)) add(index + part.index, part.segment);
    }
  }
  return pieces;
}

/** First and last piece of the shortest stretch within the room that has the most different terms; the first piece when none has any. */
function window(pieces: readonly Piece[], room: number): [number, number] {
  let best: [number, number] = [0, 0];
  let bestTerms = 0;
  let bestLength = Infinity;
  const counts = new Map<string, number>();
  let from = 0;
  const leave = (piece: Piece): void => {
    for (const term of piece.terms) {
      const left = counts.get(term)! - 1;
      if (left === 0) counts.delete(term);
      else counts.set(term, left);
    }
  };
  for (const [to, piece] of pieces.entries()) {
    if (piece.terms.length === 0) continue;
    for (const term of piece.terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    while (from < to && (pieces[from]!.terms.every((term) => counts.get(term)! > 1) || piece.end - pieces[from]!.start > room)) leave(pieces[from++]!);
    const length = piece.end - pieces[from]!.start;
    if (counts.size > bestTerms || (counts.size === bestTerms && length < bestLength)) {
      best = [from, to];
      bestTerms = counts.size;
      bestLength = length;
    }
  }
  return best;
}

/** Not more than `length` code units, and no half of a character that is a pair. */
function cutAtCharacter(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  const isFirstHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isFirstHalf ? length - 1 : length);
}
