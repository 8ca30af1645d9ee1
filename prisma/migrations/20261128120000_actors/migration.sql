-- A cap on what one actor can teach. Columns of the partitioned parent reach every day in the catalogue alone: nothing is rewritten or read.

-- Who searched (user, session or address), as a keyed digest; taken away when a run seals the search. Null: not known, an actor of its own.
alter table search add column actor bigint;
-- Decided once, by the run that seals: its actor had searched more than one may teach, so it is not learned, by this run or a later one.
alter table search add column capped boolean not null default false;
alter table training_run add column capped_samples bigint not null default 0;

-- What belongs to this installation alone: the key of the digests, 244 random bits.
create table installation (id int primary key default 1 check (id = 1), actor_key bytea not null);
insert into installation (actor_key) values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
