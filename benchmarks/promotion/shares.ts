/** Shares of what was counted, how sure they are, and whether they are as good as learning.md says. */

/** k of n, with the interval in which the true share lies. */
export interface Share {
  count: number;
  of: number;
  share: number;
  /** 95 % interval (Wilson). */
  lower: number;
  upper: number;
}

const DEVIATIONS = 1.96;
const NAME_WIDTH = 52;

/**
 * A share and its Wilson interval: `(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)`, sound at 0 of n and n of n, too.
 * Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
 *
 * Example: 0 of 3,800 → 0 … .001.
 */
export function shareOf(count: number, of: number): Share {
  const share = count / of;
  const z2 = DEVIATIONS ** 2;
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const half = (DEVIATIONS * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of ** 2))) / (1 + z2 / of);
  return { count, of, share, lower: count === 0 ? 0 : middle - half, upper: count === of ? 1 : middle + half };
}

/** The share of those for which something holds. */
export function shareWhere<T>(items: readonly T[], holds: (item: T) => boolean): Share {
  return shareOf(items.filter(holds).length, items.length);
}

/** What a figure should be at least or at most. */
export type Target = { atLeast: number } | { atMost: number };

/** "pass"; "chance" when it misses, but the truth may well be as good; else "MISSED". */
export function verdictOf({ share, lower, upper }: Share, target: Target): string {
  const meets = (value: number): boolean => ('atLeast' in target ? value >= target.atLeast : value <= target.atMost);
  return meets(share) ? 'pass' : meets('atLeast' in target ? upper : lower) ? 'chance' : 'MISSED';
}

export interface ShareRow {
  /** Its name among the figures. */
  key: string;
  name: string;
  share: Share;
  /** The figure of learning.md; left out where it has none. */
  target?: Target;
  /** Said behind it. */
  note?: string;
}

/** Prints a line for each share. */
export function printShares(heading: string, rows: readonly ShareRow[]): void {
  console.log(`${heading.padEnd(NAME_WIDTH)}${'of'.padStart(8)}${'share'.padStart(9)}   95 % interval     learning.md`);
  for (const { name, share, target, note } of rows) {
    const interval = `${percent(share.lower)} – ${percent(share.upper)}`.padEnd(18);
    const wanted = target === undefined ? '' : `${'atLeast' in target ? '≥' : '≤'} ${percent('atLeast' in target ? target.atLeast : target.atMost)}`;
    const verdict = target === undefined ? '' : verdictOf(share, target);
    console.log(`  ${name.padEnd(NAME_WIDTH - 2)}${String(share.of).padStart(8)}${percent(share.share).padStart(9)}   ${interval}${wanted.padEnd(10)} ${verdict}${note === undefined ? '' : `  ${note}`}`.trimEnd());
  }
}

/** Example: .0312 → "3.1 %". */
export function percent(share: number): string {
  const hundredths = 100 * share;
  return `${hundredths.toFixed(hundredths > 0 && hundredths < 1 ? 2 : 1).replace(/\.0$/, '')} %`;
}

/** The shares by key. */
export function figuresOf(rows: readonly ShareRow[]): Record<string, Share> {
  return Object.fromEntries(rows.map(({ key, share }) => [key, share]));
}

export interface MedianRow {
  /** Its name among the figures. */
  key: string;
  name: string;
  /** Of each run; null where it never came to it. */
  values: readonly (number | null)[];
  /** learning.md's, at most. */
  target?: number;
}

/** Prints a line for each median, with the 95 % interval in which the true one lies (the values around the middle; binomial). */
export function printMedians(heading: string, rows: readonly MedianRow[]): void {
  console.log(`${heading.padEnd(NAME_WIDTH)}${'runs'.padStart(8)}${'median'.padStart(9)}   95 % interval     learning.md`);
  for (const { name, values, target } of rows) {
    const half = (DEVIATIONS * Math.sqrt(values.length)) / 2;
    const [median, lower, upper] = [medianReached(values), rankedValue(values, values.length / 2 - half), rankedValue(values, values.length / 2 + half)];
    const verdict = target === undefined ? '' : `${`≤ ${target}`.padEnd(10)} ${median !== null && median <= target ? 'pass' : lower !== null && lower <= target ? 'chance' : 'MISSED'}`;
    console.log(`  ${name.padEnd(NAME_WIDTH - 2)}${String(values.length).padStart(8)}${String(median ?? 'never').padStart(9)}   ${`${lower ?? 'never'} – ${upper ?? 'never'}`.padEnd(18)}${verdict}`.trimEnd());
  }
}

/** The middle value, or null where more than half never came to it. */
export function medianReached(values: readonly (number | null)[]): number | null {
  return rankedValue(values, (values.length - 1) / 2);
}

/** The value at a rank from 0, those that never came to it last; null: it is one of them. */
function rankedValue(values: readonly (number | null)[], rank: number): number | null {
  const sorted = values.map((value) => value ?? Infinity).sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.min(sorted.length - 1, Math.floor(rank)))];
  return value === undefined || value === Infinity ? null : value;
}
