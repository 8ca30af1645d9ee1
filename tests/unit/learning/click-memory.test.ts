/** The click memory and its keys: decay, cap, eviction, and an order that does not depend on history. */
import { describe, expect, test } from '@jest/globals';
import { ClickMemory, HALF_LIFE_SECONDS, type ReadableClickMemory } from '../../../src/learning/click-memory.js';
import { writePairKey } from '../../../src/learning/pair-key.js';
import { numbers } from './random-numbers.js';

const NOON = 1_700_000_000;

function record(memory: ReadableClickMemory, low: number, high: number): { clicks: number; examinations: number } | null {
  const slot = memory.find(low, high);
  return slot < 0 ? null : { clicks: memory.clicksAt(slot), examinations: memory.examinationsAt(slot) };
}

describe('one pair', () => {
  test('a pair never seen is not known', () => {
    expect(record(new ClickMemory(), 1, 2)).toBeNull();
  });

  test('clicks and examinations add up', () => {
    const memory = new ClickMemory();
    memory.observe(1, 2, true, 1, NOON);
    memory.observe(1, 2, false, 0.5, NOON);
    expect(record(memory, 1, 2)).toEqual({ clicks: 1, examinations: 1.5 });
    expect(memory.size).toBe(1);
  });

  test('evidence halves in 30 days, before the new sample is added', () => {
    const memory = new ClickMemory();
    memory.observe(1, 2, true, 1, NOON);
    memory.observe(1, 2, false, 1, NOON + HALF_LIFE_SECONDS);
    expect(record(memory, 1, 2)).toEqual({ clicks: 0.5, examinations: 1.5 });
  });

  test('a sample older than the last one decays nothing and does not turn the clock back', () => {
    const memory = new ClickMemory();
    memory.observe(1, 2, true, 1, NOON);
    memory.observe(1, 2, true, 1, NOON - HALF_LIFE_SECONDS);
    memory.observe(1, 2, true, 1, NOON);
    expect(record(memory, 1, 2)).toEqual({ clicks: 3, examinations: 3 });
  });

  test('beyond 100 examinations both are scaled, so that the rate stays and E is 100', () => {
    const memory = new ClickMemory();
    for (let i = 0; i < 300; i++) memory.observe(1, 2, i % 4 === 0, 1, NOON);
    const { clicks, examinations } = record(memory, 1, 2)!;
    expect(examinations).toBe(100);
    expect(clicks / examinations).toBeCloseTo(0.25, 2);
  });

  test('a late click adds a click and no examination; on a pair not known it changes nothing', () => {
    const memory = new ClickMemory();
    memory.observe(1, 2, false, 1, NOON);
    memory.correctLateClick(1, 2);
    memory.correctLateClick(3, 4);
    expect(record(memory, 1, 2)).toEqual({ clicks: 1, examinations: 1 });
    expect(memory.size).toBe(1);
  });

  test('the same samples in the same order give the same record to the bit', () => {
    const replay = (): ClickMemory => {
      const memory = new ClickMemory();
      const random = numbers(3);
      for (let i = 0; i < 500; i++) memory.observe(9, 9, random() < 0.3, random(), NOON + i * 1000);
      return memory;
    };
    expect(replay().toColumns()).toEqual(replay().toColumns());
  });

  test('a time that is not a number is taken as no time passed', () => {
    const memory = new ClickMemory();
    memory.observe(1, 2, true, 1, NOON);
    memory.observe(1, 2, true, 1, NaN);
    expect(record(memory, 1, 2)).toEqual({ clicks: 2, examinations: 2 });
  });
});

