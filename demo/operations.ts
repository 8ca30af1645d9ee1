/** What the demo asks of the server, and the shapes of the answers. */

export interface SampleStats {
  total: number;
  positive: number;
  clickRate: number;
  searches: number;
  unsettled: number;
  /** Samples sealed by runs so far. */
  lastTrainingTotal: number;
  sinceLastTraining: number;
  threshold: number;
  untilTrigger: number;
  waitingReason: string | null;
}
const SAMPLE_STATS = 'total positive clickRate searches unsettled lastTrainingTotal sinceLastTraining threshold untilTrigger waitingReason';

export interface Metrics {
  logLoss: number | null;
  auc: number | null;
}

export interface StartedRun {
  id: string;
  mode: 'ONLINE' | 'OFFLINE';
  trigger: 'THRESHOLD' | 'MANUAL';
  newSamples: number;
}

export interface FinishedRun {
  id: string;
  status: 'SUCCEEDED' | 'REJECTED' | 'FAILED' | 'CANCELLED';
  reason: string | null;
  metrics: Metrics | null;
  servedMetrics: Metrics | null;
  checkpoint: { id: string } | null;
}

export interface Reload {
  ranker: { id: string; name: string };
  reason: 'STARTUP' | 'TRAINED' | 'ACTIVATED' | 'ROLLED_BACK' | 'AUTO_ROLLED_BACK' | 'RELOADED';
}

/** What interleaved searches prove so far: learning's wins and losses against the base ranker. */
export interface ProofFigures {
  wins: number;
  losses: number;
  winRate: number | null;
  lower: number | null;
  upper: number | null;
  verdict: 'TOO_EARLY' | 'BETTER' | 'WORSE' | 'UNDECIDED';
}

export interface CheckpointFacts {
  path: string;
  /** Whether it has come to serve. */
  activations: { edges: readonly unknown[] };
}

export interface Activation {
  reason: Reload['reason'];
  evidence: string | null;
}

export interface Overview {
  sampleStats: SampleStats;
  activeRanker: { id: string; name: string };
  documents: { edges: readonly unknown[] };
}

export const OVERVIEW = `{ sampleStats { ${SAMPLE_STATS} } activeRanker { id name } documents(first: 1) { edges { cursor } } }`;
export const DOCUMENT_IDS = 'query($after: String) { documents(first: 200, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }';
export const IMPORT = 'mutation($documents: [DocumentInput!]!) { importDocuments(input: { documents: $documents }) { imported errors { message } } }';
export const CONFIGURE = 'mutation($input: UpdateOnlineLearningConfigInput!) { updateOnlineLearningConfig(input: $input) { config { revision } } }';
export const SEARCH = 'mutation($input: SearchInput!) { search(input: $input) { searchId results { document { id } } } }';
export const CLICK = 'mutation($input: RecordClickInput!) { recordClick(input: $input) { duplicate } }';
export const CHECKPOINT = 'query($id: ID!) { checkpoint(id: $id) { path activations(first: 1) { edges { cursor } } } }';
export const ACTIVATIONS = '{ activations(first: 5) { edges { node { reason evidence } } } }';
export const PROOF = '{ learningProof { all { wins losses winRate lower upper verdict } } }';

export const STATS_EVENTS = `subscription { sampleStats { ${SAMPLE_STATS} } }`;
export const STARTED_EVENTS = 'subscription { trainingStarted { id mode trigger newSamples } }';
// Only what the event itself holds: a look into the database would delay it, and with it the time to the reload that is measured.
export const FINISHED_EVENTS = 'subscription { trainingFinished { id status reason metrics { logLoss auc } servedMetrics { logLoss auc } checkpoint { id } } }';
export const RELOAD_EVENTS = 'subscription { modelReloaded { ranker { id name } reason } }';
export const REMOVAL_EVENTS = 'subscription { checkpointRemoved { name } }';
