/** The steps of promotion, one by one, and their reasons. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BatchEvidence, Departure } from '../../../src/learning/batch-check.js';
import type { GuardEvidence } from '../../../src/learning/memory-guard.js';
import { decidePromotion, type PromotionDecision, type PromotionEvidence } from '../../../src/learning/promotion.js';
import { anyNumber } from './any-number.js';

const SOUND: PromotionEvidence = { finite: true, batch: null, previousDepartures: [], anchor: null, guard: null };
const BATCH: BatchEvidence = { samples: 1000, clicks: 100, expectedClicks: 96, z: 0.4, zl: 0.4, zlWithoutOne: 0.3 };
const MORE: BatchEvidence = { ...BATCH, clicks: 412, z: 33.9, zl: 30, zlWithoutOne: 30 };
const GUARD: GuardEvidence = { queries: 84, ndcg: 0.412, baseNdcg: 0.523, t: -6.1, lower: -0.15, upper: -0.07 };

function decide(evidence: Partial<PromotionEvidence>): PromotionDecision {
  return decidePromotion({ ...SOUND, ...evidence });
}

function reasonOf(decision: PromotionDecision): string {
  if (decision.accepted) throw new Error('it was accepted');
  return decision.reason;
}

describe('promotion', () => {
  test('evidence that does not exist passes', () => {
    expect(decide({})).toEqual({ accepted: true, note: null, departure: null });
  });

  test('what is not finite is rejected, and its departure told all the same', () => {
    const decision = decide({ finite: false, batch: MORE });
    expect(reasonOf(decision)).toContain('not a finite number');
    expect(decision.departure).toBe('MORE_CLICKS');
  });

  test('a batch as expected is accepted', () => {
    expect(decide({ batch: BATCH })).toEqual({ accepted: true, note: null, departure: null });
  });

  test.each([
    [MORE, 'MORE_CLICKS', '412 clicks where 96 were expected in 1,000 samples (z = 34): more than chance gives'],
    [{ ...BATCH, clicks: 1, expectedClicks: 41.3, z: -6.4 }, 'FEWER_CLICKS', '1 click where 41 were expected in 1,000 samples (z = −6.4): fewer'],
    [{ ...BATCH, expectedClicks: 9.04, clicks: 9, zl: 12, zlWithoutOne: 9 }, 'UNLIKELY_CLICKS', '9 clicks where 9.0 were expected in 1,000 samples, but on results where they were unlikely (z of the loss = 12)'],
  ])('a batch that departs is rejected, with counts: %#', (batch, departure, words) => {
    const decision = decide({ batch });
    expect(decision.departure).toBe(departure);
    expect(reasonOf(decision)).toContain(words);
    expect(reasonOf(decision)).toContain('the third such run in a row is accepted');
  });

  test.each<[string, (Departure | null)[], string | null]>([
    ['the first', [], null],
    ['the second', ['MORE_CLICKS'], null],
    ['the third', ['MORE_CLICKS', 'MORE_CLICKS'], 'Third run in a row with more clicks than expected: taken for a real change'],
    ['the fourth', ['MORE_CLICKS', 'MORE_CLICKS', 'MORE_CLICKS', null], '4 runs in a row with more clicks than expected'],
    ['one after another departure', ['FEWER_CLICKS', 'MORE_CLICKS', 'MORE_CLICKS'], null],
    ['one after an interruption', ['MORE_CLICKS', null, 'MORE_CLICKS'], null],
  ])('departing the same way: %s run', (_, previousDepartures, note) => {
    const decision = decide({ batch: MORE, previousDepartures });
    expect(decision.departure).toBe('MORE_CLICKS');
    if (note === null) expect(decision.accepted).toBe(false);
    else expect(decision).toMatchObject({ accepted: true, note: expect.stringContaining(note) });
  });

  test('a real change still has to pass the steps after it', () => {
    expect(decide({ batch: MORE, previousDepartures: ['MORE_CLICKS', 'MORE_CLICKS'], guard: GUARD }).accepted).toBe(false);
  });

  test('a log loss more than 1 % worse on samples that both learned is rejected', () => {
    const anchor = { samples: 2_000, newSamples: 100, championLogLoss: 0.33 };
    expect(decide({ anchor: { ...anchor, challengerLogLoss: 0.3332 } }).accepted).toBe(true);
    expect(reasonOf(decide({ anchor: { ...anchor, challengerLogLoss: 0.3412 } }))).toContain(
      "On the newest 2,000 samples that both had learned, the new model's log loss is 0.3412, that of the one that serves 0.3300 (3.4 % worse; 1.0 % is allowed)",
    );
  });

  test.each([
    [1_000, 0.01],
    [4_000, 0.02],
    [25_000, 0.05],
    [1_000_000, 0.05],
    [null, 0.05],
  ])('after %p new samples the loss may rise by %p', (newSamples, allowed) => {
    const refused = (rise: number): boolean => !decide({ anchor: { samples: 2_000, newSamples, championLogLoss: 0.3, challengerLogLoss: 0.3 * (1 + rise) } }).accepted;
    expect(refused(allowed - 1e-6)).toBe(false);
    expect(refused(allowed + 1e-6)).toBe(true);
  });

  test('the anchor is not asked under 2,000 samples', () => {
    expect(decide({ anchor: { samples: 1_999, newSamples: 100, championLogLoss: 0.33, challengerLogLoss: 0.9 } }).accepted).toBe(true);
  });

  test("a challenger's loss that is not a number is refused; a champion's tells nothing", () => {
    expect(decide({ anchor: { samples: 2_000, newSamples: 100, championLogLoss: 0.33, challengerLogLoss: NaN } }).accepted).toBe(false);
    expect(decide({ anchor: { samples: 2_000, newSamples: 100, championLogLoss: NaN, challengerLogLoss: 0.33 } }).accepted).toBe(true);
  });

  test('a content model that ranks well-known queries worse than the base ranker is rejected', () => {
    expect(reasonOf(decide({ guard: GUARD }))).toContain('84 well-known queries worse than the base ranker (nDCG@10 0.412 against 0.523, t = −6.1)');
  });

  test.each([
    ['t of −2', { t: -2 }],
    ['a better one', { t: 5 }],
    ['no variance', { t: null }],
    ['29 queries', { queries: 29 }],
    ['t that is not a number', { t: NaN }],
  ])('the guard lets pass: %s', (_, changes) => {
    expect(decide({ guard: { ...GUARD, ...changes } }).accepted).toBe(true);
  });

  test('whatever the evidence, a decision with words comes, and what is not finite is never accepted', () => {
    const nullable = fc.oneof(fc.constant(null), anyNumber);
    const evidence = fc.record({
      finite: fc.boolean(),
      batch: fc.option(fc.record({ samples: anyNumber, clicks: anyNumber, expectedClicks: anyNumber, z: nullable, zl: nullable, zlWithoutOne: nullable })),
      previousDepartures: fc.array(fc.constantFrom<(Departure | null)[]>(null, 'MORE_CLICKS', 'FEWER_CLICKS', 'UNLIKELY_CLICKS'), { maxLength: 4 }),
      anchor: fc.option(fc.record({ samples: anyNumber, newSamples: fc.option(anyNumber), championLogLoss: anyNumber, challengerLogLoss: anyNumber })),
      guard: fc.option(fc.record({ queries: anyNumber, ndcg: nullable, baseNdcg: nullable, t: nullable, lower: nullable, upper: nullable })),
    });
    fc.assert(
      fc.property(evidence, (spoiled) => {
        const decision = decidePromotion(spoiled);
        if (!spoiled.finite) expect(decision.accepted).toBe(false);
        if (decision.accepted) expect(decision.note === null).toBe(decision.departure === null);
        else expect(decision.reason.length).toBeGreaterThan(20);
      }),
    );
  });
});
