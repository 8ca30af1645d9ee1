/** SQL of stored samples: one, pages of them, the quality card, and forgetting. */
import type { Pool } from 'pg';
import type { Team } from '../generated/prisma/enums.js';
import { foldBuckets, lockLearningOrder } from './counter-store.js';
import { EVERY_ID, idsSealedIn } from './id-range.js';
import { isOver, isRange, listPartitions, tablesOf } from './partition-store.js';
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
  team: Team | null;
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
  interleaved: boolean;
  userId: string | null;
  sessionId: string | null;
}

const COLUMNS = `p.search_id as "searchId", p.position, p.document_id as "documentId", s.query, p.base_position as "basePosition", p.base_score as "baseScore",
  p.score, p.click_probability as "clickProbability", p.propensity, p.team, p.feature_set as "featureSet", p.features, p.click_count as "clickCount",
  p.clicked_at as "clickedAt", s.shown_at as "shownAt", s.settles_at as "settlesAt", s.settles_at <= now() as settled, s.learn_seq is not null as learned,
  s.ranker_id as "rankerId", s.drawn_pair is not null as explored, s.interleaved, s.user_id as "userId", s.session_id as "sessionId"`;

// The ids are parameters known when the statement is planned (it has no name): it asks the days they lie in and no others.
const READ_SAMPLES = `
select i.ord::int, ${COLUMNS} from unnest($1::uuid[], $2::int[]) with ordinality as i(search_id, position, ord)
join search s on s.id = i.search_id and s.id = any($1)
join sample p on p.search_id = i.search_id and p.search_id = any($1) and p.position = i.position`;

/** @returns a sample for each place, in the order given; undefined where there is none */
export async function readSamples(pool: Pool, places: readonly Pick<SampleRecord, 'searchId' | 'position'>[]): Promise<(SampleRecord | undefined)[]> {
  const { rows } = await pool.query<SampleRecord & { ord: number }>(READ_SAMPLES, [places.map(({ searchId }) => searchId), places.map(({ position }) => position)]);
  const found: (SampleRecord | undefined)[] = places.map(() => undefined);
  for (const { ord, ...sample } of rows) found[ord - 1] = sample;
  return found;
}

export interface SampleFilter {
  clicked?: boolean | null;
  query?: string | null;
  documentId?: string | null;
  searchId?: string | null;
  shownAfter?: Date | null;
  shownBefore?: Date | null;
}

/** Where a page of samples ends: a search's time and id, and the position within it. */
export interface SamplePlace {
  shownAt: Date;
  searchId: string;
  position: number;
}

// Newest search first, by the index on shown_at; the few of one moment are sorted by id, and a list by position. The parameters are known
// when the statement is planned (it has no name), so conditions that are not asked for cost nothing.
const LIST_SAMPLES = `
select ${COLUMNS} from search s join sample p on p.search_id = s.id
where ($1::timestamptz is null or ((s.shown_at, s.id) <= ($1, $2::uuid) and (s.id <> $2 or p.position > $3::int)))
  and ($4::bool is null or (p.click_count > 0) = $4)
  and ($5::text is null or strpos(lower(s.query), lower($5)) > 0)
  and ($6::text is null or p.document_id = $6)
  and ($7::uuid is null or s.id = $7)
  and ($8::timestamptz is null or s.shown_at >= $8)
  and ($9::timestamptz is null or s.shown_at < $9)
  and s.id >= $11 and p.search_id >= $11
order by s.shown_at desc, s.id desc, p.position limit $10`;

/** Everything with an id below open_from was shown longer ago (partition-store.ts). */
const RECENT_HOURS = 25;

export async function listSamples(pool: Pool, after: SamplePlace | null, filter: SampleFilter, limit: number): Promise<SampleRecord[]> {
  const read = async (shownAfter: Date | null, lowestId: string): Promise<SampleRecord[]> => {
    const { rows } = await pool.query<SampleRecord>(LIST_SAMPLES, [
      after?.shownAt ?? null,
      after?.searchId ?? null,
      after?.position ?? null,
      filter.clicked ?? null,
      filter.query ?? null,
      filter.documentId ?? null,
      filter.searchId ?? null,
      shownAfter,
      filter.shownBefore ?? null,
      limit,
      lowestId,
    ]);
    return rows;
  };
  const shownAfter = filter.shownAfter ?? null;
  // A search's own partition is found by its id.
  if (filter.searchId) return read(shownAfter, EVERY_ID.lowest);
  // The newest page, which is looked at most, needs the newest partitions only; an older one asks every day.
  const { openFrom, recentFrom } = await readRecent(pool);
  const isRecent = shownAfter !== null && shownAfter >= recentFrom;
  const newest = await read(isRecent ? shownAfter : recentFrom, openFrom);
  return isRecent || newest.length === limit ? newest : read(shownAfter, EVERY_ID.lowest);
}

/** From which id on everything lies that was shown since `recentFrom`. */
async function readRecent(pool: Pool): Promise<{ openFrom: string; recentFrom: Date }> {
  const { rows } = await pool.query<{ openFrom: string; recentFrom: Date }>(
    'select open_from as "openFrom", now() - make_interval(hours => $1) as "recentFrom" from learning_order',
    [RECENT_HOURS],
  );
  if (!rows[0]) throw new Error('The learning order is missing: were the migrations applied?');
  return rows[0];
}

