/** SQL of sealing: gives every settled search and every late click its place in the learning order, each exactly once. */
import type { PoolClient } from 'pg';
import { foldBuckets } from './counter-store.js';

export interface Sealed {
  /** The highest number given so far. */
  lastSeq: number;
  /** Samples sealed by this call. */
  samples: number;
}

// Locks in search id order, as click groups do. The partial index search_unsealed_idx finds what has settled without passing over what is sealed.
const SEAL_SEARCHES = `
with due as materialized (
  select id, shown_at, sample_count from search
  where learn_seq is null and settles_at <= statement_timestamp() and ($2::int is null or shown_at < now() - make_interval(days => $2))
  order by id limit $3 for update
), numbered as (
  select id, $1::bigint + row_number() over (order by shown_at, id) as learn_seq from due
), sealed as (
  update search s set learn_seq = n.learn_seq from numbered n where s.id = n.id
)
select count(*)::float8 as searches, coalesce(sum(sample_count), 0)::float8 as samples from due`;

// A late click has its number once its search's number is known to be smaller: it was late because the search was sealed before.
const SEAL_LATE_CLICKS = `
with due as materialized (
  select search_id, document_id, event_id, clicked_at from click k
  where late and learn_seq is null
    and ($2::int is null or exists (select 1 from search s where s.id = k.search_id and s.shown_at < now() - make_interval(days => $2)))
  order by search_id, document_id, event_id for update
), numbered as (
  select search_id, document_id, event_id, $1::bigint + row_number() over (order by clicked_at, search_id, document_id, event_id) as learn_seq from due
), sealed as (
  update click c set learn_seq = n.learn_seq from numbered n
  where c.search_id = n.search_id and c.document_id = n.document_id and c.event_id = n.event_id
)
select count(*)::float8 as clicks from due`;

/** Only what was shown more than so many days ago, and at most so many searches of it. */
export interface SealBound {
  days: number;
  searches: number;
}

/**
 * Seals what has settled, all of it unless bounded. The caller's transaction holds the lock on learning_order.
 * Sealing and folding are statements of their own (READ COMMITTED): the fold sees at least what the seal saw, so settled − sealed is never negative.
 */
export async function seal(client: PoolClient, lastSeq: number, bound?: SealBound): Promise<Sealed> {
  const searches = await client.query<{ searches: number; samples: number }>(SEAL_SEARCHES, [lastSeq, bound?.days, bound?.searches]);
  const { searches: searchCount = 0, samples = 0 } = searches.rows[0] ?? {};
  const clicks = await client.query<{ clicks: number }>(SEAL_LATE_CLICKS, [lastSeq + searchCount, bound?.days]);
  const newLastSeq = lastSeq + searchCount + (clicks.rows[0]?.clicks ?? 0);
  await client.query('update learning_order set last_seq = $1, sealed_samples = sealed_samples + $2', [newLastSeq, samples]);
  await foldBuckets(client);
  return { lastSeq: newLastSeq, samples };
}

/**
 * Raises the documents' impressions and clicks by what the run sealed, (sealedFrom, learnedThrough]; once a run, in the transaction that ends it.
 * Both reads go by the indexes on learn_seq. Documents are locked in id order, as imports do.
 */
export async function countDocuments(client: PoolClient, sealedFrom: bigint, sealedThrough: bigint): Promise<void> {
  await client.query(
    `with seen as (
      select p.document_id, 1 as impressions, p.label::int as clicks
      from search s join sample p on p.search_id = s.id where s.learn_seq > $1 and s.learn_seq <= $2
      union all
      select document_id, 0, 1 from click where learn_seq > $1 and learn_seq <= $2
    ), counted as (
      select document_id, sum(impressions) as impressions, sum(clicks) as clicks from seen group by document_id
    ), locked as materialized (
      select d.id from document d where d.id in (select document_id from counted) order by d.id for update
    )
    update document d set impressions = d.impressions + c.impressions, clicks = d.clicks + c.clicks
    from counted c join locked l on l.id = c.document_id where d.id = c.document_id`,
    [sealedFrom, sealedThrough],
  );
}
