/** Rows of a file that is one JSON array: the elements as they come, by a streaming parser, each with the line on which it begins. */
import { Tokenizer, TokenParser, TokenType } from '@streamparser/json';
import { CommandError, EXIT } from '../exit-codes.js';
import { isRecord, MAX_ROW_BYTES, type SourceRow } from './source-row.js';

const NEWLINE = 0x0a;
const BOM = Buffer.from('\ufeff');

/** @throws CommandError with the line at the first fault of syntax: where the next element begins in a broken array cannot be known */
export async function* jsonArrayRows(stream: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRow> {
  const elements = new Elements();
  for await (const chunk of stream) {
    try {
      elements.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    } catch (error) {
      yield* elements.take();
      throw elements.broken(error);
    }
    yield* elements.take();
  }
  try {
    elements.end();
  } catch (error) {
    throw elements.broken(error);
  }
}

class Elements {
  readonly #tokenizer = new Tokenizer();
  readonly #values = new TokenParser({ paths: ['$.*'], keepStack: false });
  #rows: SourceRow[] = [];
  /** Nesting at the newest token; 1: between elements. */
  #depth = 0;
  /** Where the element under way began; undefined between elements. */
  #start: { offset: number; line: number } | undefined;
  #read = 0;
  /** The tokenizer does not count a byte order mark. */
  #bomBytes = 0;
  /** Newlines read and not yet passed by a token, as offsets, and the line reached. */
  #newlines: number[] = [];
  #line = 1;
  #isArray = false;

  constructor() {
    this.#tokenizer.onToken = (info) => {
      const { token, offset } = info;
      if (!this.#isArray && token !== TokenType.LEFT_BRACKET) throw new Error('it does not begin with "[": is it JSON Lines (--format jsonl)?');
      if (this.#depth === 1 && token !== TokenType.COMMA && token !== TokenType.RIGHT_BRACKET) this.#start = { offset, line: this.#lineAt(offset) };
      if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth++;
      else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth--;
      this.#isArray = true;
      this.#values.write(info);
    };
    this.#values.onValue = ({ value }) => {
      const line = this.#start?.line ?? this.#line;
      this.#start = undefined;
      this.#rows.push({ line, endByte: this.#read, ...(isRecord(value) ? { fields: value } : { fault: 'it is not a JSON object' }) });
    };
  }

  write(chunk: Buffer): void {
    for (let at = 0; this.#bomBytes === this.#read + at && this.#bomBytes < BOM.length && chunk[at] === BOM[this.#bomBytes]; at++) this.#bomBytes++;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) this.#newlines.push(this.#read + at);
    this.#read += chunk.length;
    this.#tokenizer.write(chunk);
    if (this.#start && this.#read - this.#start.offset > MAX_ROW_BYTES) throw new Error('an element of over 8 MB');
  }

  end(): void {
    if (!this.#tokenizer.isEnded) this.#tokenizer.end();
    if (!this.#values.isEnded) throw new Error('the file ends before its array does');
  }

  take(): SourceRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  broken(error: unknown): CommandError {
    const why = error instanceof Error ? error.message : String(error);
    const line = this.#start?.line ?? this.#line;
    return new CommandError(EXIT.failed, `The array is broken in or after the element on line ${line}, and what follows cannot be read: ${why}`);
  }

  #lineAt(offset: number): number {
    const at = offset + this.#bomBytes;
    let passed = 0;
    while (passed < this.#newlines.length && this.#newlines[passed]! < at) passed++;
    this.#newlines.splice(0, passed);
    return (this.#line += passed);
  }
}
