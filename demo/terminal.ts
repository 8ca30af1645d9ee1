/** Where the story is told: lines one below the other, and on a terminal one line at the bottom that is redrawn. */
import { styleText } from 'node:util';

/** process.stdout, or something like it. */
export interface TerminalStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  /** Says no when NO_COLOR is set. */
  hasColors?(): boolean;
}

type Style = Parameters<typeof styleText>[0];

/** Where nothing can be redrawn, the state is written at most this often. */
const PLAIN_STATUS_INTERVAL_MS = 5_000;
const CLEAR_LINE = '\r\x1b[2K';

export class Terminal {
  readonly #stream: TerminalStream;
  readonly #redraws: boolean;
  readonly #colours: boolean;
  readonly #now: () => number;
  #status = '';
  #writtenAt = -Infinity;

  /** @param now milliseconds from any start */
  constructor(stream: TerminalStream, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#redraws = stream.isTTY === true;
    this.#colours = this.#redraws && stream.hasColors?.() === true;
    this.#now = now;
  }

  /** Text in a style, or as it is where there are no colours. */
  paint(style: Style, text: string): string {
    // Its own idea of the stream would be of process.stdout.
    return this.#colours ? styleText(style, text, { validateStream: false }) : text;
  }

  /** A line that stays. */
  line(text = ''): void {
    this.#stream.write(this.#redraws ? `${CLEAR_LINE}${text}\n${this.#drawn()}` : `${text}\n`);
  }

  /** What is going on just now: redrawn at the bottom, or written now and then. Plain text; every character one column wide. */
  status(text: string): void {
    this.#status = text;
    if (this.#redraws) this.#stream.write(CLEAR_LINE + this.#drawn());
    else if (text !== '' && this.#now() - this.#writtenAt >= PLAIN_STATUS_INTERVAL_MS) {
      this.#writtenAt = this.#now();
      this.#stream.write(`${text}\n`);
    }
  }

  #drawn(): string {
    // A line that wraps could not be cleared any more.
    const text = this.#status.slice(0, Math.max(0, (this.#stream.columns ?? 80) - 1));
    return text.replace(/[█▒░]{2,}/, (bar) => this.paint('cyan', bar)).replace(/[▁-█]+$/, (line) => this.paint('green', line));
  }
}
