/** What the page makes of texts and figures: marked words, example queries, ages. */
import { describe, expect, test } from '@jest/globals';
import { Formats } from '../../../dashboard/src/formats.js';
import { markWords } from '../../../dashboard/src/pages/search/marks.js';
import { suggestionsFrom } from '../../../dashboard/src/pages/search/suggestions.js';

const marked = (text: string, query: string, language = 'en'): string[] => markWords(text, query, language).flatMap((part) => (part.isMarked ? [part.text] : []));

describe('markWords', () => {
  test('marks the words of the query in either case', () => {
    expect(marked('A Red heart.', 'red HEART')).toEqual(['Red', 'heart']);
  });

  test('marks another form of a word', () => {
    expect(marked('two hearts', 'heart')).toEqual(['hearts']);
  });

  test('marks no word that only begins alike', () => {
    expect(marked('category of cars, a hearth', 'cat car heart')).toEqual([]);
  });

  test('marks words of scripts without blanks', () => {
    expect(marked('红色的爱心', '爱心', 'zh-CN')).toEqual(['爱心']);
  });

  test('loses nothing of the text', () => {
    const text = 'A <b>red</b> heart, twice: heart!';
    expect(markWords(text, 'heart', 'en').map((part) => part.text).join('')).toBe(text);
  });
});

describe('suggestionsFrom', () => {
  const searches = (...queries: string[]): { edges: { node: { searchId: string; query: string } }[] } => ({
    edges: queries.map((query, index) => ({ node: { searchId: String(index), query } })),
  });
  const titles = (...all: string[]): { edges: { node: { title: string } }[] } => ({ edges: all.map((title) => ({ node: { title } })) });

  test('what was searched most comes first', () => {
    expect(suggestionsFrom({ samples: searches('cat', 'heart', 'heart'), documents: titles() })).toEqual(['heart', 'cat']);
  });

  test('a search counts once, however many results it showed', () => {
    const samples = { edges: [...Array<number>(9)].map(() => ({ node: { searchId: 'one', query: 'cat' } })).concat(searches('heart', 'heart').edges) };
    expect(suggestionsFrom({ samples, documents: titles() })).toEqual(['heart', 'cat']);
  });

  test('without searches, words that stand in several titles', () => {
    expect(suggestionsFrom({ samples: searches(), documents: titles('Green tea', 'Black tea', 'Coffee') })).toEqual(['tea']);
  });
});

describe('Formats', () => {
  const formats = new Formats('en');
  const now = Date.UTC(2026, 0, 2);
  const before = (seconds: number): string => new Date(now - seconds * 1_000).toISOString();

  test('ages are told in the largest whole unit', () => {
    expect([12, 130, 7_300, 200_000].map((seconds) => formats.age(before(seconds), now))).toEqual(['12 sec. ago', '2 min. ago', '2 hr. ago', '2 days ago']);
  });

  test('a moment ahead of this clock is now', () => {
    expect(formats.age(before(-3), now)).toBe('now');
  });

  test('sizes are told in the unit that fits, with one more digit where it is small', () => {
    expect([0, 999, 1_000, 69_830, 2_100_000, 82e9].map((bytes) => formats.bytes(bytes))).toEqual(['0 byte', '999 byte', '1 kB', '70 kB', '2.1 MB', '82 GB']);
  });

  test('a span is told in its largest whole unit', () => {
    expect([1_000, 59_999, 61_000, 7_300_000, 200_000_000].map((ms) => formats.span(ms))).toEqual(['1 sec', '59 sec', '1 min', '2 hr', '2 days']);
  });

  test('figures for plots have the digits that tell neighbours apart', () => {
    expect([formats.exact(0.31), formats.tick(0.25), formats.whole(1_234), formats.wholeShare(0.562), formats.tenthShare(0.5625), formats.signed(0.0312)]).toEqual(['0.3100', '0.25', '1,234', '56%', '56.3%', '+0.031']);
  });

  test('a figure that is not defined is a dash', () => {
    expect(formats.figure(null)).toBe('–');
  });
});
