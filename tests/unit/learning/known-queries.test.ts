/** The queries searched most, by their text. */
import { describe, expect, test } from '@jest/globals';
import { HALF_LIFE_SECONDS } from '../../../src/learning/click-memory.js';
import { KnownQueries } from '../../../src/learning/known-queries.js';
import { NOON } from './samples.js';

describe('known queries', () => {
  test('sum what was looked at for them', () => {
    const queries = new KnownQueries();
    for (const theta of [1, 0.5, 0.25]) queries.observe('red shoe', theta, NOON);
    expect(queries.all()).toEqual([{ text: 'red shoe', examinations: 1.75, updatedAtSeconds: NOON }]);
  });

  test('halve in 30 days', () => {
    const queries = new KnownQueries();
    queries.observe('red shoe', 8, NOON);
    queries.observe('red shoe', 1, NOON + HALF_LIFE_SECONDS);
    queries.observe('red shoe', 1, NOON + 2 * HALF_LIFE_SECONDS);
    expect(queries.all()).toEqual([{ text: 'red shoe', examinations: 3.5, updatedAtSeconds: NOON + 2 * HALF_LIFE_SECONDS }]);
  });

  test('a search sealed late counts in full and does not turn back the time', () => {
    const queries = new KnownQueries();
    queries.observe('red shoe', 8, NOON);
    queries.observe('red shoe', 1, NOON - HALF_LIFE_SECONDS);
    expect(queries.all()).toEqual([{ text: 'red shoe', examinations: 9, updatedAtSeconds: NOON }]);
  });

  test('are told apart by their text as typed', () => {
    const queries = new KnownQueries();
    for (const text of ['shoe', 'Shoe', 'shoe ', 'shoe']) queries.observe(text, 1, NOON);
    expect(queries.all().map(({ text, examinations }) => [text, examinations])).toEqual([['shoe', 2], ['Shoe', 1], ['shoe ', 1]]);
  });

  test('those with the most come first, equal ones by text, as many as asked, none with too little', () => {
    const queries = new KnownQueries();
    for (const [text, examinations] of [['b', 12], ['a', 12], ['c', 30], ['d', 9.9]] as const) queries.observe(text, examinations, NOON);
    expect(queries.top(10, 10).map(({ text }) => text)).toEqual(['c', 'a', 'b']);
    expect(queries.top(2, 0).map(({ text }) => text)).toEqual(['c', 'a']);
    expect(queries.top(0, 0)).toEqual([]);
  });

  test('the 1,501st clears away all but the 1,000 with the most', () => {
    const queries = new KnownQueries();
    for (let i = 0; i < 1500; i++) queries.observe(`query ${i}`, 1 + ((i * 7) % 1500), NOON);
    expect(queries.all()).toHaveLength(1500);
    queries.observe('one more', 3000, NOON);
    const left = queries.all();
    expect(left).toHaveLength(1000);
    expect(left[0]!.text).toBe('one more');
    expect(left.at(-1)!.examinations).toBe(502);
    // One that was cleared away begins anew, also when it was the last observed.
    queries.observe('query 0', 5, NOON);
    queries.observe('query 0', 5, NOON);
    expect(queries.all().find(({ text }) => text === 'query 0')!.examinations).toBe(10);
  });

  test('the one observed last and cleared away at once is counted again from nothing', () => {
    const queries = new KnownQueries();
    for (let i = 0; i < 1500; i++) queries.observe(`query ${i}`, 2, NOON);
    queries.observe('rare', 1, NOON);
    expect(queries.all()).toHaveLength(1000);
    queries.observe('rare', 1, NOON);
    expect(queries.all().find(({ text }) => text === 'rare')!.examinations).toBe(1);
  });

  test('what is spoiled is passed over', () => {
    const queries = new KnownQueries();
    queries.observe('red shoe', 1, NOON);
    for (const examination of [NaN, 0, -1, Infinity]) queries.observe('red shoe', examination, NOON);
    for (const time of [NaN, Infinity, -Infinity]) queries.observe('red shoe', 1, time);
    queries.observe('spoiled', 1, NaN);
    expect(queries.all()).toEqual([{ text: 'red shoe', examinations: 1, updatedAtSeconds: NOON }]);
  });

  test('texts too long to be searched by many are not kept', () => {
    const queries = new KnownQueries();
    queries.observe('x'.repeat(128), 1, NOON);
    queries.observe('x'.repeat(129), 1, NOON);
    expect(queries.all().map(({ text }) => text.length)).toEqual([128]);
  });

  test('a copy goes on without the other', () => {
    const queries = new KnownQueries();
    queries.observe('red shoe', 1, NOON);
    const copy = queries.copy();
    copy.observe('red shoe', 1, NOON);
    expect(queries.all()[0]!.examinations).toBe(1);
    expect(copy.all()[0]!.examinations).toBe(2);
  });
});
