/** Randomness that repeats: the same seed gives the same crowd on every machine. */

/**
 * Numbers in [0, 1), the same for the same seed (mulberry32, Tommy Ettinger, public domain; period 2^32).
 *
 * Example: `const random = seededRandom(7); random(); random();`
 */
export function seededRandom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return scramble(state);
  };
}

/**
 * A number in [0, 1) that belongs to a text for ever: a property drawn at random for each of many things, with nothing to
 * store.
 *
 * Example: `seededValue(7, 'heart')`.
 */
export function seededValue(seed: number, text: string): number {
  let hash = Math.imul(seed, 0x9e3779b9) ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  return scramble(hash >>> 0);
}

/**
 * Numbers in [0, 1) that belong to a text for ever: a stream of its own for each of many things.
 *
 * Example: `const random = namedRandom(7, 'visit 3');`
 */
export function namedRandom(seed: number, text: string): () => number {
  return seededRandom(Math.floor(seededValue(seed, text) * 2 ** 32));
}

function scramble(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
