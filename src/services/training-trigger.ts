/** When an online run is due, and why it waits: two counters that only grow, compared. */
import type { CounterState } from '../database/counter-store.js';
import type { OnlineLearningConfig } from '../generated/prisma/client.js';

/**
 * A checkpoint of so many bytes may follow another after minSecondsBetweenRuns; a larger one after as many times that, so that
 * learning writes at most 2 MB a second at the default of one second. It is written three times: its file, its row, the database's log.
 */
const BYTES_A_PAUSE = 650_000;

/** Seconds between the openings of two online runs. A full click memory changes little in a second, and makes a checkpoint of 8 MB. */
export function pauseSeconds({ checkpointBytes }: Pick<CounterState, 'checkpointBytes'>, { minSecondsBetweenRuns }: Pick<OnlineLearningConfig, 'minSecondsBetweenRuns'>): number {
  return minSecondsBetweenRuns * Math.max(1, checkpointBytes / BYTES_A_PAUSE);
}

/** Settled samples that no run has sealed yet. */
export function sinceLastTraining(counters: CounterState): number {
  return counters.settled - counters.sealed;
}

export type TriggerState =
  | { due: false }
  /** Due, and nothing stands in the way. */
  | { due: true; waiting: null }
  /** Due, but waits; retryMs tells when time alone will have removed the obstacle. */
  | { due: true; waiting: { reason: string; retryMs: number | null } };

/** Compares the counters with the threshold, and looks for what keeps a due run waiting. */
export function triggerState(counters: CounterState, config: OnlineLearningConfig): TriggerState {
  const since = sinceLastTraining(counters);
  if (since < config.trainingThreshold) return { due: false };
  return { due: true, waiting: obstacle(counters, config) };
}

function obstacle(counters: CounterState, config: OnlineLearningConfig): { reason: string; retryMs: number | null } | null {
  if (!config.enabled) return { reason: 'Online learning is disabled: set enabled to true to train.', retryMs: null };
  if (counters.clicked === 0) return { reason: 'No click has been recorded yet: there is nothing to tell good results from others.', retryMs: null };
  if (counters.clicked >= counters.samples) return { reason: 'Every result shown was clicked: there is nothing to tell good results from others.', retryMs: null };
  if (counters.openOnlineRunId !== null) return { reason: 'A training run is under way: the next one starts when it has ended.', retryMs: null };
  const waited = counters.secondsSinceLastRun;
  const pause = pauseSeconds(counters, config);
  if (waited === null || waited >= pause) return null;
  const seconds = pause - waited;
  const isLonger = pause > config.minSecondsBetweenRuns;
  const why = isLonger ? `minSecondsBetweenRuns, ${(pause / config.minSecondsBetweenRuns).toFixed(1)} times as long for a checkpoint of ${(counters.checkpointBytes / 1e6).toFixed(1)} MB` : 'minSecondsBetweenRuns';
  return { reason: `The last run opened ${waited.toFixed(1)} s ago: the pause between runs (${why}) ends in ${seconds.toFixed(1)} s.`, retryMs: seconds * 1_000 };
}
