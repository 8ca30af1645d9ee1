/** Words of any script, and that the quick ways of finding them give what the segmenter gives. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normaliseText, segmentWords, splitWords } from '../../../src/catalog-index/words.js';

const characterOf = (first: number, last: number) => fc.integer({ min: first, max: last }).map((code) => String.fromCodePoint(code));

/** Characters of the ranges that take a quick way, of those that do not, and the ones between which boundaries are subtle. */
const anyCharacter = fc.oneof(
  { weight: 4, arbitrary: characterOf(0x20, 0x7e) },
  { weight: 2, arbitrary: characterOf(0x00, 0x24f) },
  { weight: 2, arbitrary: fc.constantFrom(' ', '\n', '\u00a0', '-', '_', '.', ',', ':', "'", '\u2019', '\u00ad', '\u200d', '\u0301', '·', '"') },
  characterOf(0x250, 0x52f),
  characterOf(0x5d0, 0x64a),
  characterOf(0x900, 0x97f),
  characterOf(0xe01, 0xe5b),
  characterOf(0x1e00, 0x2bff),
  characterOf(0x3040, 0x30ff),
  characterOf(0x4e00, 0x4fff),
  characterOf(0xac00, 0xacff),
  characterOf(0x1f300, 0x1faff),
);

describe('splitWords', () => {
  it('gives the words that the segmenter gives, for texts of mixed scripts', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 60 }), fc.constantFrom('en' as const, 'tr' as const), (raw, locale) => {
        const text = normaliseText(raw, locale);
        expect(splitWords(text)).toEqual(segmentWords(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the words that the segmenter gives, for every character of the quick ranges beside letters and digits', () => {
    const different: number[] = [];
    for (let code = 0; code <= 0x20bf; code++) {
      const character = String.fromCharCode(code);
      const text = normaliseText(`ab${character}cd 12${character}34 ${character}x${character} я${character}7`, 'en');
      if (splitWords(text).join(' ') !== segmentWords(text).join(' ')) different.push(code);
    }
    expect(different).toEqual([]);
  });

  it('splits at hyphens, apostrophes, underscores and points', () => {
    expect(splitWords("boundary-layer don't foo_bar 3.14 1,000")).toEqual(['boundary', 'layer', 'don', 't', 'foo', 'bar', '3', '14', '1', '000']);
  });

  it('finds the words of scripts that put no blanks between them', () => {
    expect(splitWords('我喜欢红色')).toEqual(['我', '喜欢', '红色']);
    expect(splitWords('ผมรักประเทศไทย')).toEqual(['ผม', 'รัก', 'ประเทศไทย']);
  });

  it('keeps marks with their letters', () => {
    expect(splitWords('हिन्दी भाषा')).toEqual(['हिन्दी', 'भाषा']);
  });

  it('finds no words in emoji and punctuation', () => {
    expect(splitWords('❤️‍🔥 👩‍🚀 — … !?')).toEqual([]);
  });
});

describe('normaliseText', () => {
  it('makes compatible forms one', () => {
    expect(normaliseText('ＦＵＬＬ ﬁne ① Café', 'en')).toBe('full fine 1 café');
  });

  it('takes soft hyphens out', () => {
    expect(normaliseText('co\u00adoperate', 'en')).toBe('cooperate');
  });

  it('lowers I to ı in Turkish only, and finds İstanbul in both', () => {
    expect(normaliseText('ISPARTA İstanbul', 'tr')).toBe('ısparta istanbul');
    expect(normaliseText('ISPARTA İstanbul', 'en')).toBe('isparta istanbul');
  });
});
