-- The loop: catalogue, searches, samples, clicks, training runs, checkpoints, activations, settings, counters.

create type training_mode as enum ('ONLINE', 'OFFLINE');
create type model_type as enum ('LOGISTIC', 'INCREMENTAL');
create type training_trigger as enum ('THRESHOLD', 'MANUAL');
create type training_status as enum ('QUEUED', 'RUNNING', 'SUCCEEDED', 'REJECTED', 'FAILED', 'CANCELLED');
create type checkpoint_status as enum ('AVAILABLE', 'REJECTED', 'ARCHIVED', 'REMOVED');
create type reload_reason as enum ('STARTUP', 'TRAINED', 'ACTIVATED', 'ROLLED_BACK', 'AUTO_ROLLED_BACK', 'RELOADED');

create table document (
  id text primary key,
  title text not null,
  body text not null default '',
  attributes jsonb not null default '{}',
  impressions bigint not null default 0,
  clicks bigint not null default 0,
  revision bigint not null,
  updated_at timestamptz(3) not null default now()
);
-- What changed since the revision a process has indexed.
create index document_revision_id_idx on document (revision, id);

create table deleted_document (
  id text primary key,
  revision bigint not null
);
create index deleted_document_revision_idx on deleted_document (revision);

create table catalog (
  id integer primary key default 1 check (id = 1),
  revision bigint not null default 0,
  language text
);
insert into catalog default values;

create table search (
  id uuid primary key,
  query text not null,
  query_key text not null,
  "limit" integer not null,
  "offset" integer not null,
  user_id text,
  session_id text,
  ranker_id text not null,
  drawn_pair integer,
  swapped boolean not null,
  sample_count integer not null,
  shown_at timestamptz(3) not null,
  settles_at timestamptz(3) not null,
  learn_seq bigint
);
-- Training reads in learning order.
create index search_learn_seq_idx on search (learn_seq);
-- Retention and the data quality card read by time.
create index search_shown_at_idx on search (shown_at);
-- deleteUserData.
create index search_user_id_idx on search (user_id);
-- Sealing finds what has settled and is not sealed, without passing over what is.
create index search_unsealed_idx on search (settles_at) where learn_seq is null;

create table sample (
  search_id uuid not null,
  position integer not null,
  document_id text not null,
  base_position integer not null,
  base_score double precision not null,
  score double precision not null,
  click_probability double precision not null,
  propensity double precision,
  feature_set integer not null,
  features real[] not null,
  label boolean not null default false,
  click_count integer not null default 0,
  clicked_at timestamptz(3),
  primary key (search_id, position)
);
create index sample_document_id_idx on sample (document_id);

create table click (
  search_id uuid not null,
  document_id text not null,
  event_id text not null,
  position integer not null,
  clicked_at timestamptz(3) not null,
  occurred_at timestamptz(3),
  late boolean not null,
  learn_seq bigint,
  primary key (search_id, document_id, event_id)
);
create index click_learn_seq_idx on click (learn_seq);
-- Sealing numbers the late clicks that have no number yet.
create index click_late_unsealed_idx on click (clicked_at) where late and learn_seq is null;

create table counter (
  shard integer primary key check (shard between 0 and 15),
  searches bigint not null default 0,
  samples bigint not null default 0,
  clicked bigint not null default 0,
  settled bigint not null default 0,
  examinations double precision not null default 0
) with (fillfactor = 20);
insert into counter (shard) select generate_series(0, 15);

create table settle_bucket (
  settles_at timestamptz(3) not null,
  shard integer not null,
  samples bigint not null,
  primary key (settles_at, shard)
);

create table learning_order (
  id integer primary key default 1 check (id = 1),
  last_seq bigint not null default 0,
  sealed_samples bigint not null default 0,
  folded_samples bigint not null default 0,
  resumes_after bigint not null default 0
);
insert into learning_order default values;

create table training_run (
  id uuid primary key,
  mode training_mode not null,
  model_type model_type not null,
  trigger training_trigger not null,
  status training_status not null,
  activate boolean not null,
  parent_id text,
  learned_from bigint not null,
  learned_through bigint not null,
  sealed_from bigint not null,
  activation_id bigint,
  set_aside jsonb not null default '[]',
  samples bigint not null default 0,
  new_samples bigint not null,
  progress double precision not null default 0,
  samples_done bigint not null default 0,
  log_loss double precision,
  number integer,
  queued_at timestamptz(3) not null,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  reason text,
  metrics jsonb,
  served_metrics jsonb,
  checkpoint_id text,
  cancel_requested boolean not null default false,
  fencing integer not null default 0,
  attempts integer not null default 0,
  lease_until timestamptz(3),
  changed_at timestamptz(3) not null
);
-- One open run a mode, whatever the number of processes.
create unique index training_run_open_idx on training_run (mode) where status in ('QUEUED', 'RUNNING');
create index training_run_queued_at_id_idx on training_run (queued_at, id);
-- Other processes look for what changed since they last looked.
create index training_run_changed_at_idx on training_run (changed_at);

create table checkpoint (
  id text primary key,
  mode training_mode not null,
  number integer not null,
  model_type model_type not null,
  status checkpoint_status not null,
  path text not null,
  bytes bigint not null,
  sha256 text not null,
  created_at timestamptz(3) not null,
  parent_id text,
  run_id uuid not null,
  learned_through bigint not null,
  set_aside jsonb not null default '[]',
  metrics jsonb,
  examination double precision[],
  calibration_bins jsonb not null default '[]',
  removed_at timestamptz(3)
);
create unique index checkpoint_mode_number_key on checkpoint (mode, number);
create index checkpoint_created_at_id_idx on checkpoint (created_at, id);
-- Retention and storage figures read what is kept, never the removed ones.
create index checkpoint_kept_idx on checkpoint (mode, status, number) where status <> 'REMOVED';
create index checkpoint_removed_at_idx on checkpoint (removed_at) where removed_at is not null;

create table checkpoint_bytes (
  checkpoint_id text primary key,
  bytes bytea not null
);
-- Compressing weights gains little and costs time at every run.
alter table checkpoint_bytes alter column bytes set storage external;

create table checkpoint_number (
  mode training_mode primary key,
  value integer not null default 0
);
insert into checkpoint_number (mode) values ('ONLINE'), ('OFFLINE');

create table activation (
  id bigserial primary key,
  ranker_id text not null,
  previous_id text not null,
  reason reload_reason not null,
  evidence text,
  at timestamptz(3) not null,
  returns_to bigint,
  resumes_after bigint not null default 0
);
create index activation_ranker_id_id_idx on activation (ranker_id, id);

create table online_learning_config (
  id integer primary key default 1 check (id = 1),
  enabled boolean not null default true,
  training_threshold integer not null default 100,
  checkpoint_retention integer not null default 5,
  model_prefix text not null default 'ctr_model_online',
  model_type model_type not null default 'LOGISTIC',
  attribution_window_seconds integer not null default 10,
  exploration_rate double precision not null default 0.5,
  proof_rate double precision not null default 0,
  min_seconds_between_runs double precision not null default 1,
  sample_retention_days integer not null default 90,
  revision integer not null default 1,
  updated_at timestamptz(3) not null default now()
);
insert into online_learning_config default values;