export interface QualityFigures {
  samples: number;
  clicks: number;
  searches: number;
  distinctQueries: number;
  distinctDocuments: number;
  newestAgeSeconds: number | null;
}

/**
 * Figures over the newest settled samples, at most `limit` of them. What is sealed is found by the index on learn_seq, what has settled since by
 * search_unsealed_idx: lists that are not settled yet are not passed over, however many there are. A list has a sample at least, so the
 * numbers of the newest `limit` hold enough, but for late clicks among them; only if they do not is every day asked.
 */
export async function qualityFigures(pool: Pool, limit: number): Promise<QualityFigures> {
  const { rows } = await pool.query<{ lastSeq: number; openFrom: string }>('select last_seq::float8 as "lastSeq", open_from as "openFrom" from learning_order');
  const { lastSeq = 0, openFrom = EVERY_ID.lowest } = rows[0] ?? {};
  const { lowest } = await idsSealedIn(pool, Math.max(0, lastSeq - limit), lastSeq);
  const lower = lowest < openFrom ? lowest : openFrom;
  const figures = await figuresFrom(pool, limit, lower);
  return figures.samples >= limit || lower === EVERY_ID.lowest ? figures : figuresFrom(pool, limit, EVERY_ID.lowest);
}

async function figuresFrom(pool: Pool, limit: number, lowestId: string): Promise<QualityFigures> {
  const { rows } = await pool.query<QualityFigures>(
    `with settled as (
      (select id, query_key, shown_at from search where id >= $2 and learn_seq is not null order by learn_seq desc limit $1)
      union all
      (select id, query_key, shown_at from search where id >= $2 and learn_seq is null and settles_at <= now() order by settles_at desc limit $1)
    ), newest as (
      select n.id, n.query_key, n.shown_at, p.document_id, p.click_count
      from (select * from settled order by shown_at desc, id desc limit $1) n join sample p on p.search_id = n.id and p.search_id >= $2
      order by n.shown_at desc, n.id desc, p.position limit $1
    )
    select count(*)::int as samples, count(*) filter (where click_count > 0)::int as clicks,
      count(distinct id)::int as searches, count(distinct query_key)::int as "distinctQueries", count(distinct document_id)::int as "distinctDocuments",
      extract(epoch from now() - max(shown_at))::float8 as "newestAgeSeconds"
    from newest`,
    [limit, lowestId],
  );
  const figures = rows[0];
  if (!figures) throw new Error('The quality query gave no row.');
  return figures;
}

/**
 * Forgets samples, clicks and counts, under the lock that sealing takes. Open runs end as CANCELLED, what they had sealed uncounted; the learning
 * order goes on, and what ended runs have counted of interleaved searches stays.
 * @returns samples deleted
 */
export function clearSamples(pool: Pool): Promise<number> {
  return inTransaction(pool, async (client) => {
    await lockLearningOrder(client);
    await client.query(
      `update training_run set status = 'CANCELLED', reason = 'Samples were cleared while it ran.', lease_until = null, finished_at = now(), changed_at = now()
      where status in ('QUEUED', 'RUNNING')`,
    );
    // What is under way is waited for; what comes later waits, then finds no search, or counts from zero. Whatever reads or writes several of
    // these tables names them in this order, search first: so no two can wait for each other, and the strongest lock is taken at once.
    await client.query('lock table search, sample, click, counter, settle_bucket in access exclusive mode');
    const { rows } = await client.query<{ samples: number; now: Date }>('select coalesce(sum(sample_count), 0)::float8 as samples, now() as now from search');
    // To empty a table makes new files for it and all its indexes: with a full retention seconds, where dropping what is over takes half of one.
    const partitions = await listPartitions(client);
    const over = partitions.filter((partition) => isRange(partition) && isOver(partition, rows[0]?.now ?? new Date(0)));
    if (over.length > 0) await client.query(`drop table ${over.flatMap(({ name }) => tablesOf(name)).join(', ')}`);
    const filled: string[] = ['settle_bucket'];
    for (const { name } of partitions.filter((partition) => !over.includes(partition))) {
      const tables = tablesOf(name);
      const { rows: found } = await client.query<{ isFilled: boolean }>(`select ${tables.map((table) => `exists (select from ${table})`).join(' or ')} as "isFilled"`);
      if (found[0]?.isFilled) filled.push(...tables);
    }
    await client.query(`truncate ${filled.join(', ')}`);
    await client.query('update counter set searches = 0, samples = 0, clicked = 0, settled = 0, examinations = 0');
    await client.query('update learning_order set sealed_samples = 0, folded_samples = 0');
    return rows[0]?.samples ?? 0;
  });
}

/** Locks in search id order, as sealing and clicks do. @returns how many searches */
export async function blankUser(pool: Pool, userId: string): Promise<number> {
  const { rowCount } = await pool.query(
    `with own as materialized (select id from search where user_id = $1 order by id for update)
    update search s set user_id = null, session_id = null, actor = null from own where s.id = own.id`,
    [userId],
  );
  return rowCount ?? 0;
}

/** Moves due settle buckets into one figure when nobody else is at it. */
export function foldDueBuckets(pool: Pool): Promise<void> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query('select 1 from learning_order for update skip locked');
    if (rowCount === 1) await foldBuckets(client);
  });
}
