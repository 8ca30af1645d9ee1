/** The words and number formats of the language in force, for every component. */
import { createContext, useContext } from 'react';
import { Formats } from './formats.js';
import type { Language } from './preferences.js';
import { en, type Strings } from './strings/en.js';
import { zh } from './strings/zh.js';

export interface Words {
  strings: Strings;
  formats: Formats;
}

const all: Record<Language, Strings> = { en, zh };

export function wordsOf(language: Language): Words {
  const strings = all[language];
  return { strings, formats: new Formats(strings.locale) };
}

export const WordsContext = createContext<Words>(wordsOf('en'));

export function useWords(): Words {
  return useContext(WordsContext);
}
