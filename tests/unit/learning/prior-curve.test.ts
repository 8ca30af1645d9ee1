/** Whether anything has been learned of examination, told from a stored curve. */
import { expect, test } from '@jest/globals';
import { Examination, isPriorCurve, PRIOR_EXAMINATION } from '../../../src/learning/examination.js';

test('the curve of a new lineage is the prior; one place that differs makes another of it', () => {
  const curve = PRIOR_EXAMINATION.firstPlaces();
  expect(isPriorCurve(curve)).toBe(true);
  expect(isPriorCurve([])).toBe(true);
  for (let place = 0; place < curve.length; place++) expect(isPriorCurve(curve.with(place, curve[place]! * 1.001))).toBe(false);
});

test('a single click on a drawn pair is seen in the curve', () => {
  for (const [above, below] of [[1, 0], [0, 1]] as const) {
    expect(isPriorCurve(new Examination(Float64Array.of(above), Float64Array.of(below)).firstPlaces())).toBe(false);
  }
});
