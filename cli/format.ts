/** Figures as the command line writes them. */

/** Example: 1240 → "1,240". */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Examples: 1 → "1 row", 3 → "3 rows". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Example: .1134 → "11.3 %". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Examples: null → "–", .41234 → "0.412". */
export function decimal(value: number | null | undefined): string {
  return value == null ? '–' : value.toFixed(3);
}

/** Two units at most. Examples: 42 → "42 s", 83 → "1 min 23 s", 7300 → "2 h 1 min", 200000 → "2 d 7 h". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`;
}

/** Example: 1536 → "1.5 kB". */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let amount = value;
  let unit = 0;
  while (amount >= 1_000 && unit < units.length - 1) {
    amount /= 1_000;
    unit++;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}
