/** Figures for people: counts, shares, durations and ages, as the language writes them. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
type SpanUnit = 'second' | 'minute' | 'hour' | 'day';

export class Formats {
  readonly #count: Intl.NumberFormat;
  readonly #share: Intl.NumberFormat;
  readonly #figure: Intl.NumberFormat;
  readonly #fine: Intl.NumberFormat;
  readonly #plain: Intl.NumberFormat;
  readonly #about: Intl.NumberFormat;
  readonly #seconds: Intl.NumberFormat;
  readonly #age: Intl.RelativeTimeFormat;
  readonly #moment: Intl.DateTimeFormat;
  readonly #exact: Intl.NumberFormat;
  readonly #short: Intl.NumberFormat;
  readonly #whole: Intl.NumberFormat;
  readonly #wholeShare: Intl.NumberFormat;
  readonly #tenthShare: Intl.NumberFormat;
  readonly #signed: Intl.NumberFormat;
  readonly #locale: string;
  readonly #bytes: readonly Intl.NumberFormat[];
  readonly #spans: Readonly<Record<SpanUnit, Intl.NumberFormat>>;

  constructor(locale: string) {
    this.#count = new Intl.NumberFormat(locale);
    this.#share = new Intl.NumberFormat(locale, { style: 'percent', maximumSignificantDigits: 2 });
    this.#figure = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.#plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 });
    this.#fine = new Intl.NumberFormat(locale, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
    this.#about = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
    this.#seconds = new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'short', maximumSignificantDigits: 2 });
    this.#age = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
    this.#exact = new Intl.NumberFormat(locale, { minimumFractionDigits: 4, maximumFractionDigits: 4 });
    this.#short = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 });
    this.#whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
    this.#wholeShare = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
    this.#tenthShare = new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.#signed = new Intl.NumberFormat(locale, { minimumFractionDigits: 3, maximumFractionDigits: 3, signDisplay: 'exceptZero' });
    this.#locale = locale;
    const unit = (name: string, digits: number): Intl.NumberFormat => new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits });
    this.#bytes = byteUnits.flatMap((name, power) => [unit(name, 0), unit(name, power > 0 ? 1 : 0)]);
    this.#spans = { second: unit('second', 0), minute: unit('minute', 0), hour: unit('hour', 0), day: unit('day', 0) };
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

  /** 0.314: where neighbours differ by little. */
  fine(value: number): string {
    return this.#fine.format(value);
  }

  /** 23, 1.4: of an estimate, which more digits would make look exact. */
  about(value: number): string {
    return this.#about.format(value);
  }

  /** A number that was typed, with all its digits. */
  plain(value: number): string {
    return this.#plain.format(value);
  }

  /** "45 seconds", "2.5 hours": how long from one thing to the next, to two digits. */
  pace(ms: number): string {
    const [divisor, unit]: [number, string] = ms < MINUTE_MS ? [SECOND_MS, 'second'] : ms < HOUR_MS ? [MINUTE_MS, 'minute'] : ms < DAY_MS ? [HOUR_MS, 'hour'] : [DAY_MS, 'day'];
    return new Intl.NumberFormat(this.#locale, { style: 'unit', unit, unitDisplay: 'long', maximumSignificantDigits: 2 }).format(ms / divisor);
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

  // Those that plots and tables take as functions are bound.

  /** 0.2134: a figure to compare models by. */
  readonly exact = (value: number): string => this.#exact.format(value);

  /** 0.25: as short as it can be, for axes. */
  readonly tick = (value: number): string => this.#short.format(value);

  /** 1,234 */
  readonly whole = (value: number): string => this.#whole.format(value);

  /** 56 %, of a share from 0 to 1. */
  readonly wholeShare = (value: number): string => this.#wholeShare.format(value);

  /** 56.3 % */
  readonly tenthShare = (value: number): string => this.#tenthShare.format(value);

  /** +0.031 */
  readonly signed = (value: number): string => this.#signed.format(value);

  /** 12 kB, 3.4 MB. */
  bytes(value: number): string {
    const power = Math.min(byteUnits.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
    const amount = value / 1_000 ** power;
    return this.#bytes[2 * power + (amount < 10 ? 1 : 0)]?.format(amount) ?? '';
  }

  /** How long: 12 sec, 3 min, 5 hr, 2 days. */
  span(ms: number): string {
    const [unit, unitMs]: [SpanUnit, number] = ms < MINUTE_MS ? ['second', SECOND_MS] : ms < HOUR_MS ? ['minute', MINUTE_MS] : ms < DAY_MS ? ['hour', HOUR_MS] : ['day', DAY_MS];
    return this.#spans[unit].format(Math.floor(ms / unitMs));
  }
}
