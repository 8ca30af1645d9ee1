/** How far an import is: a bar with rate and time left on a terminal, a line now and then elsewhere; all on stderr. */
import { MultiBar, type SingleBar } from 'cli-progress';
import { count, duration, percent } from '../format.js';

const PLAIN_INTERVAL_MS = 5_000;
const BAR_WIDTH = 28;

export interface Figures {
  rows: number;
  badRows: number;
  /** Of the file, done with; and of the whole file, undefined when it is not known (standard input). */
  bytes: number;
  totalBytes: number | undefined;
}

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #bars: MultiBar | undefined;
  #bar: SingleBar | undefined;
  /** Rate and time left count from where this process began, not from what an earlier one did. */
  #began: { at: number; rows: number; bytes: number } | undefined;
  #newest: Figures | undefined;
  #writtenAt = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    if (stream.isTTY) {
      this.#bars = new MultiBar({ stream, clearOnComplete: true, hideCursor: true, gracefulExit: false, linewrap: true, format: () => this.#line() });
    }
  }

  begin(figures: Figures): void {
    this.#began = { at: performance.now(), rows: figures.rows, bytes: figures.bytes };
    this.#newest = figures;
    this.#bar = this.#bars?.create(1, 0, undefined, { forceRedraw: true } as never);
  }

  update(figures: Figures): void {
    this.#newest = figures;
    if (this.#bar || performance.now() - this.#writtenAt < PLAIN_INTERVAL_MS) return;
    this.#writtenAt = performance.now();
    this.#stream.write(`${this.#line()}\n`);
  }

  /** A line that stays. */
  say(line: string): void {
    if (this.#bar && this.#bars) this.#bars.log(`${line}\n`);
    else this.#stream.write(`${line}\n`);
  }

  end(): void {
    if (this.#bar && this.#bars) {
      // What was said last is written with a redraw.
      this.#bars.update();
      this.#bars.stop();
    }
    this.#bar = undefined;
  }

  #line(): string {
    if (!this.#began || !this.#newest) return '';
    const { rows, badRows, bytes, totalBytes } = this.#newest;
    const seconds = (performance.now() - this.#began.at) / 1_000;
    const rate = seconds > 0 ? (rows - this.#began.rows) / seconds : 0;
    const parts = [`${count(rows)} rows`, `${count(Math.round(rate))}/s`];
    if (badRows > 0) parts.push(`${count(badRows)} bad`);
    if (totalBytes === undefined) return parts.join(' · ');
    const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
    const byteRate = (bytes - this.#began.bytes) / seconds;
    if (byteRate > 0) parts.push(`${duration((totalBytes - bytes) / byteRate)} left`);
    const full = Math.round(share * BAR_WIDTH);
    const bar = this.#bars ? `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ` : '';
    // A line that wraps could not be redrawn.
    return `${bar}${percent(share).padStart(7)} · ${parts.join(' · ')}`.slice(0, Math.max(20, (this.#stream.columns ?? 120) - 1));
  }
}