describe('many pairs', () => {
  test('20,000 pairs are found again, a copy is independent, columns come in order of key', () => {
    const memory = new ClickMemory();
    const key = new Uint32Array(2);
    for (let i = 0; i < 20_000; i++) {
      writePairKey(`query ${i % 500}`, `doc-${i}`, key, 0);
      memory.observe(key[0]!, key[1]!, i % 3 === 0, 1 + (i % 7), NOON);
    }
    const copy = memory.copy();
    copy.observe(key[0]!, key[1]!, true, 1, NOON);
    let wrong = 0;
    for (let i = 0; i < 20_000; i++) {
      writePairKey(`query ${i % 500}`, `doc-${i}`, key, 0);
      const found = record(memory, key[0]!, key[1]!);
      if (found?.clicks !== (i % 3 === 0 ? 1 : 0) || found.examinations !== 1 + (i % 7)) wrong++;
    }
    expect(wrong).toBe(0);
    expect(record(copy, key[0]!, key[1]!)!.clicks).toBe(record(memory, key[0]!, key[1]!)!.clicks + 1);
    const { keys } = memory.toColumns();
    const asNumbers = Array.from({ length: 20_000 }, (_, i) => keys[2 * i]! + keys[2 * i + 1]! * 2 ** 32);
    expect(asNumbers).toEqual([...asNumbers].sort((a, b) => a - b));
    expect(ClickMemory.fromColumns(memory.toColumns()).toColumns()).toEqual(memory.toColumns());
  });

  test('keys that all begin alike do not get lost at the end of the table', () => {
    const memory = new ClickMemory();
    for (let low = 1; low <= 300; low++) memory.observe(low, 0xffff_ffff, false, low, NOON);
    for (let low = 1; low <= 300; low++) expect(record(memory, low, 0xffff_ffff)!.examinations).toBe(Math.min(100, low));
  });

  test('never more pairs than the capacity; those with the lowest E go', () => {
    const memory = new ClickMemory(1600);
    for (let i = 0; i < 1600; i++) memory.observe(i, Math.imul(i, 0x9e3779b9) >>> 0, false, 1 + (i % 50), NOON);
    memory.observe(9999, 1, true, 0.5, NOON);
    expect(memory.size).toBe(1501);
    expect(record(memory, 9999, 1)).toEqual({ clicks: 1, examinations: 0.5 });
    const left = memory.toColumns().examinations;
    // 100 went: the 32 pairs each of E = 1, 2 and 3, and 4 of E = 4.
    expect(left.filter((e) => e >= 1 && e < 4)).toHaveLength(0);
    expect(left.filter((e) => e === 4)).toHaveLength(28);
    expect(left.filter((e) => e > 4)).toHaveLength(1600 - 4 * 32);
  });

  test('old evidence counts for less when pairs must go', () => {
    const memory = new ClickMemory(16);
    memory.observe(0, 0, false, 4, NOON);
    for (let i = 1; i < 16; i++) memory.observe(i, i << 20, false, 2, NOON + 2 * HALF_LIFE_SECONDS);
    memory.observe(99, 99, false, 2, NOON + 2 * HALF_LIFE_SECONDS);
    expect(record(memory, 0, 0)).toBeNull();
    expect(memory.size).toBe(16);
  });

  test('what is evicted does not depend on how the records came to lie in the table', () => {
    const first = new ClickMemory(1600);
    for (let i = 0; i < 1600; i++) first.observe(i, Math.imul(i, 0x9e3779b9) >>> 0, false, 1, NOON);
    const loaded = ClickMemory.fromColumns(first.toColumns(), 1600);
    for (const memory of [first, loaded]) memory.observe(7, 7, true, 1, NOON);
    expect(loaded.toColumns()).toEqual(first.toColumns());
  });
});

describe('keys', () => {
  test('60,000 pairs have as many keys, spread evenly over their bits', () => {
    const seen = new Float64Array(60_000);
    const key = new Uint32Array(2);
    const bits = new Uint32Array(64);
    for (let i = 0; i < 60_000; i++) {
      writePairKey(`q${i % 300}`, String(Math.floor(i / 300)), key, 0);
      // 53 bits of the key: among 6·10^4 a chance collision has probability 2·10^−7.
      seen[i] = key[0]! + (key[1]! >>> 11) * 2 ** 32;
      for (let bit = 0; bit < 64; bit++) bits[bit]! += (key[bit >> 5]! >>> (bit & 31)) & 1;
    }
    seen.sort();
    expect(seen.some((value, i) => i > 0 && value === seen[i - 1])).toBe(false);
    expect(Math.max(...bits)).toBeLessThan(30_800);
    expect(Math.min(...bits)).toBeGreaterThan(29_200);
  });

  test('one changed character changes half of the bits', () => {
    const [a, b] = [new Uint32Array(2), new Uint32Array(2)];
    let changed = 0;
    for (let i = 0; i < 1000; i++) {
      writePairKey('red shoe', `document ${i}a`, a, 0);
      writePairKey('red shoe', `document ${i}b`, b, 0);
      for (const word of [0, 1]) for (let x = (a[word]! ^ b[word]!) >>> 0; x > 0; x = (x & (x - 1)) >>> 0) changed++;
    }
    expect(changed / 1000).toBeGreaterThan(31);
    expect(changed / 1000).toBeLessThan(33);
  });

  test('where the query ends and the document begins matters', () => {
    const keys = new Uint32Array(8);
    writePairKey('a', 'bc', keys, 0);
    writePairKey('ab', 'c', keys, 2);
    writePairKey('abc', '', keys, 4);
    writePairKey('', 'abc', keys, 6);
    expect(new Set([0, 2, 4, 6].map((at) => `${keys[at]} ${keys[at + 1]}`)).size).toBe(4);
  });
});
