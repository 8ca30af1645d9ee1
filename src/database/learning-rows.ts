/** SQL that streams samples and late clicks in learning order, in chunks small enough that parsing one does not hold up requests. */
import type { Pool, PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import { EVERY_ID, idsSealedIn, idsStoredIn, type IdRange } from './id-range.js';
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

/** Rows read at once: parsed and packed in about 1 ms. */
const CHUNK_ROWS = 200;
/** Searches of which it is found out at once on which days they lie: seldom more than one or two. */
const BLOCK_SEARCHES = 1_000;

const COLUMNS = `s.id as "searchId", s.query, s.query_key as "queryKey", s.ranker_id as "rankerId", s.drawn_pair as "drawnPair",
  extract(epoch from s.shown_at)::float8 as "shownAtSeconds", p.position, p.document_id as "documentId", p.click_probability as "clickProbability", p.features`;

// The whole list is read, so its rows are each other's neighbours; a late click comes alone and looks them up by the primary key.
const NEIGHBOURS_IN_LIST = `lag(p.document_id) over list as "documentAbove", lead(p.document_id) over list as "documentBelow"`;
const LIST = 'window list as (partition by s.id order by p.position)';
const NEIGHBOURS_LOOKED_UP = `(select a.document_id from sample a where a.search_id = p.search_id and a.search_id between $4 and $5 and a.position = p.position - 1) as "documentAbove",
  (select b.document_id from sample b where b.search_id = p.search_id and b.search_id between $4 and $5 and b.position = p.position + 1) as "documentBelow"`;

// Both branches go by the indexes on learn_seq, of the days between the ids $4 and $5: each table is told, or all of its days would be asked. A late click is learned only if its sample was: not when
// that is capped, or stands in a range set aside ($3).
const NEW_ROWS = `
(select s.learn_seq::float8 as "learnSeq", false as "lateClick", p.label as clicked, ${COLUMNS}, ${NEIGHBOURS_IN_LIST}
from search s join sample p on p.search_id = s.id
where s.learn_seq > $1 and s.learn_seq <= $2 and not s.capped and s.id between $4 and $5 and p.search_id between $4 and $5 ${LIST})
union all
select k.learn_seq::float8, true, true, ${COLUMNS}, ${NEIGHBOURS_LOOKED_UP}
from click k join search s on s.id = k.search_id join sample p on p.search_id = k.search_id and p.position = k.position
where k.learn_seq > $1 and k.learn_seq <= $2 and k.search_id between $4 and $5 and s.id between $4 and $5 and p.search_id between $4 and $5 and not s.capped
  and not exists (select 1 from jsonb_array_elements($3::jsonb) r where s.learn_seq > (r ->> 0)::bigint and s.learn_seq <= (r ->> 1)::bigint)
order by "learnSeq", position`;

// A replay takes each sample that is not capped once: clicked if a click on time, or a late one sealed by the run's opening ($3), exists.
const REPLAY_ROWS = `
select s.learn_seq::float8 as "learnSeq", false as "lateClick", ${COLUMNS},
  p.label or (p.click_count > 0 and exists (
    select 1 from click k where k.search_id = s.id and k.search_id between $4 and $5 and k.document_id = p.document_id and k.late and k.learn_seq <= $3)) as clicked, ${NEIGHBOURS_IN_LIST}
from search s join sample p on p.search_id = s.id
where s.learn_seq > $1 and s.learn_seq <= $2 and not s.capped and s.id between $4 and $5 and p.search_id between $4 and $5 ${LIST}
order by "learnSeq", p.position`;

/** What was sealed in (from, through] and not capped, late clicks as corrections of their own; for an online run. */
export async function* newRows(pool: Pool, from: number, through: number, setAside: readonly SequenceRange[]): AsyncGenerator<LearningRow[]> {
  yield* chunks(pool, NEW_ROWS, from, through, JSON.stringify(setAside));
}

/** Every stored sample sealed in (from, through] and not capped, once, with its final label as of `sealedThrough`; for replays. */
export async function* replayRows(pool: Pool, from: number, through: number, sealedThrough: number): AsyncGenerator<LearningRow[]> {
  // Retention leaves holes: start at the first number that is still there.
  const { lowest, highest } = await idsSealedIn(pool, from, through);
  const first = await pool.query<{ first: number | null }>(
    'select min(learn_seq)::float8 as first from search where learn_seq > $1 and learn_seq <= $2 and id between $3 and $4',
    [from, through, lowest, highest],
  );
  const start = first.rows[0]?.first ?? null;
  if (start === null) return;
  yield* chunks(pool, REPLAY_ROWS, start - 1, through, sealedThrough);
}

/** The rows of (from, through] in chunks of whole lists, read from the days that hold them. */
async function* chunks(pool: Pool, statement: string, from: number, through: number, value: unknown): AsyncGenerator<LearningRow[]> {
  for (let block = from; block < through; block += BLOCK_SEARCHES) {
    const end = Math.min(block + BLOCK_SEARCHES, through);
    const ids = await idsStoredIn(pool, block, end);
    if (ids !== null) yield* wholeLists(portions(pool, statement, [block, end, value, ids.lowest, ids.highest]));
  }
}

/** By a cursor, so that a statement is planned once a block: for the days that it names, which one with a name would not be. */
async function* portions(pool: Pool, statement: string, values: unknown[]): AsyncGenerator<LearningRow[]> {
  const client = await pool.connect();
  const cursor = client.query(new Cursor<LearningRow>(statement, values));
  const connection = watchConnection(client);
  let broken: Error | undefined;
  const read = (): Promise<LearningRow[]> => connection.orLost(cursor.read(CHUNK_ROWS));
  try {
    for (let rows = await read(); rows.length > 0; rows = await read()) yield rows;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    if (broken === undefined) await connection.orLost(cursor.close()).catch((error: Error) => (broken = error));
    connection.forget();
    client.release(broken);
  }
}

/** A cursor on a lost connection may wait for ever, its closing surely does: for an answer that nobody will give. */
function watchConnection(client: PoolClient): { orLost<T>(work: Promise<T>): Promise<T>; forget(): void } {
  let lost = (): void => undefined;
  const whenLost = new Promise<never>((_resolve, reject) => (lost = () => reject(new Error('Connection terminated while rows were read'))));
  // Also when nothing waits just then.
  whenLost.catch(() => undefined);
  client.once('end', lost);
  return { orLost: (work) => Promise.race([work, whenLost]), forget: () => client.off('end', lost) };
}

/** Passes a portion's last list on with the next: it may go on there. */
async function* wholeLists(rows: AsyncIterable<LearningRow[]>): AsyncGenerator<LearningRow[]> {
  let kept: LearningRow[] = [];
  for await (const portion of rows) {
    const all = [...kept, ...portion];
    const last = all.at(-1)?.learnSeq;
    const cut = all.findIndex((row) => row.learnSeq === last);
    kept = all.slice(cut);
    if (cut > 0) yield all.slice(0, cut);
  }
  if (kept.length > 0) yield kept;
}

/** The last number given in the learning order. */
export async function lastLearnSeq(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ last: number }>('select last_seq::float8 as last from learning_order');
  return rows[0]?.last ?? 0;
}

