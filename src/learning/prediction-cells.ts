/** The prediction layer: what was clicked on exactly this page, to make click probabilities right; it never touches ranking. */

/** The read side, for serving. */
export interface ReadablePredictionCells {
  /**
   * P(click) of a sample from the model's own θ·α and the two cells of the sample:
   * `p₁ = (clicks₁ + 300·θα)/(shown₁ + 300)`, then `p = (clicks₂ + 1000·p₁)/(shown₂ + 1000)`.
   */
  predict(hashes: Uint32Array, sample: number, modelProbability: number): number;
  /** Occupied cells in the order of the table: what a checkpoint stores. */
  toColumns(): PredictionCellColumns;
  copy(): PredictionCells;
}

export interface PredictionCellColumns {
  /** The hash that a cell goes by, n; no two are equal. */
  hashes: Uint32Array;
  /** Times shown, n, above 0. */
  shown: Float32Array;
  /** Of those clicked, n, at most as many. */
  clicks: Float32Array;
}

/** Cells of the table, 2^18. */
export const CELL_CAPACITY = 2 ** 18;
const BUCKETS = CELL_CAPACITY / 2;
const WORDS_PER_CELL = 3;
const WORDS_PER_BUCKET = 2 * WORDS_PER_CELL;
const HASH = 0;
const SHOWN = 1;
const CLICKS = 2;
/** Weight of the model's θ·α in the cell of (query, document, place, document above), in times shown. */
const MODEL_WEIGHT = 300;
/** Weight of that cell's probability in the cell that the document below is part of, too. */
const ABOVE_WEIGHT = 1000;
/** A cell shown this often halves: a page that has changed its users is learned anew. */
export const SHOWN_CAP = 10_000;

/**
 * Two cells a sample: one keyed (query, document, place, document above), one by the document below as well. Between them
 * they hold what a position model cannot: that a result looks better or worse beside its neighbours.
 *
 * A hashed table of 2^18 cells in buckets of two; a new cell takes a free place in its bucket, else that of the one shown
 * least. A cell goes by 32 bits of hash: two of a bucket are confused with probability 2^−15.
 *
 * Measured on 45,181 real result pages: log loss .32922 by the model alone, .32863 with the first cell, .32857 with both.
 */
export class PredictionCells implements ReadablePredictionCells {
  /** Cells of three words: hash, times shown and clicks (both float32); free while shown is 0. One buffer, so that a bucket is read at once. */
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;

  constructor(words: Uint32Array<ArrayBuffer> = new Uint32Array(CELL_CAPACITY * WORDS_PER_CELL)) {
    this.#words = words;
    this.#floats = new Float32Array(words.buffer);
  }

  /** Reads the buckets of a sample, as ClickMemory.touch does. @returns nothing of meaning */
  touch(hashes: Uint32Array, sample: number): number {
    const words = this.#words;
    const first = bucketOf(hashes[2 * sample]!);
    const second = bucketOf(hashes[2 * sample + 1]!);
    // A bucket may lie across two lines of the cache: its first word and its last.
    return words[first]! ^ words[first + WORDS_PER_BUCKET - 1]! ^ words[second]! ^ words[second + WORDS_PER_BUCKET - 1]!;
  }

