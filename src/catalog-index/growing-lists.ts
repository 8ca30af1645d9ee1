/** Many growing lists of numbers in two shared buffers: an object for each would cost more than what it holds. */
import type { IndexState } from './index-snapshot.js';

/** Blocks are of 2^n entries; the smallest holds 4, for most words are rare. */
const SMALLEST_BLOCK_LOG2 = 2;

/**
 * Lists of entries (key, value), each number unsigned and of 32 bits. A list stands in one block and moves to one twice as large when
 * full; blocks left are used again. Scoring reads the buffers directly: entry i of a list is at `start(list) + i`.
 */
export class GrowingLists {
  /** Replaced when it grows: read it anew after every append. */
  keys: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  /** Values beside the keys; stays empty when the lists hold keys alone. */
  values: Uint32Array<ArrayBuffer>;
  private starts: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  private lengths: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  /** Log2 of the block's size; 0: the list has no block. */
  private blockSizes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  /** Starts of unused blocks by log2 of their size. */
  private unused: number[][] = Array.from({ length: 32 }, () => []);
  private end = 0;

  constructor(private readonly withValues: boolean) {
    this.values = new Uint32Array(withValues ? this.keys.length : 0);
  }

  start(list: number): number {
    return this.starts[list] ?? 0;
  }

  length(list: number): number {
    return this.lengths[list] ?? 0;
  }

  append(list: number, key: number, value = 0): void {
    if (list >= this.starts.length) this.growLists(list + 1);
    const length = this.lengths[list]!;
    const size = this.blockSizes[list]!;
    if (size === 0 || length === 1 << size) this.move(list, Math.max(size + 1, SMALLEST_BLOCK_LOG2));
    const at = this.starts[list]! + length;
    this.keys[at] = key;
    if (this.withValues) this.values[at] = value;
    this.lengths[list] = length + 1;
  }

  /** Empties a list; its block is free for others. */
  clear(list: number): void {
    const size = this.blockSizes[list] ?? 0;
    if (size === 0) return;
    this.unused[size]!.push(this.starts[list]!);
    this.blockSizes[list] = 0;
    this.lengths[list] = 0;
  }

  /** Keeps the entries whose key is marked with 1, in their order; says how many are left. */
  filter(list: number, kept: Uint8Array): number {
    const start = this.start(list);
    const end = start + this.length(list);
    let at = start;
    for (let from = start; from < end; from++) {
      if (kept[this.keys[from]!] !== 1) continue;
      this.keys[at] = this.keys[from]!;
      if (this.withValues) this.values[at] = this.values[from]!;
      at++;
    }
    if (at === start) this.clear(list);
    else this.lengths[list] = at - start;
    return at - start;
  }

  /** Writes all lists into a state, under this name; the columns are not copied. */
  save({ columns, rest }: IndexState, name: string): void {
    columns[`${name}.keys`] = this.keys.subarray(0, this.end);
    if (this.withValues) columns[`${name}.values`] = this.values.subarray(0, this.end);
    columns[`${name}.starts`] = this.starts;
    columns[`${name}.lengths`] = this.lengths;
    columns[`${name}.blockSizes`] = this.blockSizes;
    rest[name] = { unused: this.unused };
  }

  /** Takes over what `save` has written. */
  load({ columns, rest }: IndexState, name: string): void {
    this.keys = columns[`${name}.keys`] as Uint32Array<ArrayBuffer>;
    this.end = this.keys.length;
    if (this.withValues) this.values = columns[`${name}.values`] as Uint32Array<ArrayBuffer>;
    this.starts = columns[`${name}.starts`] as Uint32Array<ArrayBuffer>;
    this.lengths = columns[`${name}.lengths`] as Uint32Array<ArrayBuffer>;
    this.blockSizes = columns[`${name}.blockSizes`] as Uint8Array<ArrayBuffer>;
    this.unused = (rest[name] as { unused: number[][] }).unused;
  }

  private move(list: number, size: number): void {
    const from = this.starts[list]!;
    const length = this.lengths[list]!;
    const to = this.unused[size]!.pop() ?? this.allocate(1 << size);
    this.keys.copyWithin(to, from, from + length);
    if (this.withValues) this.values.copyWithin(to, from, from + length);
    const left = this.blockSizes[list]!;
    if (left !== 0) this.unused[left]!.push(from);
    this.starts[list] = to;
    this.blockSizes[list] = size;
  }

  private allocate(size: number): number {
    const start = this.end;
    this.end += size;
    if (this.end > this.keys.length) {
      const capacity = Math.max(this.end, this.keys.length * 2);
      this.keys = grown(this.keys, capacity);
      if (this.withValues) this.values = grown(this.values, capacity);
    }
    return start;
  }

  private growLists(count: number): void {
    const capacity = Math.max(count, this.starts.length * 2);
    this.starts = grown(this.starts, capacity);
    this.lengths = grown(this.lengths, capacity);
    const sizes = new Uint8Array(capacity);
    sizes.set(this.blockSizes);
    this.blockSizes = sizes;
  }
}

/** A copy with room for more. */
export function grown(column: Uint32Array<ArrayBuffer>, capacity: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(capacity);
  copy.set(column);
  return copy;
}
