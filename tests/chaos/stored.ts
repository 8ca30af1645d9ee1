/** What the database holds, read in one snapshot. */
import pg from 'pg';
import { LEASE_SECONDS } from '../../src/database/training-store.js';
import type { Answer } from '../support/api-client.js';

/** The rows of a statement. */
export type Sql = (text: string, values?: readonly unknown[]) => Promise<Answer[]>;

export interface Stored {
  searches: { searchId: string; attempt: string; sampleCount: number; documentIds: string[] }[];
  clicks: { searchId: string; documentId: string; eventId: string }[];
  /** Samples whose click count is not the number of their clicks. */
  miscounted: { searchId: string; documentId: string; clickCount: number; clicks: number }[];
  /** Figures of the counters beside what counting the rows gives. */
  counters: { name: string; counted: number; recount: number }[];
  activations: { count: number; inForce: string; notTrained: string[] };
}

/** Everything from the search `from` on; counters and activations whole. */
export async function readStored(sql: Sql, from: string): Promise<Stored> {
  const searches = await sql(
    `select s.id as "searchId", s.session_id as attempt, s.sample_count as "sampleCount",
      array(select p.document_id from sample p where p.search_id = s.id order by p.position) as "documentIds"
    from search s where s.id >= $1`,
    [from],
  );
  const clicks = await sql('select search_id as "searchId", document_id as "documentId", event_id as "eventId" from click where search_id >= $1', [from]);
  const miscounted = await sql(
    `select p.search_id as "searchId", p.document_id as "documentId", p.click_count as "clickCount", count(k.event_id)::int as clicks
    from sample p left join click k on k.search_id = p.search_id and k.document_id = p.document_id
    where p.search_id >= $1 group by p.search_id, p.position having p.click_count <> count(k.event_id)`,
    [from],
  );
  const [counted] = await sql(
    `select sum(searches)::int as searches, sum(samples)::int as samples, sum(clicked)::int as clicked,
      (sum(settled) + (select folded_samples from learning_order) + (select coalesce(sum(samples), 0) from settle_bucket))::int as settling,
      (select sealed_samples::int from learning_order) as sealed from counter`,
  );
  const [recount] = await sql(
    `select (select count(*)::int from search) as searches, count(*)::int as samples, (count(*) filter (where click_count > 0))::int as clicked, count(*)::int as settling,
      (select coalesce(sum(sample_count), 0)::int from search where learn_seq is not null) as sealed from sample`,
  );
  const activations = await sql('select ranker_id as "rankerId", reason, evidence from activation order by id desc');
  return {
    searches: searches as Stored['searches'],
    clicks: clicks as Stored['clicks'],
    miscounted: miscounted as Stored['miscounted'],
    counters: Object.keys(counted).map((name) => ({ name, counted: counted[name], recount: recount[name] })),
    activations: {
      count: activations.length,
      inForce: activations[0]?.rankerId ?? 'base',
      notTrained: activations.filter(({ reason }) => reason !== 'TRAINED').map(({ rankerId, reason, evidence }) => `${rankerId} ${reason} ${evidence}`),
    },
  };
}

/** Does some work in one snapshot, and takes back what it changed. */
export function inSnapshot<T>(address: pg.ClientConfig, work: (sql: Sql) => Promise<T>): Promise<T> {
  return connected(address, async (sql) => {
    await sql('begin isolation level repeatable read');
    return work(sql);
  });
}

/** Lets the leases of a killed process' runs end, as they would by themselves within 15 s: so that training goes on in the next round. */
export async function endLeases(address: pg.ClientConfig, killedAt: number): Promise<void> {
  await connected(address, (sql) =>
    sql(
      `update training_run set lease_until = now() - interval '1 second'
      where status in ('QUEUED', 'RUNNING') and lease_until <= to_timestamp($1::float8 / 1000) + make_interval(secs => $2::int)`,
      [killedAt, LEASE_SECONDS],
    ),
  );
}

async function connected<T>(address: pg.ClientConfig, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...address, application_name: 'rankloop chaos' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(async (text, values = []) => (await client.query(text, [...values])).rows as Answer[]);
  } finally {
    await client.end();
  }
}
