/** Fills a database with what a server has after weeks: samples and checkpoints by the thousand, multiplied from real ones that a real run left. */
import type { Pool } from 'pg';

export const CHECKPOINTS = 500;
const DAYS = 21;

/** The server must not run meanwhile. */
export async function fillSamples(pool: Pool, samples: number): Promise<void> {
  await inTurn(pool, sampleStatements(samples));
}

/** Makes every list one of a query that nobody else asked: its documents are pairs of their own in the click memory. */
export async function distinguishQueries(pool: Pool): Promise<void> {
  await inTurn(pool, [`update search set query = query || ' ' || learn_seq, query_key = query_key || ' ' || learn_seq where learn_seq is not null`]);
}

/** The same of runs, their checkpoints and when these served. */
export async function fillCheckpoints(pool: Pool): Promise<void> {
  await inTurn(pool, CHECKPOINT_STATEMENTS);
}

/** Each statement takes what is there when it runs. */
async function inTurn(pool: Pool, statements: readonly string[]): Promise<void> {
  for (const statement of [...statements, 'analyze']) await pool.query(statement);
}

const sampleStatements = (samples: number): string[] => [
  // The days that a server would have had partitions for.
  `do $$
  declare
    day timestamp;
    bounds text;
    kind text;
  begin
    for day in select generate_series(date_trunc('day', now() at time zone 'UTC') - interval '${DAYS} days', date_trunc('day', now() at time zone 'UTC') - interval '1 day', '1 day') loop
      select format('from (%L) to (%L)', min(id), max(id)) into bounds from (
        select rpad(lpad(to_hex((extract(epoch from day + since) * 1000)::bigint), 12, '0'), 32, '0') as id from unnest(array[interval '0', interval '1 day']) since) ends;
      foreach kind in array array['search', 'sample', 'click'] loop
        execute format('create table %I partition of %I for values %s', kind || '_' || to_char(day, 'YYYYMMDD'), kind, bounds);
      end loop;
    end loop;
  end
  $$`,
  // Searches: the real ones again and again, spread over the last weeks, sealed in the order in which they were shown.
  `create table copied as
    select source, (lpad(to_hex((extract(epoch from shown_at) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid as id, shown_at
    from (select s.id as source, now() - random() * interval '${DAYS} days' as shown_at from (select id, row_number() over () as nth, sample_count from search where sample_count = 10) s
    cross join generate_series(1, ceil(${Math.ceil(samples / 10)}.0 / (select count(*) from search where sample_count = 10))::int) round
    limit ${Math.ceil(samples / 10)}) c`,
  `insert into search (id, query, query_key, "limit", "offset", user_id, session_id, ranker_id, drawn_pair, swapped, interleaved, cold, sample_count, shown_at, settles_at, learn_seq)
    select c.id, s.query, s.query_key, s.limit, s.offset, 'user-' || (random() * 500)::int, s.session_id, s.ranker_id, s.drawn_pair, s.swapped, s.interleaved, s.cold, s.sample_count,
      c.shown_at, c.shown_at, (select last_seq from learning_order) + row_number() over (order by c.shown_at, c.id)
    from copied c join search s on s.id = c.source`,
  `insert into sample (search_id, position, document_id, base_position, base_score, score, click_probability, propensity, team, feature_set, features, label, click_count, clicked_at)
    select c.id, p.position, p.document_id, p.base_position, p.base_score, p.score, p.click_probability, p.propensity, p.team, p.feature_set, p.features, p.label, p.click_count,
      case when p.click_count > 0 then c.shown_at end
    from copied c join sample p on p.search_id = c.source`,
  `update counter set searches = counter.searches + c.searches, samples = counter.samples + c.samples, clicked = counter.clicked + c.clicked, settled = counter.settled + c.samples
    from (select count(distinct c.id) as searches, count(*) as samples, count(*) filter (where p.click_count > 0) as clicked from copied c join sample p on p.search_id = c.id) c where shard = 0`,
  `update learning_order set last_seq = last_seq + (select count(*) from copied), sealed_samples = sealed_samples + (select count(*) * 10 from copied)`,
  `drop table copied`,
];

const CHECKPOINT_STATEMENTS = [
  // Runs and checkpoints: every ninth was rejected, every fortieth failed; figures grow better with time.
  `create table made as
    select n, gen_random_uuid() as run_id, now() - (${CHECKPOINTS} - n) * interval '1 hour' as at, n % 9 = 0 as rejected,
      'ctr_model_online_' || lpad((n + 1)::text, 3, '0') as id
    from generate_series(1, ${CHECKPOINTS} - 1) n`,
  `insert into training_run (id, mode, model_type, trigger, status, activate, parent_id, learned_from, learned_through, sealed_from, samples, new_samples, progress, samples_done, number,
      queued_at, started_at, finished_at, reason, metrics, served_metrics, checkpoint_id, changed_at)
    select m.run_id, r.mode, r.model_type, r.trigger, case when m.rejected then 'REJECTED' else 'SUCCEEDED' end::training_status, true, null, r.learned_from, r.learned_through, r.sealed_from,
      r.samples, r.new_samples, 1, r.samples, m.n + 1, m.at, m.at, m.at + interval '800 milliseconds',
      case when m.rejected then 'The challenger predicted the newest clicks worse than what serves.' end,
      jsonb_set(r.metrics, '{logLoss}', to_jsonb(0.3 + 0.1 * exp(-m.n / 100.0) + 0.02 * random())),
      jsonb_set(coalesce(r.served_metrics, r.metrics), '{logLoss}', to_jsonb(0.31 + 0.1 * exp(-m.n / 100.0) + 0.02 * random())), m.id, m.at
    from made m, (select * from training_run where checkpoint_id is not null order by finished_at desc limit 1) r`,
  `insert into checkpoint (id, mode, number, model_type, status, path, bytes, sha256, created_at, parent_id, run_id, learned_through, metrics, examination, calibration_bins)
    select m.id, k.mode, m.n + 1, k.model_type, case when m.rejected then 'REJECTED' else 'AVAILABLE' end::checkpoint_status, 'ctr_online/' || m.id || '.safetensors', k.bytes, k.sha256, m.at,
      case when m.n > 1 then 'ctr_model_online_' || lpad(m.n::text, 3, '0') else k.id end, m.run_id, k.learned_through, (select metrics from training_run where id = m.run_id), k.examination, k.calibration_bins
    from made m, (select * from checkpoint order by number limit 1) k`,
  `insert into checkpoint_bytes select m.id, b.bytes from made m, checkpoint_bytes b`,
  `update checkpoint_number set value = ${CHECKPOINTS} where mode = 'ONLINE'`,
  // What served when: each that was not rejected, sometimes back to one before; in the end the real one, whose bytes can be read.
  `insert into activation (ranker_id, previous_id, reason, at)
    select id, lag(id, 1, 'base') over (order by n), 'TRAINED', at from made where not rejected order by n`,
  `insert into activation (ranker_id, previous_id, reason, evidence, at)
    select back.id, last.id, 'ROLLED_BACK', 'results for cat got worse', last.at + interval '1 minute' from made last join made back on back.n = last.n - 6 where last.n = ${CHECKPOINTS} - 1`,
  `insert into activation (ranker_id, previous_id, reason, at)
    select k.id, (select ranker_id from activation order by id desc limit 1), 'ACTIVATED', now() from (select * from checkpoint order by number limit 1) k`,
  `drop table made`,
];
