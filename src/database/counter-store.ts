/** SQL of the counters: what the trigger compares and what `sampleStats` shows, read in one statement and O(1) in the samples stored. */
import type { Pool, PoolClient } from 'pg';

export interface CounterState {
  searches: number;
  samples: number;
  clicked: number;
  /** Samples whose attribution window has passed. */
  settled: number;
  /** Samples sealed by runs. */
  sealed: number;
  examinations: number;
  /** Milliseconds until the next bucket settles; null when none waits. */
  nextSettleMs: number | null;
  /** Seconds settled but not yet folded into one figure. */
  dueBuckets: number;
  openOnlineRunId: string | null;
  /** Seconds since the last online run opened; null before the first. */
  secondsSinceLastRun: number | null;
  /** Of the newest online checkpoint; 0 before the first. */
  checkpointBytes: number;
  runsLastHour: number;
  now: Date;
}

// One statement, so that all figures are of one moment: settled never reads lower than sealed.
// 16 counter rows, the due buckets not yet folded (folding keeps them few; those still to come are not read: the primary key leads to the first), and index look-ups on training_run and checkpoint (mode, number).
const READ_COUNTERS = `
select c.searches, c.samples, c.clicked, c.settled + o.folded_samples + b.due as settled, o.sealed_samples as sealed, c.examinations,
  b.next_settle_ms, b.due_buckets, r.open_run_id, r.seconds_since_last_run, r.checkpoint_bytes, r.runs_last_hour, statement_timestamp() as now
from
  (select sum(searches)::float8 as searches, sum(samples)::float8 as samples, sum(clicked)::float8 as clicked, sum(settled)::float8 as settled,
    sum(examinations) as examinations from counter) c,
  (select sealed_samples::float8, folded_samples::float8 from learning_order) o,
  (select d.due, d.due_buckets, n.next_settle_ms
    from (select coalesce(sum(samples), 0)::float8 as due, count(*)::int as due_buckets from settle_bucket where settles_at <= statement_timestamp()) d,
      (select (extract(epoch from min(settles_at) - statement_timestamp()) * 1000)::float8 as next_settle_ms from settle_bucket where settles_at > statement_timestamp()) n) b,
  (select
    (select id from training_run where mode = 'ONLINE' and status in ('QUEUED', 'RUNNING')) as open_run_id,
    (select extract(epoch from statement_timestamp() - queued_at)::float8 from training_run where mode = 'ONLINE' order by queued_at desc limit 1) as seconds_since_last_run,
    coalesce((select bytes from checkpoint where mode = 'ONLINE' order by number desc limit 1), 0)::float8 as checkpoint_bytes,
    (select count(*)::int from training_run where queued_at > statement_timestamp() - interval '1 hour') as runs_last_hour) r`;

interface CounterRow {
  searches: number;
  samples: number;
  clicked: number;
  settled: number;
  sealed: number;
  examinations: number;
  next_settle_ms: number | null;
  due_buckets: number;
  open_run_id: string | null;
  seconds_since_last_run: number | null;
  checkpoint_bytes: number;
  runs_last_hour: number;
  now: Date;
}

export async function readCounters(db: Pool | PoolClient): Promise<CounterState> {
  const { rows } = await db.query<CounterRow>({ name: 'read-counters', text: READ_COUNTERS });
  const row = rows[0];
  if (!row) throw new Error('The counters are missing: were the migrations applied?');
  return {
    searches: row.searches,
    samples: row.samples,
    clicked: row.clicked,
    settled: row.settled,
    sealed: row.sealed,
    examinations: row.examinations,
    nextSettleMs: row.next_settle_ms,
    dueBuckets: row.due_buckets,
    openOnlineRunId: row.open_run_id,
    secondsSinceLastRun: row.seconds_since_last_run,
    checkpointBytes: row.checkpoint_bytes,
    runsLastHour: row.runs_last_hour,
    now: row.now,
  };
}

const FOLD = `
with due as (delete from settle_bucket where settles_at <= statement_timestamp() returning samples)
update learning_order set folded_samples = folded_samples + (select coalesce(sum(samples), 0) from due)`;

/** Moves settled buckets into one figure. The caller's transaction holds the lock on learning_order: folds are serial, and no lock order can cross. */
export async function foldBuckets(client: PoolClient): Promise<void> {
  await client.query(FOLD);
}

export interface LearningOrder {
  lastSeq: number;
  /** No search with a lower id is left to seal, nor a late click on one. */
  openFrom: string;
}

/**
 * Takes the lock that makes sealings, foldings and activations serial. What the transaction does under it may take as long as its backlog is long
 * (a million searches seal in some 20 s): a time limit would only have it fail again, with a longer one, next time.
 */
export async function lockLearningOrder(client: PoolClient): Promise<LearningOrder> {
  const { rows } = await client.query<{ last_seq: number; open_from: string }>(
    `select last_seq::float8, open_from, set_config('statement_timeout', '0', true) from learning_order for update`,
  );
  const row = rows[0];
  if (!row) throw new Error('The learning order is missing: were the migrations applied?');
  return { lastSeq: row.last_seq, openFrom: row.open_from };
}
