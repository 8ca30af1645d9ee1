/** Who is behind a search, as far as the cap on what one actor can teach is concerned: a digest that does not say who. */
import { createHmac } from 'node:crypto';

export interface Searcher {
  userId?: string | null;
  sessionId?: string | null;
  /** Of the client; null: it says nothing about who searches. */
  address: string | null;
}

/**
 * The user if given, else the session, else the address, as the first 64 bits of a keyed digest; null when none is known. The key is the
 * installation's own, so digests of two installations have nothing to do with each other, and without it an address cannot be guessed from one.
 */
export function actorOf(key: Uint8Array, { userId, sessionId, address }: Searcher): bigint | null {
  const actor = userId ? `user ${userId}` : sessionId ? `session ${sessionId}` : address ? `address ${address}` : null;
  return actor === null ? null : createHmac('sha256', key).update(actor).digest().readBigInt64BE();
}
