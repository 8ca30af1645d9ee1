/** The languages a catalogue can be in: for each its stop words and the script its stemmer knows. */
import * as lists from 'stopword';
import { ENGLISH_STOP_WORDS } from './english-stop-words.js';

type Script = 'Latin' | 'Cyrillic' | 'Arabic' | 'Armenian' | 'Tamil';

interface LanguageRules {
  readonly script: Script;
  readonly stopWords: readonly string[];
}

const latin = (stopWords: readonly string[]): LanguageRules => ({ script: 'Latin', stopWords });

/** The keys are the names of the package snowball-stemmers; "porter" is the older English stemmer. */
const RULES = {
  arabic: { script: 'Arabic', stopWords: lists.ara },
  armenian: { script: 'Armenian', stopWords: lists.hye },
  basque: latin(lists.eus),
  catalan: latin(lists.cat),
  czech: latin(lists.ces),
  danish: latin(lists.dan),
  dutch: latin(lists.nld),
  english: latin(ENGLISH_STOP_WORDS),
  finnish: latin(lists.fin),
  french: latin(lists.fra),
  german: latin(lists.deu),
  hungarian: latin(lists.hun),
  irish: latin(lists.gle),
  italian: latin(lists.ita),
  norwegian: latin(lists.nob),
  porter: latin(ENGLISH_STOP_WORDS),
  portuguese: latin(lists.por),
  romanian: latin(lists.ron),
  russian: { script: 'Cyrillic', stopWords: lists.rus },
  slovene: latin(lists.slv),
  spanish: latin(lists.spa),
  swedish: latin(lists.swe),
  tamil: { script: 'Tamil', stopWords: [] },
  turkish: latin(lists.tur),
} satisfies Record<string, LanguageRules>;

export type Language = keyof typeof RULES;

export const LANGUAGES = Object.keys(RULES) as readonly Language[];

export function isLanguage(name: string): name is Language {
  return Object.hasOwn(RULES, name);
}

export function languageRules(language: Language): LanguageRules {
  return RULES[language];
}
