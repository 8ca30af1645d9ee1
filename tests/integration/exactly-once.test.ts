/** Two hundred clients at once, a run after every fifty samples: each sample and each late click is sealed once, and learned once by what serves. */
import { afterEach, expect, test } from '@jest/globals';
import type { Answer } from '../support/api-client.js';
import { impatientCrowd, THINGS_IN_COLOURS } from '../support/impatient-crowd.js';
import { learningAccount } from '../support/learning-account.js';
import { click, configure, importDocuments, sampleStats } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { activate, rollBack, trainRest, watch } from '../support/training.js';

let running: RunningApp;

afterEach(() => running.stop());

test.each([0, 1])(
  'with an attribution window of %i s every sample is sealed once and learned once, and no request fails',
  async (attributionWindowSeconds) => {
    running = await startApp();
    const { client } = running;
    await importDocuments(client, THINGS_IN_COLOURS);
    await configure(client, { trainingThreshold: 50, attributionWindowSeconds, minSecondsBetweenRuns: 0 });
    const log = await watch(client);

    const report = await impatientCrowd([client], { users: 200, rounds: 2 });
    expect(report.errors).toEqual([]);
    expect(report.searches).toBe(400);
    await settled();
    await trainRest(client, log);
    // All is sealed: these are late.
    await Promise.all(report.unclicked.map((late) => click(client, late.searchId, late.documentId)));
    await trainRest(client, log);

    const account = await learningAccount(running);
    expect(account).toMatchObject({ misnumbered: 0, miscountedRuns: 0, mislabelled: 0, early: 0, setAside: [] });
    expect(account.sealedOrWaiting).toBe(account.settled);
    expect(account.settled).toBe((await sampleStats(client)).total);
    expect(account.lineage.length).toBeGreaterThan(1);
    expect(account.stored.samples).toBe(account.settled);
    expect(account.stored.lateClicks).toBeGreaterThanOrEqual(200);
    expect(account.reportedSamples).toBe(account.stored.samples);
    expect(account.remembered.clicks).toBeCloseTo(account.stored.clicks + account.stored.lateClicks, 0);
    expect(account.remembered.examinations / account.stored.examinations).toBeCloseTo(1, 4);
    const finished = log.events.flatMap((event: Answer) => event.trainingFinished ?? []);
    expect(finished.every((run: Answer) => run.status === 'SUCCEEDED')).toBe(true);
    // Models were swapped under their searches.
    expect(report.rankers.size).toBeGreaterThan(1);
  },
  120_000,
);

test('while versions are activated, rolled back and replayed under load, what is set aside is said, and the rest is learned once', async () => {
  running = await startApp();
  const { client } = running;
  await importDocuments(client, THINGS_IN_COLOURS);
  await configure(client, { trainingThreshold: 50, attributionWindowSeconds: 0, minSecondsBetweenRuns: 0 });
  const log = await watch(client);

  let done = false;
  const crowd = impatientCrowd([client], { users: 12, rounds: () => !done });
  const promoted = (count: number): Promise<Answer[]> => log.count(count, (event: Answer) => event.modelReloaded?.reason === 'TRAINED', 40_000);
  try {
    await promoted(2);
    await rollBack(client, 'to see what comes back');
    await promoted(3);
    await activate(client, 'ctr_model_online_001');
    await promoted(5);
  } finally {
    done = true;
  }
  const report = await crowd;
  await trainRest(client, log);

  expect(report.errors).toEqual([]);
  const account = await learningAccount(running);
  expect(account).toMatchObject({ misnumbered: 0, miscountedRuns: 0, mislabelled: 0, early: 0 });
  expect(account.sealedOrWaiting).toBe(account.settled);
  expect(account.setAside).not.toEqual([]);
  expect(account.stored.samples).toBeLessThan(account.settled);
  expect(account.reportedSamples).toBe(account.stored.samples);
  expect(account.remembered.clicks).toBeCloseTo(account.stored.clicks + account.stored.lateClicks, 0);
  expect(account.remembered.examinations / account.stored.examinations).toBeCloseTo(1, 4);
}, 120_000);

/** Everything shown has settled. */
async function settled(): Promise<void> {
  const counts = await running.client.subscribe('subscription { sampleStats { unsettled } }');
  await counts.next((event: Answer) => event.sampleStats.unsettled === 0, { timeoutMs: 30_000 });
}
