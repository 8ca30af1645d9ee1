/** When an online run is due: the pause between runs and what is said of it. */
import { expect, test } from '@jest/globals';
import type { CounterState } from '../../../src/database/counter-store.js';
import type { OnlineLearningConfig } from '../../../src/generated/prisma/client.js';
import { pauseSeconds, triggerState } from '../../../src/services/training-trigger.js';

const due: CounterState = {
  searches: 50,
  samples: 500,
  clicked: 50,
  settled: 500,
  sealed: 300,
  examinations: 150,
  nextSettleMs: null,
  dueBuckets: 0,
  openOnlineRunId: null,
  secondsSinceLastRun: 3,
  checkpointBytes: 0,
  runsLastHour: 4,
  now: new Date(0),
};
const config: OnlineLearningConfig = {
  id: 1,
  enabled: true,
  trainingThreshold: 100,
  checkpointRetention: 5,
  modelPrefix: 'ctr_model_online',
  modelType: 'INCREMENTAL',
  attributionWindowSeconds: 10,
  explorationRate: 0.5,
  proofRate: 0.05,
  minSecondsBetweenRuns: 1,
  sampleRetentionDays: 90,
  revision: 1,
  updatedAt: new Date(0),
};

test('after a small checkpoint the pause is what is configured', () => {
  expect(pauseSeconds({ checkpointBytes: 0 }, config)).toBe(1);
  expect(pauseSeconds({ checkpointBytes: 650_000 }, config)).toBe(1);
  expect(triggerState(due, config)).toEqual({ due: true, waiting: null });
});

test('after a large checkpoint the pause is as long as keeps three copies of it below 2 MB a second', () => {
  for (const checkpointBytes of [1e6, 8.2e6, 13e6]) expect((3 * checkpointBytes) / pauseSeconds({ checkpointBytes }, config)).toBeLessThanOrEqual(2e6);
  expect(triggerState({ ...due, checkpointBytes: 6.5e6 }, config)).toEqual({
    due: true,
    waiting: {
      reason: 'The last run opened 3.0 s ago: the pause between runs (minSecondsBetweenRuns, 10.0 times as long for a checkpoint of 6.5 MB) ends in 7.0 s.',
      retryMs: 7_000,
    },
  });
});

test('without a pause configured there is none, whatever a checkpoint weighs', () => {
  expect(triggerState({ ...due, checkpointBytes: 13e6, secondsSinceLastRun: 0 }, { ...config, minSecondsBetweenRuns: 0 })).toEqual({ due: true, waiting: null });
});
