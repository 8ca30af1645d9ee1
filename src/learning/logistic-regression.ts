/** Batch logistic regression by ml-logistic-regression, with everything the library leaves to its caller. */
import LogisticRegression from 'ml-logistic-regression';
import { inverse, Matrix } from 'ml-matrix';
import { START_VARIANCES } from './content-model.js';

/** A sample that was looked at. */
export interface FitRow {
  /** F features, without the leading 1. */
  features: Float32Array;
  clicked: boolean;
}

/** After so many the weights no longer move. */
const SETTLED_STEPS = 300;
const SMALLEST_DEVIATION = 1e-6;

/**
 * The prior as data, for the library knows no regularisation: these rows alone are fitted best by w = [−2, .7, 0], exactly
 * (σ⁻¹(½) = −2 + .7·z at z = 2.857, σ⁻¹(.02) at −2.703, and the second feature as often above as below 0 at either), and
 * weigh about as much as the start covariance diag(1/3, 1/30, 1/30). A first run on a hundred samples so moves w a little
 * and cannot turn the order round.
 */
const CERTAIN = 2 / 0.7;
const UNLIKELY = (Math.log(0.02 / 0.98) + 2) / 0.7;
const PRIOR_POINTS = [
  { features: [CERTAIN, 2.75], rows: 4, clicks: 2 },
  { features: [CERTAIN, -2.75], rows: 4, clicks: 2 },
  { features: [UNLIKELY, 2.75], rows: 50, clicks: 1 },
  { features: [UNLIKELY, -2.75], rows: 50, clicks: 1 },
] as const;

/**
 * Fits `P(click) = σ(w·x)`, x = [1, features], on rows that were looked at, by so many steps of gradient descent. Returns w
 * (intercept first, in units of the features as given), or null when there is only one class or the fit is not finite.
 *
 * What the library needs: a constant column (it has no intercept), standardised columns (it diverges otherwise; w is
 * translated back), a learning rate of 4/N (it sums the gradient; 1/4 bounds p(1−p)), both classes (it trains on one
 * without complaint), prior rows (no regularisation), a look at every weight. `classifiers[0]` is P(1).
 *
 * Example: 20,000 rows drawn with w = [−1, .5, .2] → within .1 of it.
 */
export function fitLogistic(rows: readonly FitRow[], steps = SETTLED_STEPS): Float64Array | null {
  const clicks = rows.reduce((sum, row) => sum + Number(row.clicked), 0);
  if (clicks === 0 || clicks === rows.length) return null;
  const width = rows[0]!.features.length;
  const priorWidth = PRIOR_POINTS[0].features.length;
  if (width !== priorWidth) throw new RangeError(`prior rows are for ${priorWidth} features, not ${width}`);

  const columns = Array.from(
    { length: width },
    (_, column) => new Float64Array([...rows.map((row) => row.features[column]!), ...PRIOR_POINTS.flatMap((point) => repeatFeature(point, column))]),
  );
  const labels = [...rows.map((row) => Number(row.clicked)), ...PRIOR_POINTS.flatMap(repeatLabels)];
  const scalings = columns.map(standardise);
  const features = new Matrix(labels.length, width + 1);
  for (let i = 0; i < labels.length; i++) {
    features.set(i, 0, 1);
    for (let column = 0; column < width; column++) features.set(i, column + 1, columns[column]![i]!);
  }
  const regression = new LogisticRegression({ numSteps: steps, learningRate: 4 / labels.length });
  regression.train(features, Matrix.columnVector(labels));

  const fitted = regression.classifiers[0]!.weights.to1DArray();
  const weights = Float64Array.from(fitted);
  scalings.forEach(({ mean, deviation }, column) => {
    weights[column + 1] = fitted[column + 1]! / deviation;
    weights[0]! -= (fitted[column + 1]! * mean) / deviation;
  });
  return weights.every(Number.isFinite) ? weights : null;
}

/**
 * Posterior covariance of w: `P = (P₀⁻¹ + Σ e·p(1−p)·x·xᵀ)⁻¹`, (F+1)×(F+1) row-major, `information` being e·p(1−p) of a
 * row; an INCREMENTAL run goes on from it. null when it is not finite. Laplace approximation: Bishop, "Pattern Recognition and
 * Machine Learning", 4.5.1.
 *
 * Example: no rows → diag(1/3, 1/30, 1/30).
 */
export function posteriorCovariance(
  width: number,
  rows: number,
  rowAt: (row: number) => { information: number; features: Float32Array },
): Float64Array | null {
  const size = width + 1;
  const precision = Matrix.diag(START_VARIANCES.map((variance) => 1 / variance));
  const x = new Float64Array(size).fill(1);
  for (let row = 0; row < rows; row++) {
    const { information, features } = rowAt(row);
    x.set(features, 1);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) precision.set(i, j, precision.get(i, j) + information * x[i]! * x[j]!);
    }
  }
  const covariance = Float64Array.from(inverse(precision).to1DArray());
  return covariance.every(Number.isFinite) ? covariance : null;
}

function repeatFeature(point: (typeof PRIOR_POINTS)[number], column: number): number[] {
  return new Array<number>(point.rows).fill(point.features[column]!);
}

function repeatLabels(point: (typeof PRIOR_POINTS)[number]): number[] {
  return Array.from({ length: point.rows }, (_, row) => (row < point.clicks ? 1 : 0));
}

/** Brings a column to mean 0 and deviation 1 in place; a constant column becomes 0. */
function standardise(column: Float64Array): { mean: number; deviation: number } {
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
  const deviation = Math.max(Math.sqrt(variance), SMALLEST_DEVIATION);
  for (let i = 0; i < column.length; i++) column[i] = (column[i]! - mean) / deviation;
  return { mean, deviation };
}
