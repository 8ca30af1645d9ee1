/** The two small vocabularies that training and checkpoints share. */

/**
 * Which content model a ranker carries. LOGISTIC: batch logistic regression (ml-logistic-regression), refitted on a
 * window of samples. INCREMENTAL: online logistic regression, one second-order step a sample. Both hold the same
 * state (weights and covariance), so that a run of one kind can go on from a checkpoint of the other.
 */
export type ModelType = 'LOGISTIC' | 'INCREMENTAL';

/** ONLINE goes on from its parent with what is new; OFFLINE has no parent and replays everything stored. */
export type TrainingMode = 'ONLINE' | 'OFFLINE';
