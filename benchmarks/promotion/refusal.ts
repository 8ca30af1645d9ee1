/** Whether the rules of promotion refuse a challenger, and by which step. */
import { decidePromotion, type PromotionEvidence } from '../../src/learning/promotion.js';

/** The steps that a run can be refused by, in their order. */
export const STEPS = ['finite', 'batch', 'anchor', 'guard'] as const;
export type Step = (typeof STEPS)[number];

const NO_EVIDENCE: PromotionEvidence = { finite: true, batch: null, previousDepartures: [], anchor: null, guard: null };

/** Whether this evidence, and nothing else, has a challenger refused. */
export function isRefused(evidence: Partial<PromotionEvidence>): boolean {
  return !decidePromotion({ ...NO_EVIDENCE, ...evidence }).accepted;
}

/** The first step that refuses by itself; null: none does. */
export function refusingStep(evidence: PromotionEvidence): Step | null {
  return STEPS.find((step) => isRefused({ [step]: evidence[step], previousDepartures: evidence.previousDepartures })) ?? null;
}