// A search has a sample at least: so many samples lie, but for late clicks and what is capped between them, within so many numbers.
const WINDOW = `
select min(learn_seq) filter (where samples <= $2)::float8 - 1 as start, coalesce(max(samples), 0)::float8 as samples from (
  select learn_seq, sum(sample_count) over (order by learn_seq desc) as samples
  from (select learn_seq, sample_count from search where learn_seq <= $1 and learn_seq > $5 and not capped and id between $3 and $4 order by learn_seq desc limit $2) newest
) counted`;

/** Where to begin in the learning order so that about `samples` samples lie in (result, through], capped ones not counted. */
export async function windowStart(pool: Pool, through: number, samples: number): Promise<number> {
  const from = Math.max(0, through - samples);
  const read = async ({ lowest, highest }: IdRange, after: number): Promise<{ start: number | null; samples: number } | undefined> =>
    (await pool.query<{ start: number | null; samples: number }>(WINDOW, [through, samples, lowest, highest, after])).rows[0];
  let window = await read(await idsSealedIn(pool, from, through), from);
  // Every day is asked only when the newest hold too few.
  if ((window?.samples ?? 0) < samples && from > 0) window = await read(EVERY_ID, 0);
  return window?.start ?? through;
}

/** How many samples lie in (from, through], capped ones not counted: the denominator of a run's progress. */
export async function countSamples(pool: Pool, from: number, through: number): Promise<number> {
  const { lowest, highest } = await idsSealedIn(pool, from, through);
  const { rows } = await pool.query<{ samples: number }>(
    'select coalesce(sum(sample_count), 0)::float8 as samples from search where learn_seq > $1 and learn_seq <= $2 and not capped and id between $3 and $4',
    [from, through, lowest, highest],
  );
  return rows[0]?.samples ?? 0;
}
