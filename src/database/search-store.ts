/** SQL of searches: one statement stores a group of lists as searches and samples and raises the counters. */
import type { Pool } from 'pg';
import type { Team } from '../generated/prisma/enums.js';

export interface SampleRow {
  documentId: string;
  position: number;
  basePosition: number;
  baseScore: number;
  score: number;
  clickProbability: number;
  propensity: number | null;
  /** Whose pick it is in an interleaved list; null in others. */
  team: Team | null;
  /** float32 values, as many as the feature set has names. */
  features: readonly number[];
}

export interface SearchRow {
  /** UUIDv7. */
  id: string;
  query: string;
  queryKey: string;
  limit: number;
  offset: number;
  userId: string | null;
  sessionId: string | null;
  /** Who searched, as a digest; null: not known. */
  actor: bigint | null;
  rankerId: string;
  drawnPair: number | null;
  swapped: boolean;
  interleaved: boolean;
  cold: boolean;
  featureSet: number;
  samples: readonly SampleRow[];
  /** Sum of the prior's examination over the samples' positions. */
  examinations: number;
}

// The clock is the transaction's, cut to the column's milliseconds so that a list with window 0 never settles in the future.
// An id below open_from comes from a clock that is days behind: sealing must look that far back again. No other id touches that row.
// Sample columns arrive as flat arrays; `features` is cut into slices of $24 values.
const INSERT_SEARCHES = `
with setting as (
  select attribution_window_seconds as window_seconds, date_trunc('milliseconds', now()) as shown_at
  from online_learning_config
), stored as (
  insert into search (id, query, query_key, "limit", "offset", user_id, session_id, ranker_id, drawn_pair, swapped, interleaved, cold, sample_count, actor, shown_at, settles_at)
  select i.id, i.query, i.query_key, i.lim, i.off, i.user_id, i.session_id, i.ranker_id, i.drawn_pair, i.swapped, i.interleaved, i.cold, i.sample_count, i.actor, s.shown_at,
    case when s.window_seconds = 0 then s.shown_at else to_timestamp(ceil(extract(epoch from s.shown_at) + s.window_seconds)) end
  from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], $7::text[], $8::text[], $9::int[], $10::bool[], $11::bool[],
    $12::bool[], $13::int[], $28::bigint[])
    as i(id, query, query_key, lim, off, user_id, session_id, ranker_id, drawn_pair, swapped, interleaved, cold, sample_count, actor), setting s
  returning id, sample_count, shown_at, settles_at
), stored_samples as (
  insert into sample (search_id, position, document_id, base_position, base_score, score, click_probability, propensity, team, feature_set, features)
  select t.search_id, t.position, t.document_id, t.base_position, t.base_score, t.score, t.click_probability, t.propensity, t.team, $23::int,
    ($25::real[])[((t.ord - 1) * $24::int + 1)::int : (t.ord * $24::int)::int]
  from unnest($14::uuid[], $15::int[], $16::text[], $17::int[], $18::float8[], $19::float8[], $20::float8[], $21::float8[],
    $22::team[]) with ordinality
    as t(search_id, position, document_id, base_position, base_score, score, click_probability, propensity, team, ord)
), counted as (
  update counter c set
    searches = c.searches + (select count(*) from stored),
    samples = c.samples + (select sum(sample_count) from stored),
    settled = c.settled + (select case when s.window_seconds = 0 then (select sum(sample_count) from stored) else 0 end from setting s),
    examinations = c.examinations + $26::float8
  where c.shard = $27::int
), bucketed as (
  insert into settle_bucket as b (settles_at, shard, samples)
  select settles_at, $27::int, sum(sample_count) from stored, setting where window_seconds > 0 group by settles_at
  on conflict (settles_at, shard) do update set samples = b.samples + excluded.samples
), opened as (
  update learning_order o set open_from = n.id from (select id from stored order by id limit 1) n where o.open_from > n.id
)
select id, settles_at > shown_at as waits from stored`;

/** Stores a group of lists in one transaction. All rows have the same feature set. */
export async function insertSearches(pool: Pool, rows: readonly SearchRow[], shard: number): Promise<void> {
  const samples = rows.flatMap((row) => row.samples.map((sample) => ({ searchId: row.id, ...sample })));
  const first = rows[0];
  if (!first) return;
  const featureCount = samples[0]?.features.length ?? 0;
  await pool.query({
    name: 'insert-searches',
    text: INSERT_SEARCHES,
    values: [
      rows.map((row) => row.id),
      rows.map((row) => row.query),
      rows.map((row) => row.queryKey),
      rows.map((row) => row.limit),
      rows.map((row) => row.offset),
      rows.map((row) => row.userId),
      rows.map((row) => row.sessionId),
      rows.map((row) => row.rankerId),
      rows.map((row) => row.drawnPair),
      rows.map((row) => row.swapped),
      rows.map((row) => row.interleaved),
      rows.map((row) => row.cold),
      rows.map((row) => row.samples.length),
      samples.map((sample) => sample.searchId),
      samples.map((sample) => sample.position),
      samples.map((sample) => sample.documentId),
      samples.map((sample) => sample.basePosition),
      samples.map((sample) => sample.baseScore),
      samples.map((sample) => sample.score),
      samples.map((sample) => sample.clickProbability),
      samples.map((sample) => sample.propensity),
      samples.map((sample) => sample.team),
      first.featureSet,
      featureCount,
      samples.flatMap((sample) => sample.features),
      rows.reduce((sum, row) => sum + row.examinations, 0),
      shard,
      rows.map((row) => row.actor?.toString() ?? null),
    ],
  });
}
