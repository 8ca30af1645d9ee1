/** The plots of quality over time, from the history: what challengers achieved, beside what served on the same samples. */
import type { HistoryQuery, TrainingMode } from '../../generated/operations.js';
import type { PlotData, PlotMark } from '../../plots/plot-data.js';

export interface QualityWords {
  challenger: string;
  served: string;
  clickRate: string;
  /** "back to 037" */
  backTo(name: string): string;
}

export interface QualityPlots {
  logLoss: PlotData;
  auc: PlotData;
  clickRate: PlotData;
  /** Runs drawn. */
  runs: number;
  /** Runs behind each point. */
  runsPerPoint: number;
}

type Point = HistoryQuery['metricsHistory'][number];
type Figure = 'logLoss' | 'auc' | 'clickRate' | 'servedLogLoss' | 'servedAuc';

/** More would be noise: small runs differ by chance. */
const MOST_POINTS = 60;

/** The runs that have figures, oldest first, some together in a point where there are many; marks where somebody (or the proof) put another ranker in service. */
export function qualityPlots({ metricsHistory, activations }: HistoryQuery, mode: TrainingMode, words: QualityWords): QualityPlots {
  const runs = metricsHistory.filter((point) => point.mode === mode && (point.logLoss ?? point.servedLogLoss ?? point.clickRate) !== null).reverse();
  const runsPerPoint = Math.max(1, Math.ceil(runs.length / MOST_POINTS));
  // From the newest back: the last point is never a remainder.
  const points: Point[][] = [];
  for (let end = runs.length; end > 0; end -= runsPerPoint) points.unshift(runs.slice(Math.max(0, end - runsPerPoint), end));
  const x = points.map((group) => Date.parse(group.at(-1)?.at ?? '') / 1_000);
  const [first] = x;
  const marks: PlotMark[] = activations.edges
    .filter(({ node }) => node.reason !== 'TRAINED')
    .map(({ node }) => ({ x: Date.parse(node.at) / 1_000, label: words.backTo(node.ranker.id) }))
    .filter((mark) => first !== undefined && mark.x >= first);
  const values = (figure: Figure): (number | null)[] => points.map((group) => meanOf(group, figure));
  const dots = points.map((group) => group.every(({ activated }) => activated));
  const pair = (challenger: Figure, served: Figure): PlotData => ({
    x,
    marks,
    series: [
      { label: words.served, values: values(served), tone: 'quiet', kind: 'ground' },
      { label: words.challenger, values: values(challenger), tone: 'accent', kind: 'line', dots },
    ],
  });
  return {
    runs: runs.length,
    runsPerPoint,
    logLoss: pair('logLoss', 'servedLogLoss'),
    auc: pair('auc', 'servedAuc'),
    clickRate: { x, marks, series: [{ label: words.clickRate, values: values('clickRate'), tone: 'good', kind: 'line', dots }] },
  };
}

/** By the samples of each run: exact for log loss and click rate, near enough for AUC. */
function meanOf(group: readonly Point[], figure: Figure): number | null {
  let sum = 0;
  let weight = 0;
  for (const point of group) {
    const value = point[figure];
    if (value === null) continue;
    sum += value * point.samples;
    weight += point.samples;
  }
  return weight > 0 ? sum / weight : null;
}
