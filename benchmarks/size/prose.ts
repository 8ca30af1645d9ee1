/** A catalogue of any size and what is asked of it: made-up words, as unequally common as those of a language. */
import { seededRandom } from '../../src/simulation/seeded-random.js';
import { zipfDraw } from '../../src/simulation/zipf-draw.js';

const VOCABULARY = 50_000;
const TITLE_WORDS = 6;
const BODY_WORDS = 50;
const QUERY_WORDS = [1, 2, 2, 3, 3, 4];
/** The commonest words of a language are stop words, which nobody searches for: queries begin at this rank. */
const FIRST_RANK_ASKED = 20;
const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';

export interface ProseDocument {
  id: string;
  title: string;
  body: string;
}

export class Prose {
  readonly #random: () => number;
  readonly #draw: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#draw = zipfDraw(VOCABULARY, 1, this.#random);
  }

  document(nth: number): ProseDocument {
    return { id: `doc-${nth}`, title: this.#words(TITLE_WORDS), body: this.#words(BODY_WORDS) };
  }

  /** One to four words, common ones more often. */
  query(): string {
    const count = QUERY_WORDS[Math.floor(this.#random() * QUERY_WORDS.length)] ?? 1;
    return Array.from({ length: count }, () => wordOf(Math.min(VOCABULARY - 1, FIRST_RANK_ASKED + this.#draw()))).join(' ');
  }

  #words(count: number): string {
    return Array.from({ length: count }, () => wordOf(this.#draw())).join(' ');
  }
}

/** Ten words of which nearly every document has some. */
export const COMMON_WORDS = Array.from({ length: 10 }, (_, rank) => wordOf(rank)).join(' ');

/** The word of a rank: three syllables, its digits in a system of 70; no ending that a stemmer would take for a plural. */
function wordOf(rank: number): string {
  let word = '';
  for (let rest = rank, syllable = 0; syllable < 3; syllable++) {
    const digit = rest % (CONSONANTS.length * VOWELS.length);
    word += CONSONANTS[Math.floor(digit / VOWELS.length)]! + VOWELS[digit % VOWELS.length]!;
    rest = Math.floor(rest / (CONSONANTS.length * VOWELS.length));
  }
  return word;
}
