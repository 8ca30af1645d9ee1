/** Between which search ids something lies: statements that say so ask only the partitions concerned, not every day that is kept. */
import type { Pool, PoolClient } from 'pg';

/** Both ends belong to it. */
export interface IdRange {
  lowest: string;
  highest: string;
}

/** Says nothing: every partition is asked. */
export const EVERY_ID: IdRange = { lowest: '00000000-0000-0000-0000-000000000000', highest: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

// The runs that sealed a part of ($1, $2], by training_run_learned_through_idx: what runs sealed does not overlap. Together they must have sealed
// all of it and have noted where it lies; a run of an earlier version has not.
const IDS_SEALED_IN = `
select min(lowest_search_id::text) as lowest, max(highest_search_id::text) as highest
from training_run
where learned_through > $1 and learned_through <= coalesce((select learned_through from training_run where learned_through >= $2 order by learned_through limit 1), $2)
  and sealed_from < $2 and sealed_from < learned_through
having sum(least(learned_through, $2) - greatest(sealed_from, $1)) = $2::bigint - $1::bigint and count(lowest_search_id) = count(*)`;

/** Between which search ids everything lies that was sealed in (from, through], late clicks' searches included, as far as runs have noted it. */
export async function idsSealedIn(db: Pool | PoolClient, from: number, through: number): Promise<IdRange> {
  return (await notedIds(db, from, through)) ?? EVERY_ID;
}

async function notedIds(db: Pool | PoolClient, from: number, through: number): Promise<IdRange | undefined> {
  const { rows } = await db.query<IdRange>({ name: 'ids-sealed-in', text: IDS_SEALED_IN, values: [from, through] });
  return rows[0];
}

// Every day is asked by its index on learn_seq; the name keeps the plan, which is what takes the time.
const IDS_STORED_IN = `
select min(id) as lowest, max(id) as highest from (
  select id::text from search where learn_seq > $1 and learn_seq <= $2
  union all
  select search_id::text from click where learn_seq > $1 and learn_seq <= $2
) sealed`;

/** The same of a part so small that its rows can be looked through where no run has noted it; null: nothing is stored there. */
export async function idsStoredIn(db: Pool | PoolClient, from: number, through: number): Promise<IdRange | null> {
  const noted = await notedIds(db, from, through);
  if (noted) return noted;
  const { rows } = await db.query<{ [End in keyof IdRange]: string | null }>({ name: 'ids-stored-in', text: IDS_STORED_IN, values: [from, through] });
  const { lowest = null, highest = null } = rows[0] ?? {};
  return lowest === null || highest === null ? null : { lowest, highest };
}
