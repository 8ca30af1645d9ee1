/** How often trainings come at the present rate of samples, so that a threshold means something. */
import type { RunFragment } from '../../generated/operations.js';

const MINUTE_MS = 60_000;

/**
 * Samples a minute, over the time since the oldest run given: what the later runs took, and what has settled since. null without a run to count from.
 * Newest run first, as the server lists them.
 */
export function samplesPerMinute(runs: readonly Pick<RunFragment, 'queuedAt' | 'newSamples'>[], sinceLastTraining: number, nowMs: number): number | null {
  const oldest = runs.at(-1);
  if (!oldest) return null;
  const elapsedMs = nowMs - Date.parse(oldest.queuedAt);
  const samples = sinceLastTraining + runs.slice(0, -1).reduce((sum, { newSamples }) => sum + newSamples, 0);
  return elapsedMs > 0 && samples > 0 ? (samples * MINUTE_MS) / elapsedMs : null;
}

/** The time from one training to the next, in milliseconds. */
export function paceMs(threshold: number, perMinute: number, minSecondsBetweenRuns: number): number {
  return Math.max((threshold / perMinute) * MINUTE_MS, minSecondsBetweenRuns * 1_000);
}
