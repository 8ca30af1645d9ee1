/** SQL that streams samples and late clicks in learning order, in chunks small enough that parsing one does not hold up requests. */
import type { Pool } from 'pg';
import type { SequenceRange } from './training-store.js';

/** One sample, or one late click on a sample, as stored when it was shown. */
export interface LearningRow {
  learnSeq: number;
  lateClick: boolean;
  searchId: string;
  query: string;
  queryKey: string;
  rankerId: string;
  /** The first place of the pair drawn in its list; null without one. */
  drawnPair: number | null;
  shownAtSeconds: number;
  position: number;
  documentId: string;
  clicked: boolean;
  clickProbability: number;
  features: number[];
  /** What stood above and below on the same page; null at its ends. */
  documentAbove: string | null;
  documentBelow: string | null;
}

/** Searches read at once. With ten results each a chunk is parsed and packed in about 1 ms. */
const CHUNK_SEARCHES = 20;

const COLUMNS = `s.id as "searchId", s.query, s.query_key as "queryKey", s.ranker_id as "rankerId", s.drawn_pair as "drawnPair",
  extract(epoch from s.shown_at)::float8 as "shownAtSeconds", p.position, p.document_id as "documentId", p.click_probability as "clickProbability", p.features`;

// The whole list is read, so its rows are each other's neighbours; a late click comes alone and looks them up by the primary key.
const NEIGHBOURS_IN_LIST = `lag(p.document_id) over list as "documentAbove", lead(p.document_id) over list as "documentBelow"`;
const LIST = 'window list as (partition by s.id order by p.position)';
const NEIGHBOURS_LOOKED_UP = `(select a.document_id from sample a where a.search_id = p.search_id and a.position = p.position - 1) as "documentAbove",
  (select b.document_id from sample b where b.search_id = p.search_id and b.position = p.position + 1) as "documentBelow"`;

// Both branches go by the indexes on learn_seq. A late click is learned only if its sample was: not when that stands in a range set aside ($3).
const NEW_ROWS = `
(select s.learn_seq::float8 as "learnSeq", false as "lateClick", p.label as clicked, ${COLUMNS}, ${NEIGHBOURS_IN_LIST}
from search s join sample p on p.search_id = s.id
where s.learn_seq > $1 and s.learn_seq <= $2 ${LIST})
union all
select k.learn_seq::float8, true, true, ${COLUMNS}, ${NEIGHBOURS_LOOKED_UP}
from click k join search s on s.id = k.search_id join sample p on p.search_id = k.search_id and p.position = k.position
where k.learn_seq > $1 and k.learn_seq <= $2
  and not exists (select 1 from jsonb_array_elements($3::jsonb) r where s.learn_seq > (r ->> 0)::bigint and s.learn_seq <= (r ->> 1)::bigint)
order by "learnSeq", position`;

// A replay takes each sample once: clicked if a click on time, or a late one sealed by the run's opening ($3), exists.
const REPLAY_ROWS = `
select s.learn_seq::float8 as "learnSeq", false as "lateClick", ${COLUMNS},
  p.label or (p.click_count > 0 and exists (
    select 1 from click k where k.search_id = s.id and k.document_id = p.document_id and k.late and k.learn_seq <= $3)) as clicked, ${NEIGHBOURS_IN_LIST}
from search s join sample p on p.search_id = s.id
where s.learn_seq > $1 and s.learn_seq <= $2 ${LIST}
order by "learnSeq", p.position`;

/** What was sealed in (from, through], late clicks as corrections of their own; for an online run. */
export async function* newRows(pool: Pool, from: number, through: number, setAside: readonly SequenceRange[]): AsyncGenerator<LearningRow[]> {
  const excluded = JSON.stringify(setAside);
  for (let start = from; start < through; start += CHUNK_SEARCHES) {
    const { rows } = await pool.query<LearningRow>({ name: 'learning-new', text: NEW_ROWS, values: [start, Math.min(start + CHUNK_SEARCHES, through), excluded] });
    if (rows.length > 0) yield rows;
  }
}

/** Every stored sample sealed in (from, through], once, with its final label as of `sealedThrough`; for replays. */
export async function* replayRows(pool: Pool, from: number, through: number, sealedThrough: number): AsyncGenerator<LearningRow[]> {
  // Retention leaves holes: start at the first number that is still there.
  const first = await pool.query<{ first: number | null }>('select min(learn_seq)::float8 as first from search where learn_seq > $1', [from]);
  const start = first.rows[0]?.first ?? null;
  if (start === null) return;
  for (let seq = start - 1; seq < through; seq += CHUNK_SEARCHES) {
    const { rows } = await pool.query<LearningRow>({ name: 'learning-replay', text: REPLAY_ROWS, values: [seq, Math.min(seq + CHUNK_SEARCHES, through), sealedThrough] });
    if (rows.length > 0) yield rows;
  }
}

/** The last number given in the learning order. */
export async function lastLearnSeq(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ last: number }>('select last_seq::float8 as last from learning_order');
  return rows[0]?.last ?? 0;
}

/** Where to begin in the learning order so that about `samples` samples lie in (result, through]. */
export async function windowStart(pool: Pool, through: number, samples: number): Promise<number> {
  const { rows } = await pool.query<{ start: number | null }>(
    `select min(learn_seq)::float8 - 1 as start from (
      select learn_seq, sum(sample_count) over (order by learn_seq desc) as samples
      from (select learn_seq, sample_count from search where learn_seq <= $1 order by learn_seq desc limit $2) newest
    ) counted where samples <= $2`,
    [through, samples],
  );
  return rows[0]?.start ?? through;
}

/** How many samples lie in (from, through]: the denominator of a run's progress. */
export async function countSamples(pool: Pool, from: number, through: number): Promise<number> {
  const { rows } = await pool.query<{ samples: number }>(
    'select coalesce(sum(sample_count), 0)::float8 as samples from search where learn_seq > $1 and learn_seq <= $2',
    [from, through],
  );
  return rows[0]?.samples ?? 0;
}
