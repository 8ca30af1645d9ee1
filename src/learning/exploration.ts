/** The little randomness in serving that makes examination learnable: one adjacent pair, swapped or not. */

export interface Exploration {
  /** k of the drawn pair (k, k+1), counted from 1 on the page; null when none was drawn. */
  drawnPair: number | null;
  /** Whether the pair is to be shown in the other order. */
  swapped: boolean;
  /** By served place on the page (after the swap): the probability with which this policy puts that document there. */
  propensities: Float64Array;
}

/**
 * Draws for one page: in the share `rate` of searches one adjacent pair, uniformly, swapped with probability ½.
 *
 * Maths, for rate ρ and n results: a swapped document stands where it stands with probability `ρ/(2(n−1))`; one left in its
 * place with `1 − ρ/(2(n−1))` at both ends of the page and `1 − ρ/(n−1)` inside. A page under two results draws nothing.
 * `random` yields numbers in [0, 1).
 *
 * Example: n = 10, ρ = .5, pair (3, 4) swapped → propensities 1 − 1/36 at places 1 and 10, 1/36 at 3 and 4, else 1 − 1/18.
 * Swap interventions: Joachims, Swaminathan, Schnabel, "Unbiased learning-to-rank with biased feedback", WSDM 2017.
 */
export function explore(pageSize: number, rate: number, random: () => number): Exploration {
  const propensities = new Float64Array(Math.max(0, pageSize)).fill(1);
  if (pageSize < 2) return { drawnPair: null, swapped: false, propensities };
  const drawnPair = random() < rate ? 1 + Math.floor(random() * (pageSize - 1)) : null;
  const swapped = drawnPair !== null && random() < 0.5;

  const swap = rate / (2 * (pageSize - 1));
  propensities.fill(1 - 2 * swap);
  propensities[0] = propensities[pageSize - 1] = 1 - swap;
  if (swapped && drawnPair !== null) propensities[drawnPair - 1] = propensities[drawnPair] = swap;
  return { drawnPair, swapped, propensities };
}
