/** The simulated crowd: its randomness repeats and has the shares it claims. */
import { describe, expect, test } from '@jest/globals';
import { hiddenTaste, nameFit } from '../../../src/simulation/hidden-taste.js';
import { clickProbabilityOfGrade, PositionBasedUser } from '../../../src/simulation/position-based-user.js';
import { seededRandom, seededValue } from '../../../src/simulation/seeded-random.js';
import { zipfDraw } from '../../../src/simulation/zipf-draw.js';

function share(draws: number, happens: () => boolean): number {
  let times = 0;
  for (let draw = 0; draw < draws; draw++) if (happens()) times++;
  return times / draws;
}

describe('randomness', () => {
  test('repeats with its seed and differs without', () => {
    const sequence = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, random);
    };
    expect(sequence(1)).toEqual(sequence(1));
    expect(sequence(1)).not.toEqual(sequence(2));
  });

  test('lies evenly in [0, 1)', () => {
    const random = seededRandom(3);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) tenths[Math.floor(random() * 10)]!++;
    for (const times of tenths) expect(Math.abs(times - 2000)).toBeLessThan(200);
  });

  test('a text keeps its value, and texts lie evenly', () => {
    expect(seededValue(1, 'heart')).toBe(seededValue(1, 'heart'));
    expect(seededValue(1, 'heart')).not.toBe(seededValue(2, 'heart'));
    let i = 0;
    expect(share(20_000, () => seededValue(1, `text ${i++}`) < 0.3)).toBeCloseTo(0.3, 1);
  });
});

describe('a position-based user', () => {
  test.each([
    [1, 4, 0.25],
    [0.5, 4, 0.5],
    [1.5, 4, 0.125],
    [0, 9, 1],
  ])('of steepness %f looks at position %i with probability %f', (steepness, position, probability) => {
    const user = new PositionBasedUser({ steepness, random: seededRandom(5) });
    expect(Math.abs(share(20_000, () => user.looks(position)) - probability)).toBeLessThan(0.012);
  });

  test('clicks what was looked at and liked', () => {
    const user = new PositionBasedUser({ steepness: 1, random: seededRandom(6) });
    expect(Math.abs(share(20_000, () => user.clicksAt(2, 4)) - 0.45)).toBeLessThan(0.012);
    expect(Math.abs(share(20_000, () => user.clicks([0, 3], 1)[1]!) - 0.35)).toBeLessThan(0.012);
  });

  test('a better grade is clicked more', () => {
    expect([0, 1, 2, 3, 4].map(clickProbabilityOfGrade)).toEqual([0.05, 0.2, 0.4, 0.7, 0.9]);
    expect([-1, 9].map(clickProbabilityOfGrade)).toEqual([0.05, 0.9]);
  });
});

describe('hidden taste', () => {
  /** How often each grade, 0 … 4, is given to 20,000 documents of these names. */
  const shares = (names: readonly string[]): number[] => {
    const taste = hiddenTaste(1, () => names);
    const times = [0, 0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) times[taste(`query ${i % 50}`, String(i))]!++;
    return times.map((count) => count / 20_000);
  };
  const expectShares = (given: readonly number[], expected: readonly number[]): void => expected.forEach((share, grade) => expect(Math.abs(given[grade]! - share)).toBeLessThan(0.015));

  test('is kept for ever, and loves one document in twenty whose name says nothing', () => {
    const taste = hiddenTaste(1, () => []);
    expect(hiddenTaste(1, () => [])('heart', '2764')).toBe(taste('heart', '2764'));
    expectShares(shares([]), [0.5, 0.2, 0.15, 0.1, 0.05]);
  });

  test('loves a document the more often the nearer its name is to the query', () => {
    // Each query is half of one of the names: three times as likely.
    const names = Array.from({ length: 50 }, (_, i) => `query ${i}`).map((query) => query + '-'.repeat(query.length));
    expectShares(shares(names), [0, 0.1, 0.45, 0.3, 0.15]);
  });

  test.each([
    ['cat', ['cat'], 1],
    ['cat', ['cat face'], 3 / 8],
    ['CAT', ['Tiger', 'black Cat'], 1 / 3],
    ['cat', ['tiger'], 0],
    ['心', ['red heart', '红心'], 1 / 2],
    ['cat', [], 0],
    ['', ['cat'], 0],
  ])('%j fits the names %j by %f', (query, names, fit) => expect(nameFit(query, names)).toBeCloseTo(fit));
});

describe('Zipf', () => {
  test('draws a rank in proportion to 1/rank', () => {
    const draw = zipfDraw(100, 1, seededRandom(9));
    const times = new Array<number>(100).fill(0);
    for (let i = 0; i < 20_000; i++) times[draw()]!++;
    expect(Math.abs(times[0]! / 20_000 - 0.1928)).toBeLessThan(0.01);
    expect(Math.abs(times[1]! / 20_000 - 0.0964)).toBeLessThan(0.01);
    expect(times[99]!).toBeGreaterThan(0);
  });

  test('needs something to draw among', () => {
    expect(() => zipfDraw(0, 1, Math.random)).toThrow('cannot draw among 0');
    expect(zipfDraw(1, 1, Math.random)()).toBe(0);
  });
});
