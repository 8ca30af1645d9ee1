/** The words and number formats of the language in force, for every component. */
import { createContext, useContext } from 'react';
import { Formats } from './formats.js';
import type { Language } from './preferences.js';
import { stringsOf, type Strings } from './strings/strings.js';

export interface Words {
  strings: Strings;
  formats: Formats;
}

export function wordsOf(language: Language): Words {
  const strings = stringsOf(language);
  return { strings, formats: new Formats(strings.locale) };
}

export const WordsContext = createContext<Words>(wordsOf('en'));

export function useWords(): Words {
  return useContext(WordsContext);
}
