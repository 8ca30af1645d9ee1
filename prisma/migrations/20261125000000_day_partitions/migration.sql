-- Day partitions: searches, samples and clicks lie in a table a day, by the time in the search's UUIDv7; what is past its retention goes with its table.

lock table search, sample, click in access exclusive mode;

alter table search rename to search_before;
alter table sample rename to sample_before;
alter table click rename to click_before;
alter index search_pkey rename to search_before_pkey;
alter index search_learn_seq_idx rename to search_before_learn_seq_idx;
alter index search_shown_at_idx rename to search_before_shown_at_idx;
alter index search_user_id_idx rename to search_before_user_id_idx;
alter index search_unsealed_idx rename to search_before_unsealed_idx;
alter index search_ranker_learned_idx rename to search_before_ranker_learned_idx;
alter index sample_pkey rename to sample_before_pkey;
alter index sample_document_id_idx rename to sample_before_document_id_idx;
alter index click_pkey rename to click_before_pkey;
alter index click_learn_seq_idx rename to click_before_learn_seq_idx;
alter index click_late_unsealed_idx rename to click_before_late_unsealed_idx;

-- The three have the same partitions, so that a search, its samples and its clicks always go together. No foreign keys, as before: a
-- reference would have the referenced rows looked for, and the referencing table locked, when a partition goes.
create table search (like search_before including defaults including constraints including storage, primary key (id)) partition by range (id);
create table sample (like sample_before including defaults including constraints including storage, primary key (search_id, position)) partition by range (search_id);
create table click (like click_before including defaults including constraints including storage, primary key (search_id, document_id, event_id)) partition by range (search_id);

-- Training reads in learning order.
create index search_learn_seq_idx on search (learn_seq);
-- Retention and the data quality card read by time.
create index search_shown_at_idx on search (shown_at);
-- deleteUserData.
create index search_user_id_idx on search (user_id);
-- Sealing finds what has settled and is not sealed, without passing over what is.
create index search_unsealed_idx on search (settles_at) where learn_seq is null;
-- liveMetrics: the newest sealed searches that a ranker served, without passing over those of others.
create index search_ranker_learned_idx on search (ranker_id, learn_seq) where learn_seq is not null;
create index sample_document_id_idx on sample (document_id);
create index click_learn_seq_idx on click (learn_seq);
-- Sealing numbers the late clicks that have no number yet.
create index click_late_unsealed_idx on click (clicked_at) where late and learn_seq is null;

-- What no other partition takes: ids of a clock that is wrong, and every id while the service could not make partitions.
create table search_default partition of search default;
create table sample_default partition of sample default;
create table click_default partition of click default;

-- What was stored before becomes one partition, up to the next midnight (UTC): its indexes fit, so nothing is copied or built; it is read
-- through once, for PostgreSQL sees for itself that every id lies below the bound. An id that does not goes to the default partition.
do $$
declare
  midnight timestamptz := (date_trunc('day', now() at time zone 'UTC') + interval '1 day') at time zone 'UTC';
  bound uuid := (rpad(lpad(to_hex((extract(epoch from midnight) * 1000)::bigint), 12, '0'), 32, '0'))::uuid;
begin
  if exists (select from search_before) or exists (select from sample_before) or exists (select from click_before) then
    with moved as (delete from search_before where id >= bound returning *) insert into search_default select * from moved;
    with moved as (delete from sample_before where search_id >= bound returning *) insert into sample_default select * from moved;
    with moved as (delete from click_before where search_id >= bound returning *) insert into click_default select * from moved;
    execute format('alter table search attach partition search_before for values from (minvalue) to (%L)', bound);
    execute format('alter table sample attach partition sample_before for values from (minvalue) to (%L)', bound);
    execute format('alter table click attach partition click_before for values from (minvalue) to (%L)', bound);
  else
    drop table search_before, sample_before, click_before;
  end if;
end
$$;

-- Below this id nothing is left to seal or to click on: what looks for it need not ask the days before. Raised by maintenance, lowered by a search with a lower id.
alter table learning_order add column open_from uuid not null default '00000000-0000-0000-0000-000000000000';

-- Where what a run sealed lies, so that who reads a part of the learning order asks only the days concerned; null: nobody noted it.
alter table training_run add column lowest_search_id uuid;
alter table training_run add column highest_search_id uuid;
create index training_run_learned_through_idx on training_run (learned_through);
