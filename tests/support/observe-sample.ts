/** The prediction cells learn rows of a batch; tests have one sample at a time. */
import type { PredictionCells } from '../../src/learning/prediction-cells.js';

/** @returns what `predict` said before the sample was counted */
export function observeSample(cells: PredictionCells, hashes: Uint32Array, sample: number, clicked: boolean, modelProbability: number): number {
  const probabilities = Float64Array.of(modelProbability);
  cells.observeRows(hashes.subarray(2 * sample, 2 * sample + 2), [clicked ? 1 : 0], probabilities, 0, 1);
  return probabilities[0]!;
}
