/** Many clients at once, a run after every fifty samples: each sample and each late click is sealed once, and learned once by what serves. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { Answer } from '../support/api-client.js';
import { startChild, type ChildApp } from '../support/child-app.js';
import { impatientCrowd, THINGS_IN_COLOURS, type CrowdReport } from '../support/impatient-crowd.js';
import { learningAccount, type LearningAccount } from '../support/learning-account.js';
import { click, configure, importDocuments, sampleStats } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { holdEnding, letLeaseEnd, runRow, until, waitsToSave } from '../support/runs-in-trouble.js';
import { activate, ended, holdSaving, releaseLocks, rollBack, train, trainModel, trainRest, watch } from '../support/training.js';

/** Nothing is drawn or interleaved, so that examination stays the prior: what was learned can then be counted to the last click. */
const SETTINGS = { trainingThreshold: 50, attributionWindowSeconds: 0, minSecondsBetweenRuns: 0, explorationRate: 0, proofRate: 0 };
let running: RunningApp;
let children: ChildApp[] = [];

afterEach(async () => {
  await releaseLocks();
  for (const child of children.splice(0)) await child.kill();
  await running.stop();
});

async function startThings(settings: Record<string, unknown> = {}): Promise<void> {
  running = await startApp();
  await importDocuments(running.client, THINGS_IN_COLOURS);
  await configure(running.client, { ...SETTINGS, ...settings });
}

/** Everything that was sealed is learned once by what serves, set aside, or offered to the next run; and the memory is the sum of what was learned. */
async function expectToClose(account: LearningAccount): Promise<void> {
  expect(account).toMatchObject({ misnumbered: 0, miscountedRuns: 0, mislabelled: 0, early: 0, notOfferedAgain: 0, misremembered: [] });
  expect(account.sealedOrWaiting).toBe(account.settled);
  expect(account.settled).toBe((await sampleStats(running.client)).total);
  expect(account.learnedSamples + account.cappedSamples + account.setAsideSamples + account.offeredSamples).toBe(account.settled);
  expect(account.reportedSamples).toBe(account.learnedSamples);
  expect(account.remembered.clicks).toBeCloseTo(account.clicks + account.lateClicks, 0);
}

/** Where no run was refused all is learned but what is capped; elsewhere what runs refused twice is left out, and nothing more. How much that is is chance. */
async function expectOnlyTheRefusedSetAside({ setAside, learnedSamples, lateClicks }: LearningAccount): Promise<void> {
  const refused = await running.sql(`select learned_from::int as from, learned_through::int as through from training_run where status = 'REJECTED'`);
  for (const [after, through] of setAside) {
    expect(refused.map((run) => run.from)).toContain(after);
    expect(refused.map((run) => run.through)).toContain(through);
  }
  expect(learnedSamples).toBeGreaterThan(0);
  expect(lateClicks).toBeGreaterThan(0);
}

/** A refused run says why; everything else succeeded. */
function expectToBeExplained(runs: readonly Answer[]): void {
  for (const { status, reason } of runs) if (status !== 'SUCCEEDED') expect({ status, reason }).toEqual({ status: 'REJECTED', reason: expect.stringMatching(/ expected in /) });
}

test.each([0, 1])(
  'with an attribution window of %i s every sample is sealed once and learned once, and no request fails',
  async (attributionWindowSeconds) => {
    await startThings({ attributionWindowSeconds });
    const { client } = running;
    const log = await watch(client);

    // Until models were swapped under their searches.
    const report = await impatientCrowd([client], { users: 200, rounds: (round, soFar) => round < 2 || soFar.rankers.size < 2 });
    expect(report.errors).toEqual([]);
    expect(report.searches).toBeGreaterThanOrEqual(400);
    await settled();
    await trainRest(client, log);
    // All is sealed: these are late.
    await Promise.all(report.unclicked.map((late) => click(client, late.searchId, late.documentId)));
    await trainRest(client, log);

    const account = await learningAccount(running);
    await expectToClose(account);
    expect(account.lineage.length).toBeGreaterThan(1);
    expect(account.offeredSamples).toBe(0);
    await expectOnlyTheRefusedSetAside(account);
    expectToBeExplained(log.events.flatMap((event: Answer) => event.trainingFinished ?? []));
  },
  120_000,
);

test('what is capped of one who searches too much is sealed once and learned by nobody: not online, not late, not by a replay, not after it', async () => {
  await startThings({ trainingThreshold: 600 });
  const { client } = running;
  const log = await watch(client);

  const report = await impatientCrowd([client], { users: 200, rounds: 4, userIdOf: (nth) => (nth % 3 === 0 ? 'one-of-them' : `user-${nth}`) });
  expect(report.errors).toEqual([]);
  await settled();
  await trainRest(client, log);
  const late = report.unclicked;
  await Promise.all(late.slice(0, 100).map(({ searchId, documentId }) => click(client, searchId, documentId)));
  await trainRest(client, log);

  const account = await learningAccount(running);
  await expectToClose(account);
  expect(account.offeredSamples).toBe(0);
  expect(account.cappedSamples).toBeGreaterThan(0);
  expect(account.lateClicks).toBeGreaterThan(0);
  const [{ count }] = await running.sql('select count(*)::int from click k join search s on s.id = k.search_id where k.late and k.learn_seq is not null and s.capped');
  expect(count).toBeGreaterThan(0);

  // Forgetting who searched brings nothing back.
  await client.query('mutation { deleteUserData(input: { userId: "one-of-them" }) { searches } }');
  expect(await train(client, log, { mode: 'OFFLINE' })).toMatchObject({ status: 'SUCCEEDED', samples: account.settled - (await capped()), newSamples: 0 });
  await Promise.all(late.slice(100).map(({ searchId, documentId }) => click(client, searchId, documentId)));
  await trainRest(client, log);
  const replayed = await learningAccount(running);
  await expectToClose(replayed);
  expect({ capped: replayed.cappedSamples, offered: replayed.offeredSamples }).toEqual({ capped: await capped(), offered: 0 });
  expect(replayed.lineage[0]?.parentId).toBeNull();
}, 120_000);

