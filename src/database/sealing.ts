/** SQL of sealing: gives every settled search and every late click its place in the learning order, each exactly once, and caps what one actor can teach. */
import type { PoolClient } from 'pg';
import { foldBuckets, type LearningOrder } from './counter-store.js';
import { EVERY_ID, type IdRange } from './id-range.js';

/**
 * What is sealed at once by so many actors or more is capped: of each actor the first searches teach, at most one in `oneIn`, but `searches` in any
 * case. Those beyond keep their place in the learning order, and are learned by no run.
 */
export const ACTOR_CAP = { fromActors: 20, oneIn: 20, searches: 3 };

export interface Sealed {
  /** The highest number given so far. */
  lastSeq: number;
  /** Samples sealed by this call. */
  samples: number;
  /** Of these, capped. */
  cappedSamples: number;
  /** Between which search ids it lies; null: nothing was sealed. */
  ids: IdRange | null;
}

// Locks in search id order, as click groups do. The partial index search_unsealed_idx finds what has settled without passing over what is sealed;
// days below open_from ($4) have nothing to seal and are not asked. Who searched is asked here and never again: so every run, replay and late click
// finds the same searches capped, whatever is deleted or offered again meanwhile, and the digest need not be kept. A search without one is an actor of its own.
const SEAL_SEARCHES = `
with due as materialized (
  select id, shown_at, sample_count, actor from search
  where id >= $4 and learn_seq is null and settles_at <= statement_timestamp() and ($2::int is null or shown_at < now() - make_interval(days => $2))
  order by id limit $3 for update
), cap as (
  select case when count(distinct actor) + count(*) - count(actor) >= $5::int then greatest($6::int, count(*) / $7::int) end as searches from due
), numbered as (
  select id, sample_count, $1::bigint + row_number() over (order by shown_at, id) as learn_seq,
    coalesce(actor is not null and row_number() over (partition by actor order by shown_at, id) > cap.searches, false) as capped
  from due cross join cap
), sealed as (
  update search s set learn_seq = n.learn_seq, capped = n.capped, actor = null from numbered n where s.id = n.id and s.id >= $4
)
select count(*)::float8 as searches, coalesce(sum(sample_count), 0)::float8 as samples, coalesce(sum(sample_count) filter (where capped), 0)::float8 as "cappedSamples",
  (select id from due order by id limit 1) as lowest, (select id from due order by id desc limit 1) as highest from numbered`;

// A late click has its number once its search's number is known to be smaller: it was late because the search was sealed before.
const SEAL_LATE_CLICKS = `
with due as materialized (
  select search_id, document_id, event_id, clicked_at from click k
  where search_id >= $3 and late and learn_seq is null
    and ($2::int is null or exists (select 1 from search s where s.id = k.search_id and s.id >= $3 and s.shown_at < now() - make_interval(days => $2)))
  order by search_id, document_id, event_id for update
), numbered as (
  select search_id, document_id, event_id, $1::bigint + row_number() over (order by clicked_at, search_id, document_id, event_id) as learn_seq from due
), sealed as (
  update click c set learn_seq = n.learn_seq from numbered n
  where c.search_id = n.search_id and c.document_id = n.document_id and c.event_id = n.event_id and c.search_id >= $3
)
select count(*)::float8 as clicks, (select search_id from due order by search_id limit 1) as lowest, (select search_id from due order by search_id desc limit 1) as highest from due`;

/** Only what was shown more than so many days ago, and at most so many searches of it. */
export interface SealBound {
  days: number;
  searches: number;
}

/**
 * Seals what has settled, all of it unless bounded. The caller's transaction holds the lock on learning_order.
 * Sealing and folding are statements of their own (READ COMMITTED): the fold sees at least what the seal saw, so settled − sealed is never negative.
 */
export async function seal(client: PoolClient, { lastSeq, openFrom }: LearningOrder, bound?: SealBound): Promise<Sealed> {
  const cap = [ACTOR_CAP.fromActors, ACTOR_CAP.searches, ACTOR_CAP.oneIn];
  const searches = await client.query<{ searches: number; samples: number; cappedSamples: number } & Ends>(SEAL_SEARCHES, [lastSeq, bound?.days, bound?.searches, openFrom, ...cap]);
  const { searches: searchCount = 0, samples = 0, cappedSamples = 0 } = searches.rows[0] ?? {};
  const clicks = await client.query<{ clicks: number } & Ends>(SEAL_LATE_CLICKS, [lastSeq + searchCount, bound?.days, openFrom]);
  const newLastSeq = lastSeq + searchCount + (clicks.rows[0]?.clicks ?? 0);
  await client.query('update learning_order set last_seq = $1, sealed_samples = sealed_samples + $2', [newLastSeq, samples]);
  await foldBuckets(client);
  return { lastSeq: newLastSeq, samples, cappedSamples, ids: rangeOf([...searches.rows, ...clicks.rows]) };
}

interface Ends {
  lowest: string | null;
  highest: string | null;
}

function rangeOf(ends: readonly Ends[]): IdRange | null {
  // As PostgreSQL writes them, in lower case, UUIDs sort as text as they do by value.
  const ids = ends.flatMap(({ lowest, highest }) => [lowest, highest]).filter((id) => id !== null);
  const [lowest, highest] = [ids.reduce<string | undefined>((low, id) => (low === undefined || id < low ? id : low), undefined), ids.reduce<string>((high, id) => (id > high ? id : high), '')];
  return lowest === undefined ? null : { lowest, highest };
}

/** What a run sealed: (sealedFrom, sealedThrough] in the learning order. */
export interface SealedRange {
  sealedFrom: bigint;
  sealedThrough: bigint;
  /** Between which search ids it lies; null: not known. */
  ids: IdRange | null;
}

/**
 * Raises the documents' impressions and clicks by what the run sealed, (sealedFrom, learnedThrough]; once a run, in the transaction that ends it.
 * Both reads go by the indexes on learn_seq, of the days that `ids` names. Documents are locked in id order, as imports do.
 */
export async function countDocuments(client: PoolClient, { sealedFrom, sealedThrough, ids }: SealedRange): Promise<void> {
  if (sealedFrom === sealedThrough) return;
  await client.query(
    `with seen as (
      select p.document_id, 1 as impressions, p.label::int as clicks
      from search s join sample p on p.search_id = s.id
      where s.learn_seq > $1 and s.learn_seq <= $2 and s.id between $3 and $4 and p.search_id between $3 and $4
      union all
      select document_id, 0, 1 from click where learn_seq > $1 and learn_seq <= $2 and search_id between $3 and $4
    ), counted as (
      select document_id, sum(impressions) as impressions, sum(clicks) as clicks from seen group by document_id
    ), locked as materialized (
      select d.id from document d where d.id in (select document_id from counted) order by d.id for update
    )
    update document d set impressions = d.impressions + c.impressions, clicks = d.clicks + c.clicks
    from counted c join locked l on l.id = c.document_id where d.id = c.document_id`,
    [sealedFrom, sealedThrough, (ids ?? EVERY_ID).lowest, (ids ?? EVERY_ID).highest],
  );
}
