/** A stream seen through a window: what a parser has not done with is kept, so that it can begin again after a broken row. */

const NEWLINE = 0x0a;

const LEAST_ROOM_BYTES = 256 * 1024;

/** Offsets count from the beginning of the stream. What slice() gave stays as it is: bytes are only ever added behind it. */
export class ByteWindow {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #storage: Buffer = Buffer.alloc(0);
  /** What is kept: from here to there in the storage, from this offset on in the stream. */
  #from = 0;
  #to = 0;
  #offset = 0;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The offset behind what has been read. */
  get end(): number {
    return this.#offset + this.#to - this.#from;
  }

  /** Reads on. @returns whether there was more */
  async more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    if (this.#to + value.length > this.#storage.length) this.#makeRoom(value.length);
    this.#storage.set(value, this.#to);
    this.#to += value.length;
    return true;
  }

  /** Twice what is needed, so that a long row is not copied again with each chunk. */
  #makeRoom(bytes: number): void {
    const kept = this.#storage.subarray(this.#from, this.#to);
    this.#storage = Buffer.allocUnsafe(Math.max(LEAST_ROOM_BYTES, 2 * (kept.length + bytes)));
    this.#storage.set(kept);
    this.#from = 0;
    this.#to = kept.length;
  }

  /** What has been read from `from` to `to`. */
  slice(from: number, to = this.end): Buffer {
    return this.#storage.subarray(this.#from + from - this.#offset, this.#from + to - this.#offset);
  }

  /** Lets go of everything before `offset`. */
  drop(offset: number): void {
    this.#from += offset - this.#offset;
    this.#offset = offset;
  }

  /** The offset behind the first newline from `from` on, reading as far as needed: the stream's end when there is none, undefined when there is none within `most` bytes. */
  async lineEnd(from: number, most = Infinity): Promise<number | undefined> {
    for (let at = from; ; ) {
      const found = this.slice(at).indexOf(NEWLINE);
      if (found >= 0) return at + found + 1;
      at = this.end;
      if (at - from > most) return undefined;
      if (!(await this.more())) return this.end;
    }
  }
}

export function countNewlines(bytes: Buffer): number {
  let newlines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) newlines++;
  return newlines;
}