test('while versions are activated, rolled back and replayed under load, what is set aside is said and does not come back, and the rest is learned once', async () => {
  await startThings();
  const { client } = running;
  const log = await watch(client);

  const crowd = goOn(12);
  const promoted = (count: number): Promise<Answer[]> => log.count(count, (event: Answer) => event.modelReloaded?.reason === 'TRAINED', 60_000);
  let replayed: Answer;
  try {
    await promoted(2);
    replayed = await train(client, log, { mode: 'OFFLINE' });
    const served = log.events.filter((event: Answer) => event.modelReloaded?.reason === 'TRAINED').length;
    await promoted(served + 1);
    await rollBack(client, 'to see what comes back');
    await promoted(served + 2);
    await activate(client, replayed.checkpoint.id);
    await promoted(served + 4);
  } finally {
    crowd.stop();
  }
  const report = await crowd.over;
  await trainRest(client, log);

  expect(report.errors).toEqual([]);
  const account = await learningAccount(running);
  await expectToClose(account);
  expect(account.lineage[0]?.id).toBe(replayed.checkpoint.id);
  // What was learned between the replay and the activation, at least.
  expect(account.setAsideSamples).toBeGreaterThan(0);
  expect(account.lineage.length).toBeGreaterThan(2);
}, 180_000);

test('two processes, of which one is killed while it saves and again while it ends a run, seal and learn everything once', async () => {
  await startThings({ attributionWindowSeconds: 1 });
  const { client } = running;
  const log = await watch(client);
  const crowd = goOn(3);
  try {
    for (const moment of ['BEFORE_THE_FILE', 'BEFORE_THE_END']) {
      const child = await startChild(running);
      children.push(child);
      // Its users are cut off with it.
      const cutOff = expect(impatientCrowd([child.client], { users: 2, rounds: Infinity })).rejects.toThrow();
      await pauseRuns(child);
      const saving = await holdSaving(running, 'ONLINE');
      await settled(SETTINGS.trainingThreshold);
      const { id } = await trainModel(child.client, { mode: 'ONLINE' });
      await waitsToSave(running);
      const ending = moment === 'BEFORE_THE_END' ? await holdEnding(running) : null;
      if (ending) {
        await saving.release();
        await until(async () => (await files()).includes(`ctr_model_online_${String((await runRow(running, id)).number).padStart(3, '0')}.safetensors`));
      }
      await child.kill();
      children = children.filter((other) => other !== child);
      await cutOff;
      await (ending ?? saving).release();
      await letLeaseEnd(running, client, id);
      const run = await ended(log, id);
      expect(await runRow(running, id)).toMatchObject({ attempts: 2, fencing: 2 });
      expectToBeExplained([run]);
      await configure(client, { enabled: true });
      await log.next((event: Answer) => event.trainingFinished, { from: log.events.length });
    }
  } finally {
    crowd.stop();
  }
  const report = await crowd.over;
  expect(report.errors).toEqual([]);
  await settled();
  await trainRest(client, log);
  await Promise.all(report.unclicked.map((late) => click(client, late.searchId, late.documentId)));
  await trainRest(client, log);

  const account = await learningAccount(running);
  await expectToClose(account);
  expect(account.offeredSamples).toBe(0);
  await expectOnlyTheRefusedSetAside(account);
  // What the killed process had written for a run that others ended is gone.
  expect(await files()).toEqual(await kept());
}, 240_000);

/** Runs open by hand only, in both processes, and none is open. */
async function pauseRuns({ client }: ChildApp): Promise<void> {
  await configure(running.client, { enabled: false });
  await until(async () => !(await client.query('{ onlineLearningConfig { enabled } }')).onlineLearningConfig.enabled);
  // One that was about to open then may still do so.
  for (let looks = 0; looks < 3; looks++) {
    await sleep(200);
    await until(async () => (await running.sql(`select 1 from training_run where status in ('QUEUED', 'RUNNING')`)).length === 0);
  }
}

/** A crowd that goes on until it is told to stop. */
function goOn(users: number): { over: Promise<CrowdReport>; stop: () => void } {
  let stopped = false;
  return { over: impatientCrowd([running.client], { users, rounds: () => !stopped }), stop: () => (stopped = true) };
}

async function files(): Promise<string[]> {
  return (await readdir(path.join(running.modelsDir, 'ctr_online'))).filter((file) => file.endsWith('.safetensors')).sort();
}

async function capped(): Promise<number> {
  const [row] = await running.sql('select coalesce(sum(sample_count), 0)::int as samples from search where capped');
  return row.samples;
}

/** The files of the checkpoints that are kept. */
async function kept(): Promise<string[]> {
  const rows = await running.sql(`select id from checkpoint where mode = 'ONLINE' and status = 'AVAILABLE'`);
  return rows.map(({ id }) => `${id}.safetensors`).sort();
}

/** Everything shown has settled; or so much of it. */
async function settled(samples = Infinity): Promise<void> {
  const counts = await running.client.subscribe('subscription { sampleStats { unsettled sinceLastTraining } }');
  await counts.next(({ sampleStats: { unsettled, sinceLastTraining } }: Answer) => unsettled === 0 || sinceLastTraining >= samples);
}
