/** A checkpoint's curves as plots take them: calibration with its diagonal, counts of its bins, examination beside the prior. */
import type { CheckpointDetailQuery } from '../../generated/operations.js';
import type { PlotData } from '../../plots/plot-data.js';

type Bins = NonNullable<CheckpointDetailQuery['checkpoint']>['calibrationBins'];

/** Predicted against real click rate. Both axes end where the highest of the bins does, so that the diagonal is one. */
export function calibrationData(bins: Bins, label: string): { data: PlotData; range: [number, number] } {
  const most = Math.max(0.1, ...bins.flatMap(({ to, clickRate }) => [to, clickRate]));
  const end = Math.min(1, Math.ceil(most * 10 - 1e-9) / 10);
  const x = [0, ...bins.map(({ meanPredicted }) => meanPredicted), end];
  return {
    range: [0, end],
    data: {
      x,
      series: [
        { label: '', values: [...x], tone: 'quiet', kind: 'dashes', isGuide: true },
        { label, values: [null, ...bins.map(({ clickRate }) => clickRate), null], tone: 'accent', kind: 'line', dots: x.map(() => true) },
      ],
    },
  };
}

export function binCounts(bins: Bins, label: string): PlotData {
  return { x: bins.map(({ from, to }) => (from + to) / 2), series: [{ label, values: bins.map(({ samples }) => samples), tone: 'accent', kind: 'bars' }] };
}

const PRIOR_STEEPNESS = 0.7;
const FLOOR = 0.02;

/** What the service assumes before it has seen anything: place^−0.7, as the documentation of `examinationIsPrior` says. */
export function priorExamination(place: number): number {
  return Math.max(FLOOR, place ** -PRIOR_STEEPNESS);
}

/** Places 1, 2, …; the learned curve is left out while it is still the prior. */
export function examinationData(examination: readonly number[], isPrior: boolean, words: { learned: string; prior: string }): PlotData {
  const x = examination.map((_, index) => index + 1);
  return {
    x,
    series: [
      { label: words.prior, values: x.map(priorExamination), tone: 'quiet', kind: 'dashes' },
      ...(isPrior ? [] : [{ label: words.learned, values: [...examination], tone: 'accent' as const, kind: 'line' as const, dots: x.map(() => true) }]),
    ],
  };
}
