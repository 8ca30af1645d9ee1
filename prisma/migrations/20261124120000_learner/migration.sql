-- The learner: the proof on users by interleaving, what a run departed by, content models that start again, and the settings' new defaults.

create type team as enum ('LEARNED', 'BASE');

alter table search add column interleaved boolean not null default false;
alter table search add column cold boolean not null default false;
alter table sample add column team team;

alter table training_run add column departure text;
alter table training_run add column content_reset boolean not null default false;

create table proof_tally (
  run_id uuid not null,
  activation_id bigint not null,
  shown_from timestamptz(3) not null,
  shown_until timestamptz(3) not null,
  wins bigint not null,
  losses bigint not null,
  ties bigint not null,
  cold_wins bigint not null,
  cold_losses bigint not null,
  cold_ties bigint not null,
  primary key (run_id, activation_id)
);
-- learningProof(since) sums what was shown since then from the index alone.
create index proof_tally_shown_from_idx on proof_tally (shown_from) include (wins, losses, ties, cold_wins, cold_losses, cold_ties);

create table proof_lineage (
  activation_id bigint primary key,
  wins bigint not null default 0,
  losses bigint not null default 0,
  ties bigint not null default 0,
  cold_wins bigint not null default 0,
  cold_losses bigint not null default 0,
  cold_ties bigint not null default 0,
  cold_alarm double precision not null default 1
);
-- The lineage in force begins with the newest activation that was no training's.
create index activation_lineage_idx on activation (id) where reason <> 'TRAINED';

alter table online_learning_config alter column model_type set default 'INCREMENTAL';
alter table online_learning_config alter column proof_rate set default 0.05;
-- LOGISTIC was only the default where nobody has changed the settings; 0 was the only rate that could be set.
update online_learning_config set model_type = 'INCREMENTAL' where model_type = 'LOGISTIC' and revision = 1;
update online_learning_config set proof_rate = 0.05 where proof_rate = 0;
