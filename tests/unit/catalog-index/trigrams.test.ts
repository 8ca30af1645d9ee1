/** Trigrams as pg_trgm cuts them. */
import { describe, expect, it } from '@jest/globals';
import { trigrams } from '../../../src/catalog-index/trigrams.js';

describe('trigrams', () => {
  it('are cut from padded words, each once', () => {
    // select show_trgm('cat catalog') in PostgreSQL.
    expect([...trigrams(['cat', 'catalog'])].sort()).toEqual(['  c', ' ca', 'alo', 'at ', 'ata', 'cat', 'log', 'og ', 'tal']);
  });

  it('of one-letter words are two', () => {
    expect([...trigrams(['x'])]).toEqual(['  x', ' x ']);
  });

  it('are of characters, not halves of them', () => {
    expect([...trigrams(['𝒳𐐀'])]).toEqual(['  𝒳', ' 𝒳𐐀', '𝒳𐐀 ']);
  });

  it('are none without words', () => {
    expect(trigrams([]).size).toBe(0);
  });
});
