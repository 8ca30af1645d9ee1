/** Moves searches into a day long past, as if they had been shown then: their ids, their times, and the partition of that day. */
import { tablesOf } from '../../src/database/partition-store.js';
import { uuidFloor } from '../../src/database/uuid-v7.js';
import type { Answer } from './api-client.js';

export const DAY_MS = 86_400_000;

type Sql = (text: string, values?: readonly unknown[]) => Promise<Answer[]>;

/** Makes the partition that upkeep would have made so many days ago. @returns its name */
export async function makeDay(sql: Sql, daysAgo: number): Promise<string> {
  const [{ today }] = (await sql(`select (extract(epoch from date_trunc('day', now() at time zone 'UTC')) * 1000)::float8 as today`)) as [Answer];
  const fromMs = today - daysAgo * DAY_MS;
  const name = new Date(fromMs).toISOString().slice(0, 10).replaceAll('-', '');
  const parents = ['search', 'sample', 'click'] as const;
  for (const [nth, table] of tablesOf(name).entries()) {
    await sql(`create table ${table} partition of ${parents[nth]} for values from ('${uuidFloor(fromMs)}') to ('${uuidFloor(fromMs + DAY_MS)}')`);
  }
  return name;
}

/** @returns the ids that the searches have now, in the same order */
export async function age(sql: Sql, ids: readonly string[], daysAgo: number): Promise<string[]> {
  const aged = ids.map((id) => uuidFloor(parseInt(id.replace('-', '').slice(0, 12), 16) - daysAgo * DAY_MS).slice(0, 14) + id.slice(14));
  const change = 'from unnest($1::uuid[], $2::uuid[]) as a(was, now)';
  await sql(`update search set id = a.now, shown_at = shown_at - make_interval(days => $3), settles_at = settles_at - make_interval(days => $3) ${change} where id = a.was`, [ids, aged, daysAgo]);
  await sql(`update sample set search_id = a.now ${change} where search_id = a.was`, [ids, aged]);
  await sql(`update click set search_id = a.now ${change} where search_id = a.was`, [ids, aged]);
  // Searches that nobody has sealed would have kept it where they lie; and where runs sealed the others was noted by their former ids.
  await sql(`update learning_order set open_from = '00000000-0000-0000-0000-000000000000'`);
  await sql('update training_run set lowest_search_id = null, highest_search_id = null');
  return aged;
}
