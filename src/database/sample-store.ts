/** SQL of stored samples: one, pages of them, the quality card, retention, and forgetting. */
import type { Pool } from 'pg';
import { foldBuckets, lockLearningOrder } from './counter-store.js';
import { inTransaction } from './transaction.js';

/** One sample with what its search says of it. */
export interface SampleRecord {
  searchId: string;
  position: number;
  documentId: string;
  query: string;
  basePosition: number;
  baseScore: number;
  score: number;
  clickProbability: number;
  propensity: number | null;
  featureSet: number;
  features: number[];
  clickCount: number;
  clickedAt: Date | null;
  shownAt: Date;
  settlesAt: Date;
  settled: boolean;
  learned: boolean;
  rankerId: string;
  explored: boolean;
  userId: string | null;
  sessionId: string | null;
}

const COLUMNS = `p.search_id as "searchId", p.position, p.document_id as "documentId", s.query, p.base_position as "basePosition", p.base_score as "baseScore",
  p.score, p.click_probability as "clickProbability", p.propensity, p.feature_set as "featureSet", p.features, p.click_count as "clickCount",
  p.clicked_at as "clickedAt", s.shown_at as "shownAt", s.settles_at as "settlesAt", s.settles_at <= now() as settled, s.learn_seq is not null as learned,
  s.ranker_id as "rankerId", s.drawn_pair is not null as explored, s.user_id as "userId", s.session_id as "sessionId"`;

export async function readSample(pool: Pool, searchId: string, position: number): Promise<SampleRecord | null> {
  const { rows } = await pool.query<SampleRecord>({
    name: 'read-sample',
    text: `select ${COLUMNS} from sample p join search s on s.id = p.search_id where p.search_id = $1 and p.position = $2`,
    values: [searchId, position],
  });
  return rows[0] ?? null;
}

export interface SampleFilter {
  clicked?: boolean | null;
  query?: string | null;
  documentId?: string | null;
  searchId?: string | null;
  shownAfter?: Date | null;
  shownBefore?: Date | null;
}

// Pages go down the primary key (search_id, position): searchIds are UUIDv7, so newest first, near enough for reading.
const LIST_SAMPLES = `
select ${COLUMNS} from sample p join search s on s.id = p.search_id
where ($1::uuid is null or p.search_id < $1 or (p.search_id = $1 and p.position > $2::int))
  and ($3::bool is null or (p.click_count > 0) = $3)
  and ($4::text is null or strpos(lower(s.query), lower($4)) > 0)
  and ($5::text is null or p.document_id = $5)
  and ($6::uuid is null or p.search_id = $6)
  and ($7::timestamptz is null or s.shown_at >= $7)
  and ($8::timestamptz is null or s.shown_at < $8)
order by p.search_id desc, p.position asc limit $9`;

export async function listSamples(pool: Pool, after: { searchId: string; position: number } | null, filter: SampleFilter, limit: number): Promise<SampleRecord[]> {
  const { rows } = await pool.query<SampleRecord>(LIST_SAMPLES, [
    after?.searchId ?? null,
    after?.position ?? null,
    filter.clicked ?? null,
    filter.query ?? null,
    filter.documentId ?? null,
    filter.searchId ?? null,
    filter.shownAfter ?? null,
    filter.shownBefore ?? null,
    limit,
  ]);
  return rows;
}

export interface QualityFigures {
  samples: number;
  clicks: number;
  searches: number;
  distinctQueries: number;
  distinctDocuments: number;
  newestAgeSeconds: number | null;
}

/** Figures over the newest settled searches, at most `searches` of them; the index on shown_at finds them. */
export async function qualityFigures(pool: Pool, searches: number): Promise<QualityFigures> {
  const { rows } = await pool.query<QualityFigures>(
    `with newest as (
      select id, query_key, shown_at from search where settles_at <= now() order by shown_at desc limit $1
    )
    select count(p.search_id)::int as samples, count(*) filter (where p.click_count > 0)::int as clicks,
      count(distinct n.id)::int as searches, count(distinct n.query_key)::int as "distinctQueries", count(distinct p.document_id)::int as "distinctDocuments",
      extract(epoch from now() - max(n.shown_at))::float8 as "newestAgeSeconds"
    from newest n join sample p on p.search_id = n.id`,
    [searches],
  );
  const figures = rows[0];
  if (!figures) throw new Error('The quality query gave no row.');
  return figures;
}

/**
 * Forgets samples, clicks and counts, under the lock that sealing takes. Open runs end as CANCELLED; the learning order goes on.
 * @returns samples deleted
 */
export function clearSamples(pool: Pool): Promise<number> {
  return inTransaction(pool, async (client) => {
    await lockLearningOrder(client);
    await client.query(
      `update training_run set status = 'CANCELLED', reason = 'Samples were cleared while it ran.', lease_until = null, finished_at = now(), changed_at = now()
      where status in ('QUEUED', 'RUNNING')`,
    );
    // Clicks and searches under way hold row locks or wait here; afterwards they find no search, or count from zero.
    await client.query('lock table search, sample, click, counter, settle_bucket in exclusive mode');
    const { rows } = await client.query<{ samples: number }>('select count(*)::float8 as samples from sample');
    await client.query('truncate search, sample, click, settle_bucket');
    await client.query('update counter set searches = 0, samples = 0, clicked = 0, settled = 0, examinations = 0');
    await client.query('update learning_order set sealed_samples = 0, folded_samples = 0');
    return rows[0]?.samples ?? 0;
  });
}

export async function blankUser(pool: Pool, userId: string): Promise<number> {
  const { rowCount } = await pool.query('update search set user_id = null, session_id = null where user_id = $1', [userId]);
  return rowCount ?? 0;
}

/** Deletes up to `limit` sealed searches shown before `days` days ago, with their samples and clicks. Counters do not fall. @returns how many */
export async function deleteExpired(pool: Pool, days: number, limit: number): Promise<number> {
  const { rows } = await pool.query<{ searches: number }>(
    `with expired as (
      select id from search where shown_at < now() - make_interval(days => $1) and learn_seq is not null order by shown_at limit $2
    ), clicks as (delete from click k using expired e where k.search_id = e.id and (not k.late or k.learn_seq is not null)),
    samples as (delete from sample p using expired e where p.search_id = e.id),
    searches as (delete from search s using expired e where s.id = e.id returning 1)
    select count(*)::int as searches from searches`,
    [days, limit],
  );
  return rows[0]?.searches ?? 0;
}

/** Moves due settle buckets into one figure when nobody else is at it. */
export function foldDueBuckets(pool: Pool): Promise<void> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query('select 1 from learning_order for update skip locked');
    if (rowCount === 1) await foldBuckets(client);
  });
}
