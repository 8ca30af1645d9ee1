/** What a plot draws, apart from how: places along x, series over them, and which of their labels fit where. */
import type { Tone } from './plot-colours.js';

export interface PlotSeries {
  label: string;
  /** One a place along x; null where there is none. */
  values: readonly (number | null)[];
  tone: Tone;
  /** ground: broad and pale, for another line to be compared with. */
  kind: 'line' | 'ground' | 'dashes' | 'bars';
  /** Dots on the line: filled where true, hollow where false; where they would stand close, only the hollow ones. Left out: no dots. */
  dots?: readonly boolean[];
  /** Not in the table, no label, no hover value: only there to compare with. */
  isGuide?: boolean;
}

/** Something that happened at a place along x: a thin upright line. */
export interface PlotMark {
  x: number;
  label: string;
}

export interface PlotData {
  /** Ascending. Seconds since 1970 on a time axis. */
  x: readonly number[];
  series: readonly PlotSeries[];
  marks?: readonly PlotMark[];
}

/** The last value of a series: where its direct label stands. */
export function lastPoint({ values }: PlotSeries, x: readonly number[]): { x: number; y: number } | null {
  for (let index = values.length - 1; index >= 0; index -= 1) {
    const y = values[index];
    const place = x[index];
    if (y != null && place !== undefined) return { x: place, y };
  }
  return null;
}

/** Moves labels apart so that each has `height` of room, as little as needed, within `from` … `to`; their order stays. @returns in the order given */
export function spreadLabels(wanted: readonly number[], height: number, from: number, to: number): number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  let least = from;
  for (const label of order) {
    label.y = Math.max(label.y, least);
    least = label.y + height;
  }
  let most = to;
  for (const label of order.reverse()) {
    label.y = Math.min(label.y, most);
    most = label.y - height;
  }
  const placed = new Array<number>(wanted.length);
  for (const { y, index } of order) placed[index] = y;
  return placed;
}

/** The range of values with a little air, never of no height; `floor` and `ceiling` bound what cannot be exceeded. */
export function rangeOf(values: Iterable<number | null>, floor = -Infinity, ceiling = Infinity): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value === null) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return [Math.max(0, floor), Math.min(1, ceiling)];
  const air = Math.max((most - least) * 0.12, Math.abs(most) * 0.02, 1e-4);
  return [Math.max(floor, least - air), Math.min(ceiling, most + air)];
}
