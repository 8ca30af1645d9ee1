/** UUIDs of version 7 (RFC 9562): ordered by the time they were made, unguessable in their last 62 bits. */
import { randomFillSync } from 'node:crypto';

const RANDOM_BYTES_AT_ONCE = 4096;
const RANDOM_BYTES_EACH = 10;
const COUNTER_MAX = 0xfff;
const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const randomBytes = new Uint8Array(RANDOM_BYTES_AT_ONCE);
let randomOffset = RANDOM_BYTES_AT_ONCE;
let lastTimeMs = 0;
let counter = 0;

/**
 * Each UUID of this process sorts after the one before it, also within a millisecond and when the clock is set back:
 * the 12 bits after the time count up within a millisecond, and on overflow the time is borrowed from the next one.
 * The time in it is this machine's clock, a rough order only; nothing may be decided by it.
 */
export function uuidV7(): string {
  if (randomOffset + RANDOM_BYTES_EACH > RANDOM_BYTES_AT_ONCE) {
    randomFillSync(randomBytes);
    randomOffset = 0;
  }
  const random = randomBytes.subarray(randomOffset, randomOffset + RANDOM_BYTES_EACH);
  randomOffset += RANDOM_BYTES_EACH;

  const nowMs = Date.now();
  if (nowMs > lastTimeMs) {
    lastTimeMs = nowMs;
    // A random start in the lower half leaves room to count and tells nobody how many were made before.
    counter = ((random[8]! << 8) | random[9]!) & 0x7ff;
  } else if (counter < COUNTER_MAX) {
    counter += 1;
  } else {
    lastTimeMs += 1;
    counter = 0;
  }

  const time = lastTimeMs.toString(16).padStart(12, '0');
  const tail = Buffer.from(random.subarray(0, 8));
  tail[0] = (tail[0]! & 0x3f) | 0x80;
  const tailHex = tail.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${tailHex.slice(0, 4)}-${tailHex.slice(4)}`;
}

/** The lowest UUID, of any version, whose first 48 bits are this time; a bound for ranges of ids. */
export function uuidFloor(timeMs: number): string {
  const time = Math.max(0, Math.floor(timeMs)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

/** The time in a UUIDv7, in milliseconds since 1970; that of the machine which made it. */
export function uuidTimeMs(uuid: string): number {
  return parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** Whether a value is the text form of a UUID, of any version. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID_PATTERN.test(value);
}
