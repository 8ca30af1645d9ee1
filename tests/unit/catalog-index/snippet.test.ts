/** What is shown of a body under a result. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Analyser } from '../../../src/catalog-index/analyser.js';
import { snippet } from '../../../src/catalog-index/snippet.js';

const english = new Analyser('english');
const filler = (words: number): string => Array.from({ length: words }, (_, i) => `filler${i}`).join(' ');

describe('snippet', () => {
  it('is null for an empty body', () => {
    expect(snippet('', ['heart'], english)).toBeNull();
    expect(snippet(' \n\t ', ['heart'], english)).toBeNull();
  });

  it('is the whole of a short body, on one line', () => {
    expect(snippet('  A red\n\n heart. ', ['heart'], english)).toBe('A red heart.');
  });

  it('shows the words of the query, in whatever form they stand', () => {
    const shown = snippet(`${filler(200)} two Hearts, beating ${filler(200)}`, ['heart', 'beat'], english)!;
    expect(shown).toMatch(/^….* two Hearts, beating .*…$/);
    expect(shown.length).toBeLessThanOrEqual(200);
    expect(shown.length).toBeGreaterThan(170);
  });

  it('prefers the place where most of the words stand together', () => {
    const body = `heart heart heart ${filler(100)} wing ${filler(100)} a red heart on a wing ${filler(100)}`;
    expect(snippet(body, ['heart', 'red', 'wing'], english)).toContain('a red heart on a wing');
  });

  it('starts at the start when no word is found, and at the end shows the end', () => {
    expect(snippet(filler(100), ['heart'], english)).toMatch(/^filler0 filler1 .*\d…$/);
    const atEnd = snippet(`${filler(100)} heart`, ['heart'], english)!;
    expect(atEnd).toMatch(/^….* heart$/);
    expect(atEnd.length).toBeGreaterThan(180);
  });

  it('cuts Chinese and Thai between words', () => {
    const chinese = snippet(`${'天空很蓝。'.repeat(80)}我喜欢红色的心形${'天空很蓝。'.repeat(80)}`, ['红色'], english, 60)!;
    expect(chinese).toContain('喜欢红色的');
    expect(chinese.length).toBeLessThanOrEqual(60);
    const thai = snippet(`${'ท้องฟ้า'.repeat(60)}ประเทศไทย${'ท้องฟ้า'.repeat(60)}`, ['ประเทศไทย'], english, 60)!;
    expect(thai).toContain('ประเทศไทย');
  });

  it('cuts one endless word, and never a character in two', () => {
    expect(snippet('x'.repeat(500), ['y'], english, 50)).toBe(`${'x'.repeat(48)}…`);
    expect(snippet('𝒳'.repeat(500), ['y'], english, 51)!.isWellFormed()).toBe(true);
  });

  it('is never longer than asked, never ill-formed, and a part of the body', () => {
    const piece = fc.oneof(fc.constantFrom('heart', 'red', ' ', ' ', '.', '心形', '😀', 'ท้องฟ้า', 'x'.repeat(70)), fc.string({ unit: 'grapheme', maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), fc.integer({ min: 20, max: 120 }), (pieces, maxLength) => {
        const body = pieces.join('');
        const shown = snippet(body, ['heart', '心形'], english, maxLength);
        if (body.trim() === '') return expect(shown).toBeNull();
        expect(shown!.length).toBeLessThanOrEqual(maxLength);
        expect(shown!.isWellFormed()).toBe(true);
        const flat = body.replace(/\s+/g, ' ').trim();
        expect(shown === flat || flat.includes(shown!.replace(/^…/, '').replace(/…$/, ''))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
