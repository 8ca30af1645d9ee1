/** Figures as the terminal shows them. */

/** Without the zero before the point, as statisticians write it. Examples: .314 → ".31", 1.2 → "1.20", null → "–". */
export function decimal(value: number | null): string {
  return value === null ? '–' : value.toFixed(2).replace(/^(-?)0\./, '$1.');
}

/** Example: 1240 → "1,240". */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Examples: count and noun, 1 → "1 search", 3 → "3 searches". */
export function counted(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Example: .1134 → "11.3 %". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Example: .616 → "62 %". */
export function wholePercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Example: 3.4 → "3 ms", .4 → "under 1 ms". */
export function milliseconds(value: number): string {
  return value < 1 ? 'under 1 ms' : `${count(Math.round(value))} ms`;
}

/** Example: 83,400 → "1:23". */
export function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const BAR_WIDTH = 16;

/** A bar of `done` and, lighter, `coming` of `whole`. Example: 50 and 25 of 100 → "████████▒▒▒▒░░░░". */
export function bar(done: number, coming: number, whole: number): string {
  const upTo = (value: number): number => Math.min(BAR_WIDTH, Math.floor((value / whole) * BAR_WIDTH));
  const full = upTo(done);
  const light = upTo(done + coming) - full;
  return '█'.repeat(full) + '▒'.repeat(light) + '░'.repeat(BAR_WIDTH - full - light);
}

const LEVELS = '▁▂▃▄▅▆▇█';
/** Ups and downs below this are no picture of anything. */
const LEAST_RANGE = 0.05;

/** A line of values, the lowest at the bottom. Example: [.4, .5, .6] → "▁▅█". */
export function sparkline(values: readonly number[]): string {
  const least = Math.min(...values);
  const range = Math.max(LEAST_RANGE, Math.max(...values) - least);
  return values.map((value) => LEVELS[Math.round(((value - least) / range) * (LEVELS.length - 1))]).join('');
}
