/** Whether a challenger may serve. */

/** What is known about a challenger when its run ends. */
export interface PromotionEvidence {
  /** Every weight, memory entry and metric is finite (Learner.finish). */
  finite: boolean;
}

export type PromotionDecision = { accepted: true } | { accepted: false; reason: string };

/**
 * Decides on promotion; the reason is written for an operator. One rule so far: a model with any weight, memory entry or
 * metric that is not a finite number is rejected (spoiled samples; nothing sound can be said about it).
 *
 * Example: `decidePromotion({ finite: false })` → rejected.
 */
export function decidePromotion(evidence: PromotionEvidence): PromotionDecision {
  if (!evidence.finite) {
    return {
      accepted: false,
      reason: 'a weight, a memory entry or a metric of the new model is not a finite number: the samples of this run are spoiled',
    };
  }
  return { accepted: true };
}