  predict(hashes: Uint32Array, sample: number, modelProbability: number): number {
    const first = mixed(this.#floats, this.#find(hashes[2 * sample]!), modelProbability, MODEL_WEIGHT);
    return mixed(this.#floats, this.#find(hashes[2 * sample + 1]!), first, ABOVE_WEIGHT);
  }

  /**
   * The samples of these rows, in order; a label above 0 is a click. `probabilities` holds the model's θ·α of each, and then
   * what `predict` said before it was counted.
   */
  observeRows(hashes: Uint32Array, labels: ArrayLike<number>, probabilities: Float64Array, from: number, end: number): void {
    const floats = this.#floats;
    for (let row = from; row < end; row++) {
      const clicked = labels[row]! > 0;
      const first = this.#place(hashes[2 * row]!);
      const firstProbability = mixed(floats, first, probabilities[row]!, MODEL_WEIGHT);
      count(floats, first, clicked);
      const second = this.#place(hashes[2 * row + 1]!);
      probabilities[row] = mixed(floats, second, firstProbability, ABOVE_WEIGHT);
      count(floats, second, clicked);
    }
  }

  /**
   * A click on a sample that was learned as not clicked; cells that are gone since are left alone. One that came anew since
   * does not know the sample: clicks never exceed the times shown, so that what is predicted stays a probability.
   */
  correctLateClick(hashes: Uint32Array, sample: number): void {
    for (let i = 2 * sample; i <= 2 * sample + 1; i++) {
      const at = this.#find(hashes[i]!);
      if (at >= 0) this.#floats[at + CLICKS] = Math.min(this.#floats[at + CLICKS]! + 1, this.#floats[at + SHOWN]!);
    }
  }

  copy(): PredictionCells {
    return new PredictionCells(this.#words.slice() as Uint32Array<ArrayBuffer>);
  }

  toColumns(): PredictionCellColumns {
    const occupied: number[] = [];
    for (let at = 0; at < this.#words.length; at += WORDS_PER_CELL) if (this.#floats[at + SHOWN]! > 0) occupied.push(at);
    return {
      hashes: Uint32Array.from(occupied, (at) => this.#words[at + HASH]!),
      shown: Float32Array.from(occupied, (at) => this.#floats[at + SHOWN]!),
      clicks: Float32Array.from(occupied, (at) => this.#floats[at + CLICKS]!),
    };
  }

  /** The table of which these are the columns: cells take the places they had. */
  static fromColumns({ hashes, shown, clicks }: PredictionCellColumns): PredictionCells {
    const cells = new PredictionCells();
    for (let i = 0; i < hashes.length; i++) {
      const at = cells.#place(hashes[i]!);
      cells.#floats[at + SHOWN] = shown[i]!;
      cells.#floats[at + CLICKS] = clicks[i]!;
    }
    return cells;
  }

  /** The first word of a hash's cell, or −1. */
  #find(hash: number): number {
    const first = bucketOf(hash);
    if (this.#words[first] === hash && this.#floats[first + SHOWN]! > 0) return first;
    const second = first + WORDS_PER_CELL;
    return this.#words[second] === hash && this.#floats[second + SHOWN]! > 0 ? second : -1;
  }

  /** The first word of a hash's cell, which is made if need be: empty then, in the place of the one shown least. */
  #place(hash: number): number {
    const known = this.#find(hash);
    if (known >= 0) return known;
    const first = bucketOf(hash);
    const at = this.#floats[first + SHOWN]! <= this.#floats[first + WORDS_PER_CELL + SHOWN]! ? first : first + WORDS_PER_CELL;
    this.#words[at] = hash;
    this.#floats[at + SHOWN] = 0;
    this.#floats[at + CLICKS] = 0;
    return at;
  }

}

function count(floats: Float32Array, at: number, clicked: boolean): void {
  if (floats[at + SHOWN]! >= SHOWN_CAP) {
    floats[at + SHOWN]! /= 2;
    floats[at + CLICKS]! /= 2;
  }
  floats[at + SHOWN]! += 1;
  if (clicked) floats[at + CLICKS]! += 1;
}

/** The first word of a hash's bucket. */
function bucketOf(hash: number): number {
  return (hash & (BUCKETS - 1)) * WORDS_PER_BUCKET;
}

/** The probability of a cell, its prior counted as so many times shown; the prior alone without a cell. */
function mixed(floats: Float32Array, at: number, prior: number, weight: number): number {
  return at < 0 ? prior : (floats[at + CLICKS]! + weight * prior) / (floats[at + SHOWN]! + weight);
}

/**
 * The hashes of the two cells of every sample of a page, 2n, from the keys (2n words, pairKeysOf) of its documents in the
 * order shown; `firstPosition` is the first one's place in the whole ranking.
 */
export function cellHashesOf(pairKeys: Uint32Array, firstPosition: number): Uint32Array {
  const n = pairKeys.length / 2;
  const hashes = new Uint32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const above = i > 0 ? [pairKeys[2 * i - 2]!, pairKeys[2 * i - 1]!] : NOBODY;
    const below = i < n - 1 ? [pairKeys[2 * i + 2]!, pairKeys[2 * i + 3]!] : NOBODY;
    writeCellHashes(pairKeys, i, firstPosition + i, above, below, hashes);
  }
  return hashes;
}

/** Stands for the key of the document above the first one or below the last. */
export const NOBODY: readonly number[] = [0, 0];

/** Writes the two hashes of one sample, given the keys of its neighbours. */
export function writeCellHashes(pairKeys: Uint32Array, sample: number, position: number, above: ArrayLike<number>, below: ArrayLike<number>, out: Uint32Array): void {
  let hash = mix(pairKeys[2 * sample]! ^ Math.imul(position, 0x9e3779b9));
  hash = mix(hash ^ pairKeys[2 * sample + 1]!);
  hash = mix(hash ^ above[0]!);
  hash = mix(hash ^ above[1]!);
  out[2 * sample] = hash;
  hash = mix(hash ^ 0x5bd1e995 ^ below[0]!);
  out[2 * sample + 1] = mix(hash ^ below[1]!);
}

/** One round of MurmurHash3's finaliser (Austin Appleby, public domain). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
