/** Random numbers that repeat: the same seed gives the same run on every machine. */

/** Numbers in [0, 1) by Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough to simulate users with. */
export function seededRandom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
