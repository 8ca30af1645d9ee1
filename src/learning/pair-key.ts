/** The 64-bit key under which the click memory knows a query and a document. */

const { imul } = Math;

// The running state of the hash: two lanes of 32 bits. Module-level so that hashing 200 candidates allocates nothing;
// safe because every function below runs to its end without yielding.
let laneA = 0;
let laneB = 0;

/**
 * Writes the key of (query key, document id): out[offset] its low 32 bits, out[offset + 1] its high 32 bits.
 *
 * Two cross-fed 32-bit lanes in the manner of MurmurHash3 (Austin Appleby, public domain) over the UTF-16 code units, with
 * the query's length between the two texts, so that ("a", "bc") and ("ab", "c") differ. With 2^18 pairs two share a key
 * with probability 2·10^−9.
 *
 * Example: `writePairKey('red shoe', 'sku-17', keys, 0)`.
 */
export function writePairKey(queryKey: string, documentId: string, out: Uint32Array, offset: number): void {
  startHash();
  absorb(queryKey);
  absorb(documentId);
  finishHash(out, offset);
}

/** Keys of all documents of one query, 2n; the query's text is hashed once. */
export function pairKeysOf(queryKey: string, documentIds: readonly string[]): Uint32Array {
  const keys = new Uint32Array(2 * documentIds.length);
  startHash();
  absorb(queryKey);
  const queryA = laneA;
  const queryB = laneB;
  for (let i = 0; i < documentIds.length; i++) {
    laneA = queryA;
    laneB = queryB;
    absorb(documentIds[i]!);
    finishHash(keys, 2 * i);
  }
  return keys;
}

function startHash(): void {
  laneA = 0x9e3779b9;
  laneB = 0x85ebca6b;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** One step over 32 bits of input. */
function absorbWord(word: number): void {
  laneA ^= imul(rotate(imul(word, 0x239b961b), 15), 0xab0e9789);
  laneA = (imul(rotate(laneA, 19) + laneB, 5) + 0x561ccd1b) | 0;
  laneB ^= imul(rotate(imul(word, 0x38b34ae5), 17), 0xa1e38b93);
  laneB = (imul(rotate(laneB, 13) + laneA, 5) + 0x0bcaa747) | 0;
}

/** A text and its length, two code units a step. */
function absorb(text: string): void {
  const even = text.length & ~1;
  for (let i = 0; i < even; i += 2) absorbWord(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  if (even < text.length) absorbWord(text.charCodeAt(even));
  absorbWord(text.length);
}

function avalanche(value: number): number {
  let h = value;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function finishHash(out: Uint32Array, offset: number): void {
  let a = (laneA + laneB) | 0;
  let b = (laneB + a) | 0;
  a = avalanche(a);
  b = avalanche(b);
  a = (a + b) | 0;
  b = (b + a) | 0;
  out[offset] = a;
  out[offset + 1] = b;
}
