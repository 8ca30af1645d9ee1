/** From text to stems, for the languages there are. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { algorithms } from 'snowball-stemmers';
import { Analyser } from '../../../src/catalog-index/analyser.js';
import { LANGUAGES } from '../../../src/catalog-index/languages.js';
import { BadUserInputError } from '../../../src/errors.js';

const english = new Analyser('english');

describe('Analyser', () => {
  it('lowers, drops stop words and stems', () => {
    expect(english.analyse('The Generalisations of the running horses')).toEqual(['generalis', 'run', 'hors']);
  });

  it('repeats a stem as often as it occurs', () => {
    expect(english.analyse('heart hearts HEART')).toEqual(['heart', 'heart', 'heart']);
  });

  it('keeps the words that tell short titles apart', () => {
    expect(english.analyse('thumbs up')).toEqual(['thumb', 'up']);
    expect(english.analyse('thumbs down')).toEqual(['thumb', 'down']);
    expect(english.analyse('no entry')).toEqual(['no', 'entri']);
  });

  it('finds nothing in stop words, punctuation, emoji and nothing', () => {
    for (const text of ['to be or not to be', 'the of and', '?!', '❤️', '', '   ']) expect(english.analyse(text)).toEqual([]);
  });

  it('leaves words of other scripts whole', () => {
    expect(english.analyse('красные hearts 手机 القلوب')).toEqual(['красные', 'heart', '手机', 'القلوب']);
    expect(new Analyser('russian').analyse('красные hearts')).toEqual(['красн', 'hearts']);
  });

  it('leaves words longer than any of a language whole', () => {
    const long = `${'x'.repeat(70)}ing`;
    expect(english.analyse(long)).toEqual([long]);
  });

  it('is not led astray by the names of object members', () => {
    expect(english.analyse('constructor __proto__ toString')).toEqual(['constructor', 'proto', 'tostr']);
  });

  it('brings German forms together, umlauts and ß too', () => {
    const german = new Analyser('german');
    expect(german.analyse('die Häuser und das Haus')).toEqual(['haus', 'haus']);
    expect(german.analyse('STRASSEN')).toEqual(german.analyse('Straße'));
    expect(german.analyse('Donaudampfschifffahrtsgesellschaften')).toEqual(german.analyse('Donaudampfschifffahrtsgesellschaft'));
  });

  it('knows just the languages that have a stemmer', () => {
    expect([...LANGUAGES].sort()).toEqual([...algorithms()].sort());
  });

  it('never makes an empty stem, in any language', () => {
    const words = fc.string({ unit: fc.constantFrom(...'abcdeioustnmrlyěščřžáíéüößçşğı', ...'абвгдеиостью', ...'ابتثمنويه', ...'தமிழ்கள', ...'աբգեիոյ'), maxLength: 12 });
    for (const language of LANGUAGES) {
      const analyser = new Analyser(language);
      fc.assert(fc.property(words, (word) => analyser.analyse(word).every((stem) => stem.length > 0)));
    }
  });

  it('says which languages there are when it does not know one', () => {
    for (const name of ['klingon', '', 'constructor', 'English']) {
      expect(() => new Analyser(name)).toThrow(BadUserInputError);
      expect(() => new Analyser(name)).toThrow(/arabic.*english.*turkish/);
    }
  });

  it('keys a query by its stems in order', () => {
    const key = (query: string) => english.queryKey(english.analyse(query));
    expect(key('Red HEARTS!')).toBe('red heart');
    expect(key('the red heart')).toBe('red heart');
    expect(key('hearts, red')).toBe('heart red');
    expect(key('the')).toBe('');
  });
});
