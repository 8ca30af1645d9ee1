/** Team draft interleaving: each ranking its fair share of the page, and clicks counted for whose pick they hit. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { comparisonOf, interleave, type Team } from '../../../src/learning/interleaving.js';
import { numbers } from './random-numbers.js';

const LEARNED_FIRST = 0.1;
const BASE_FIRST = 0.9;

function drawn(learned: number[], base: number[], limit: number, draws: number[]) {
  const { order, teams } = interleave(Uint32Array.from(learned), Uint32Array.from(base), limit, () => draws.shift() ?? 0);
  return { order: [...order], teams };
}

describe('interleaving', () => {
  test('a worked example', () => {
    expect(drawn([0, 1, 2], [2, 1, 0], 10, [LEARNED_FIRST, BASE_FIRST])).toEqual({ order: [0, 2, 1], teams: ['LEARNED', 'BASE', 'BASE'] });
  });

  test('what the other has taken is passed over', () => {
    expect(drawn([0, 1, 2, 3], [0, 2, 1, 3], 4, [BASE_FIRST, LEARNED_FIRST])).toEqual({ order: [0, 1, 2, 3], teams: ['BASE', 'LEARNED', 'LEARNED', 'BASE'] });
  });

  test('a page of odd length ends with the pick of whom the coin puts first', () => {
    expect(drawn([0, 1, 2], [1, 0, 2], 1, [BASE_FIRST])).toEqual({ order: [1], teams: ['BASE'] });
  });

  test('equal rankings keep their order and still have teams', () => {
    expect(drawn([0, 1, 2, 3], [0, 1, 2, 3], 4, [BASE_FIRST, LEARNED_FIRST])).toEqual({ order: [0, 1, 2, 3], teams: ['BASE', 'LEARNED', 'LEARNED', 'BASE'] });
  });

  test('a ranking that runs out leaves the rest to the other', () => {
    expect(drawn([0], [1, 2, 3], 10, [LEARNED_FIRST, LEARNED_FIRST, BASE_FIRST])).toEqual({ order: [0, 1, 2, 3], teams: ['LEARNED', 'BASE', 'BASE', 'BASE'] });
  });

  test.each([0, -1, NaN])('a page of %p results is empty', (limit) => {
    expect(drawn([0, 1], [1, 0], limit, [])).toEqual({ order: [], teams: [] });
  });

  test('at every place each team stands half the time', () => {
    const random = numbers(31);
    const learned = new Float64Array(10);
    const order = Uint32Array.from({ length: 20 }, (_, i) => i);
    for (let page = 0; page < 4_000; page++) interleave(order, order.toReversed(), 10, random).teams.forEach((team, place) => (learned[place]! += team === 'LEARNED' ? 1 : 0));
    for (const count of learned) expect(Math.abs(count / 4_000 - 0.5)).toBeLessThan(0.04);
  });

  test('whatever the rankings, no candidate comes twice, the page is full, teams differ by one pick at most, and each keeps its order', () => {
    const permutation = (n: number) => fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i), { minLength: n });
    const rankings = fc.integer({ min: 0, max: 30 }).chain((n) => fc.tuple(permutation(n), permutation(n)));
    fc.assert(
      fc.property(rankings, fc.integer({ min: 0, max: 40 }), fc.nat(), ([learned, base], limit, seed) => {
        const { order, teams } = interleave(Uint32Array.from(learned), Uint32Array.from(base), limit, numbers(seed));
        expect(order).toHaveLength(Math.min(limit, learned.length));
        expect(teams).toHaveLength(order.length);
        expect(new Set(order).size).toBe(order.length);
        const picks = (team: Team) => [...order].filter((_, place) => teams[place] === team);
        expect(Math.abs(picks('LEARNED').length - picks('BASE').length)).toBeLessThanOrEqual(1);
        for (const [team, ranking] of [['LEARNED', learned], ['BASE', base]] as const) {
          const places = picks(team).map((candidate) => ranking.indexOf(candidate));
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
      }),
    );
  });
});

describe('a comparison', () => {
  const teams: Team[] = ['LEARNED', 'BASE', 'BASE', 'LEARNED'];

  test.each([
    [[true, false, false, false], 'WIN'],
    [[true, true, true, false], 'LOSS'],
    [[true, true, false, false], 'TIE'],
    [[false, false, false, false], 'TIE'],
    [[], 'TIE'],
  ])('clicks %j → %s', (clicked, outcome) => {
    expect(comparisonOf(teams, clicked)).toBe(outcome);
  });
});
