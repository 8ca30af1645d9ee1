/** The logarithm of the beta function, which intervals of proportions need. */

/** From here on Stirling's series is right to the last digits. */
const SERIES_FROM = 10;

/**
 * `ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b)`, a and b above 0.
 *
 * Example: B(1/2, 1/2) = π → 1.1447; B(2, 3) = 1/12 → −2.4849.
 */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/**
 * ln Γ(x) for x above 0, absolute error about 1e-14 · max(1, |ln Γ|): Stirling's series, after lifting a small x over 10 by
 * `Γ(x) = Γ(x + 1)/x`. Abramowitz and Stegun, "Handbook of mathematical functions", 6.1.41.
 */
function logGamma(x: number): number {
  let lifted = x;
  let product = 1;
  while (lifted < SERIES_FROM) product *= lifted++;
  const inverse = 1 / lifted;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188)))));
  return (lifted - 0.5) * Math.log(lifted) - lifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}
