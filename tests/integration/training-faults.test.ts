/** Runs in trouble: processes that die, stall or stop, connections that are cut, batches that are spoiled. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, ApiClient, EventLog } from '../support/api-client.js';
import { learningAccount } from '../support/learning-account.js';
import { search } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { holdEnding, letLeaseEnd, runRow, until, waitsToSave } from '../support/runs-in-trouble.js';
import { activeRanker, ended, holdSaving, learn, LOCK_HOLDER, showAndClick, startHearts, startOver, storeHistory, train, trainModel, watch } from '../support/training.js';

let running: RunningApp;
let there: ApiClient;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts();
  there = (await running.startReplica()).client;
});

beforeEach(async () => {
  log = await watch(running.client);
  await startOver(running, log);
});

afterAll(() => running.stop());

async function files(folder: string): Promise<string[]> {
  return (await readdir(path.join(running.modelsDir, folder))).sort();
}

test('a run whose lease has ended is taken over, and what the stalled process then brings is refused', async () => {
  await learn(running.client, log);
  await showAndClick(running.client);
  const saving = await holdSaving(running, 'ONLINE');
  const { id } = await trainModel(running.client, { mode: 'ONLINE' });
  await waitsToSave(running);
  await letLeaseEnd(running, there, id);
  await saving.release();
  expect(await ended(log, id)).toMatchObject({ status: 'SUCCEEDED', samples: 10 });
  expect(await runRow(running, id)).toMatchObject({ attempts: 2, fencing: 2 });
  expect(await running.sql('select count(*)::int as count from checkpoint where run_id = $1', [id])).toEqual([{ count: 1 }]);
  expect((await learn(running.client, log)).samples).toBeGreaterThanOrEqual(10);
  const account = await learningAccount(running);
  expect(account.reportedSamples).toBe(account.learnedSamples);
});

test('a process that stalls after it has written its file takes the file back when its result is refused', async () => {
  await learn(running.client, log);
  await showAndClick(running.client);
  const before = await files('ctr_online');
  const saving = await holdSaving(running, 'ONLINE');
  const { id } = await trainModel(running.client, { mode: 'ONLINE' });
  const ending = await holdEnding(running);
  await saving.release();
  await until(async () => (await runRow(running, id)).number !== null);
  const { number } = await runRow(running, id);
  await letLeaseEnd(running, there, id);
  await until(async () => (await runRow(running, id)).number > number);
  await ending.release();
  expect((await ended(log, id)).status).toBe('SUCCEEDED');
  const { checkpointId } = await runRow(running, id);
  const [served] = await running.sql('select number from checkpoint where id = $1', [checkpointId]);
  expect(served.number).toBeGreaterThan(number);
  // Which of the two apps carried it to its end decides whose folder the file is in; the refused one is in neither.
  await until(async () => (await files('ctr_online')).every((file) => before.includes(file) || file === `${checkpointId}.safetensors`));
});

test('a run whose process died twice fails with a reason, and its samples are offered again', async () => {
  await learn(running.client, log);
  await showAndClick(running.client);
  const saving = await holdSaving(running, 'ONLINE');
  const { id } = await trainModel(running.client, { mode: 'ONLINE' });
  await waitsToSave(running);
  await letLeaseEnd(running, there, id);
  await letLeaseEnd(running, there, id);
  expect(await ended(log, id)).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('died, twice'), checkpoint: null });
  await saving.release();
  const next = await learn(running.client, log, { lists: 1 });
  expect(next).toMatchObject({ status: 'SUCCEEDED' });
  expect(next.samples).toBeGreaterThanOrEqual(15);
});

test('a run that was to be cancelled when its process died twice is cancelled, not stuck', async () => {
  await showAndClick(running.client);
  const saving = await holdSaving(running, 'ONLINE');
  const { id } = await trainModel(running.client, { mode: 'ONLINE' });
  await waitsToSave(running);
  await running.sql('update training_run set attempts = 2, cancel_requested = true where id = $1', [id]);
  await letLeaseEnd(running, there, id);
  expect((await ended(log, id)).status).toBe('CANCELLED');
  await saving.release();
});

test('a run under way at a shutdown is given back, not failed, and the next start takes it up', async () => {
  await storeHistory(running, 3_000);
  const run = await trainModel(running.client, { mode: 'OFFLINE' });
  await log.next((event: Answer) => event.trainingProgress?.run.id === run.id);
  // Whichever process is left, or comes next, goes on with it.
  await running.restart();
  log = await watch(running.client);
  const { trainingRun } = await running.client.query('query($id: ID!) { trainingRun(id: $id) { status } }', { id: run.id });
  if (trainingRun.status !== 'SUCCEEDED') expect((await ended(log, run.id)).status).toBe('SUCCEEDED');
  expect(await runRow(running, run.id)).toMatchObject({ attempts: 1, fencing: 2 });
});

test('connections cut in the middle of a run cost another try, and no attempt', async () => {
  await showAndClick(running.client);
  const saving = await holdSaving(running, 'OFFLINE');
  const { id } = await trainModel(running.client, { mode: 'OFFLINE' });
  await waitsToSave(running);
  // The connection that holds the run is left: cut first, it would let the run save before the run's own connection is cut.
  await running.sql('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name <> $1', [LOCK_HOLDER]);
  await saving.release();
  expect(await ended(log, id)).toMatchObject({ status: 'SUCCEEDED', samples: 10 });
  expect(await runRow(running, id)).toMatchObject({ attempts: 1, fencing: 2 });
  expect((await search(running.client, 'heart')).results).toHaveLength(5);
  expect((await search(there, 'heart')).results).toHaveLength(5);
});

test('a challenger learned from spoiled samples is rejected; refused twice in a row, the first batch is set aside and learning goes on', async () => {
  const parent = (await learn(running.client, log)).checkpoint.id;
  const spoil = (ids: string[]): Promise<Answer[]> => running.sql(`update sample set features = array['NaN'::real] where search_id = any($1)`, [ids]);
  await spoil(await showAndClick(running.client));
  const first = await train(running.client, log);
  expect(first).toMatchObject({ status: 'REJECTED', reason: expect.stringContaining('not a finite number'), checkpoint: { status: 'REJECTED' } });
  expect(await activeRanker(running.client)).toBe(parent);
  expect(await files('rejected')).toEqual([`${first.checkpoint.id}.safetensors`]);

  await showAndClick(running.client, { lists: 3 });
  const second = await train(running.client, log);
  // Offered both batches, it is refused for the first one's sake.
  expect(second).toMatchObject({ status: 'REJECTED', newSamples: 15, reason: expect.stringMatching(/set aside/) });
  await showAndClick(running.client, { lists: 1 });
  expect(await train(running.client, log)).toMatchObject({ status: 'SUCCEEDED', samples: 20, newSamples: 5, parent: { id: parent } });
  const account = await learningAccount(running);
  const [refused] = await running.sql('select sealed_from::int as after, learned_through::int as through from training_run where id = $1', [first.id]);
  expect(account.setAside.at(-1)).toEqual([refused.after, refused.through]);
  expect(account.reportedSamples).toBe(account.learnedSamples);
});

test('the newest five rejected files are kept, and none pushes out a version to roll back to', async () => {
  const parent = (await learn(running.client, log)).checkpoint.id;
  const rejected: string[] = [];
  for (let run = 0; run < 6; run++) {
    await showAndClick(running.client, { lists: 1 });
    await running.sql(`update sample set features = array['NaN'::real] from search where search.id = search_id and learn_seq is null`);
    const { status, checkpoint } = await train(running.client, log);
    expect(status).toBe('REJECTED');
    rejected.push(checkpoint.id);
  }
  await log.next((event: Answer) => event.checkpointRemoved?.id === rejected[0]);
  expect(await files('rejected')).toEqual(rejected.slice(1).map((id) => `${id}.safetensors`));
  expect(await activeRanker(running.client)).toBe(parent);
  expect((await running.sql('select status from checkpoint where id = $1', [parent]))[0].status).toBe('AVAILABLE');
});
