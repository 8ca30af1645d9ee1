/** The scale on which the proof's interval is drawn: around one half, as narrow as it may be. */

export interface ProofScale {
  /** Win rates at the scale's ends, 0 … 1; one half is in the middle. */
  from: number;
  to: number;
  ticks: readonly number[];
}

const HALF_WIDTHS = [0.1, 0.2, 0.3, 0.5];

/** 40 … 60 %, and wider only when the interval does not lie within. */
export function proofScale(lower: number | null, upper: number | null): ProofScale {
  const reach = Math.max(0.5 - (lower ?? 0.5), (upper ?? 0.5) - 0.5);
  const half = HALF_WIDTHS.find((width) => reach <= width) ?? 0.5;
  const from = 0.5 - half;
  const step = half / 2;
  return { from, to: 0.5 + half, ticks: [0, 1, 2, 3, 4].map((tick) => Math.round((from + tick * step) * 1_000) / 1_000) };
}

/** Where a win rate lies on the scale, 0 … 1. */
export function placeOn({ from, to }: ProofScale, rate: number): number {
  return Math.min(1, Math.max(0, (rate - from) / (to - from)));
}
