/** UUIDs of version 7: form, order, time, randomness. */
import { describe, expect, test } from '@jest/globals';
import { isUuid, uuidV7 } from '../../../src/database/uuid-v7.js';

describe('uuidV7', () => {
  test('makes UUIDs of version 7 and the RFC variant', () => {
    for (let i = 0; i < 1_000; i++) expect(uuidV7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('each sorts after the one before, also within a millisecond', () => {
    const made = Array.from({ length: 50_000 }, uuidV7);
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  test('each sorts after the one before when the clock is set back', () => {
    const now = Date.now;
    try {
      const before = uuidV7();
      Date.now = () => now() - 3_600_000;
      const after = Array.from({ length: 5_000 }, uuidV7);
      expect([before, ...after].sort()).toEqual([before, ...after]);
    } finally {
      Date.now = now;
    }
  });

  test('carries the time it was made in its first 48 bits', () => {
    const made = Number.parseInt(uuidV7().replaceAll('-', '').slice(0, 12), 16);
    expect(Math.abs(made - Date.now())).toBeLessThan(1_000);
  });

  test('its last 62 bits do not repeat', () => {
    const tails = Array.from({ length: 20_000 }, () => uuidV7().slice(19));
    expect(new Set(tails).size).toBe(tails.length);
  });
});

describe('isUuid', () => {
  test.each([['0190a5b0-7c1e-7abc-8def-0123456789ab'], ['0190A5B0-7C1E-4ABC-8DEF-0123456789AB'], ['00000000-0000-0000-0000-000000000000']])('%s is one', (value) => {
    expect(isUuid(value)).toBe(true);
  });

  test.each([[''], ['0190a5b07c1e7abc8def0123456789ab'], ['{0190a5b0-7c1e-7abc-8def-0123456789ab}'], ['0190a5b0-7c1e-7abc-8def-0123456789ab\n'], ['g190a5b0-7c1e-7abc-8def-0123456789ab'], [null], [7]])('%j is none', (value) => {
    expect(isUuid(value)).toBe(false);
  });
});
