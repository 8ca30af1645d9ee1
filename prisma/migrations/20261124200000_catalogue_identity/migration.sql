-- What a catalogue is told apart by: a file with its index belongs to one database only.
alter table catalog add column identity uuid not null default gen_random_uuid();
