-- Figures: how a checkpoint predicted while it served, and the history of runs for charts.

-- liveMetrics: the newest sealed searches that a ranker served, without passing over those of others.
create index search_ranker_learned_idx on search (ranker_id, learn_seq) where learn_seq is not null;

-- metricsHistory: ended runs from the newest on.
create index training_run_finished_at_idx on training_run (finished_at desc, id desc) where finished_at is not null;
