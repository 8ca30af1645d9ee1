/** Figures for people: counts, shares, durations and ages, as the language writes them. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export class Formats {
  readonly #count: Intl.NumberFormat;
  readonly #share: Intl.NumberFormat;
  readonly #figure: Intl.NumberFormat;
  readonly #seconds: Intl.NumberFormat;
  readonly #age: Intl.RelativeTimeFormat;
  readonly #moment: Intl.DateTimeFormat;

  constructor(locale: string) {
    this.#count = new Intl.NumberFormat(locale);
    this.#share = new Intl.NumberFormat(locale, { style: 'percent', maximumSignificantDigits: 2 });
    this.#figure = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.#seconds = new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'short', maximumSignificantDigits: 2 });
    this.#age = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
    this.#moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  }

  /** 1,234 */
  count(value: number): string {
    return this.#count.format(value);
  }

  /** 62 %: of a share from 0 to 1, to two digits. */
  share(value: number): string {
    return this.#share.format(value);
  }

  /** 0.31, or a dash where a figure is not defined. */
  figure(value: number | null | undefined): string {
    return value == null ? '–' : this.#figure.format(value);
  }

  duration(ms: number): string {
    return this.#seconds.format(ms / SECOND_MS);
  }

  /** "12 sec. ago", from a moment to now; a clock that is a little off shows "now", not the future. */
  age(moment: string, nowMs: number): string {
    const ageMs = Math.max(0, nowMs - Date.parse(moment));
    if (ageMs < MINUTE_MS) return this.#age.format(-Math.floor(ageMs / SECOND_MS), 'second');
    if (ageMs < HOUR_MS) return this.#age.format(-Math.floor(ageMs / MINUTE_MS), 'minute');
    if (ageMs < DAY_MS) return this.#age.format(-Math.floor(ageMs / HOUR_MS), 'hour');
    return this.#age.format(-Math.floor(ageMs / DAY_MS), 'day');
  }

  /** The exact time, for hovering over an age. */
  moment(moment: string): string {
    return this.#moment.format(new Date(moment));
  }
}
