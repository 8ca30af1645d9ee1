/** uPlot's options for one of our plots: thin lines, a light grid, labels at the lines' ends; colours are read at each drawing. */
import uPlot from 'uplot';
import { lastPoint, rangeOf, spreadLabels, type PlotData, type PlotSeries } from './plot-data.js';
import type { PlotColours, Tone } from './plot-colours.js';

export interface PlotLook {
  /** Of the whole plot, in CSS pixels. */
  width: number;
  height: number;
  isTime: boolean;
  /** Exact, for hovering and the table. */
  formatX(value: number): string;
  formatY(value: number): string;
  /** Short, for the axis; left out: as formatX. */
  tickX?(value: number): string;
  tickY?(value: number): string;
  /** Ticks of x that are no whole numbers mean nothing. */
  wholeX?: boolean;
  rangeX?: [number, number];
  rangeY?: [number, number];
  /** Bars are compared by their length: it begins at zero. */
  isFromZero?: boolean;
  /** Values cannot lie beyond. */
  floor?: number;
  ceiling?: number;
  /** What the x axis counts; "" for none. */
  unitX: string;
  /** Labels at the ends of lines. */
  hasLabels: boolean;
  locale: string;
}

/** What changes while the plot stays. */
export interface PlotState {
  data: PlotData;
  colours: PlotColours;
  onHover(plot: uPlot): void;
}

const FONT_SIZE = 12;
const LABEL_HEIGHT = 14;
const MOST_DOTS = 60;
const LEFT_AXIS = 48;
const BOTTOM_AXIS = 28;

export function plotOptions(look: PlotLook, state: PlotState): uPlot.Options {
  const font = `${FONT_SIZE}px ${getComputedStyle(document.body).fontFamily}`;
  const tone = (name: Tone) => (): string => state.colours[name];
  const axis: uPlot.Axis = { font, stroke: tone('quiet'), grid: { stroke: tone('line'), width: 1 }, ticks: { show: false }, gap: 6 };
  const ticks = timeTicks(look.locale);
  const { tickX, tickY = look.formatY } = look;
  return {
    width: look.width,
    height: look.height,
    padding: [10, look.hasLabels ? labelRoom(state.data.series, font) : 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: look.isTime, range: (_plot, least, most) => look.rangeX ?? (least === most ? [least - 1, most + 1] : [least, most]) },
      y: { range: () => look.rangeY ?? (look.isFromZero ? [0, rangeOf(valuesOf(state.data))[1]] : rangeOf(valuesOf(state.data), look.floor, look.ceiling)) },
    },
    axes: [
      {
        ...axis,
        size: BOTTOM_AXIS,
        space: 72,
        grid: { show: false },
        ...(look.unitX ? { label: look.unitX, labelFont: font, labelSize: 18, labelGap: 0 } : {}),
        ...(look.isTime ? { values: (_plot, splits, _axis, _space, step) => ticks(splits, step) } : {}),
        ...(tickX ? { values: (_plot: uPlot, splits: number[]) => splits.map(tickX) } : {}),
        ...(look.wholeX ? { incrs: [1, 2, 5, 10, 20, 50, 100] } : {}),
      },
      { ...axis, size: LEFT_AXIS, space: look.height < 160 ? 20 : 36, values: (_plot, splits) => splits.map(tickY) },
    ],
    series: [{}, ...state.data.series.map((series) => seriesOptions(series, tone(series.tone)))],
    hooks: {
      draw: [(plot) => drawExtras(plot, state, look, font)],
      setCursor: [(plot) => state.onHover(plot)],
    },
  };
}

function seriesOptions({ label, kind }: PlotSeries, stroke: () => string): uPlot.Series {
  if (kind === 'bars') return { label, stroke, fill: stroke, width: 0, points: { show: false }, ...(uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.7, 40] }) } : {}) };
  return { label, stroke, width: 1.5, spanGaps: true, points: { show: false }, ...(kind === 'dashes' ? { dash: [5, 4], width: 1 } : kind === 'ground' ? { width: 3.5, alpha: 0.45 } : {}) };
}

function* valuesOf({ series }: PlotData): Generator<number | null> {
  for (const { values, isGuide } of series) if (!isGuide) yield* values;
}

/** Hours within a day, days beyond: with the seconds only where ticks are nearer than a minute. Formats are made once: making one costs more than many ticks. */
function timeTicks(locale: string): (splits: readonly number[], stepSeconds: number) => string[] {
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const exactClock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
  return (splits, stepSeconds) => {
    const format = stepSeconds >= 86_400 ? day : stepSeconds < 60 ? exactClock : clock;
    return splits.map((seconds) => format.format(new Date(seconds * 1_000)));
  };
}

function labelRoom(series: readonly PlotSeries[], font: string): number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return 64;
  context.font = font;
  return Math.ceil(Math.max(16, ...series.filter(({ isGuide }) => !isGuide).map(({ label }) => context.measureText(label).width + 16)));
}

function drawExtras(plot: uPlot, { data, colours }: PlotState, look: PlotLook, font: string): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  ctx.save();
  for (const { x } of data.marks ?? []) {
    const left = Math.round(plot.valToPos(x, 'x', true)) + 0.5;
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colours.warn;
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  for (const series of data.series) drawDots(plot, series, data.x, colours, ratio);
  if (look.hasLabels) drawLabels(plot, data, colours, font, ratio);
  ctx.restore();
}

function drawDots(plot: uPlot, { values, dots, tone }: PlotSeries, x: readonly number[], colours: PlotColours, ratio: number): void {
  if (!dots) return;
  const { ctx } = plot;
  const isDense = values.length > MOST_DOTS;
  const radius = (isDense ? 2 : 3) * ratio;
  values.forEach((value, index) => {
    const place = x[index];
    if (value === null || place === undefined || (isDense && dots[index])) return;
    ctx.beginPath();
    ctx.arc(plot.valToPos(place, 'x', true), plot.valToPos(value, 'y', true), radius, 0, 2 * Math.PI);
    ctx.fillStyle = dots[index] ? colours[tone] : colours.surface;
    ctx.fill();
    ctx.strokeStyle = colours[tone];
    ctx.lineWidth = 1.25 * ratio;
    ctx.stroke();
  });
}

function drawLabels(plot: uPlot, { series, x }: PlotData, colours: PlotColours, font: string, ratio: number): void {
  const { ctx, bbox } = plot;
  const labelled = series.flatMap(({ isGuide, ...own }) => {
    const last = isGuide ? null : lastPoint(own, x);
    return last ? [{ ...own, y: plot.valToPos(last.y, 'y', true) }] : [];
  });
  const heights = spreadLabels(labelled.map(({ y }) => y), LABEL_HEIGHT * ratio, bbox.top + (LABEL_HEIGHT / 2) * ratio, bbox.top + bbox.height - (LABEL_HEIGHT / 2) * ratio);
  ctx.font = font.replace(/^\d+px/, `${FONT_SIZE * ratio}px`);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  labelled.forEach(({ label, tone }, index) => {
    ctx.fillStyle = colours[tone];
    ctx.fillText(label, bbox.left + bbox.width + 8 * ratio, heights[index] ?? 0);
  });
}
