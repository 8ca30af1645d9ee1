/** SQL of what belongs to one installation alone. */
import type { Pool } from 'pg';

/** The key of the actors' digests, made by the migration: the same for all processes on one database. */
export async function readActorKey(pool: Pool): Promise<Uint8Array> {
  const { rows } = await pool.query<{ actor_key: Buffer }>('select actor_key from installation');
  if (!rows[0]) throw new Error('The installation has no key: were the migrations applied?');
  return rows[0].actor_key;
}
