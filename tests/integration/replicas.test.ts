/** Two apps on one database: what happens in one is said and served by the other, and their runs never collide. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer, ApiClient, EventLog } from '../support/api-client.js';
import { impatientCrowd, THINGS_IN_COLOURS } from '../support/impatient-crowd.js';
import { learningAccount } from '../support/learning-account.js';
import { configure, importDocuments, preview, search } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { activate, activeRanker, ended, holdSaving, learn, rollBack, showAndClick, startHearts, startOver, storeHistory, train, trainModel, trainRest, watch } from '../support/training.js';

let running: RunningApp;
let here: ApiClient;
let there: ApiClient;
let hereLog: EventLog;
let thereLog: EventLog;

beforeAll(async () => {
  running = await startHearts();
  here = running.client;
  there = (await running.startReplica()).client;
  [hereLog, thereLog] = [await watch(here), await watch(there)];
});

afterAll(() => running.stop());

/** The kinds of events since `from`, progress once. */
function order(log: EventLog, from: number): string[] {
  const names = log.events.slice(from).map((event: Answer) => Object.keys(event)[0] ?? '');
  return names.filter((name, index) => name !== names[index - 1]);
}

test('a run in one process is said in order by the other, which then serves the new model from the database', async () => {
  await configure(here, { checkpointRetention: 1 });
  await learn(here, hereLog);
  await thereLog.next((event: Answer) => event.modelReloaded);
  await storeHistory(running, 1_500);
  const from = thereLog.events.length;
  const run = await learn(here, hereLog);
  const { modelReloaded } = await thereLog.next((event: Answer) => event.modelReloaded?.ranker.id === run.checkpoint.id, { timeoutMs: 4_000 });
  expect(modelReloaded).toMatchObject({ reason: 'TRAINED', previous: { id: 'ctr_model_online_001' } });
  await thereLog.next((event: Answer) => event.checkpointRemoved);
  // A hint may be lost in a crowd of them; what is said keeps its order all the same.
  expect(order(thereLog, from).filter((name) => name !== 'trainingProgress')).toEqual(['trainingStarted', 'trainingFinished', 'modelReloaded', 'checkpointRemoved']);
  expect((await search(there, 'heart')).ranker.id).toBe(run.checkpoint.id);
  expect(await preview(there, 'heart')).toEqual(await preview(here, 'heart'));
  await configure(here, { checkpointRetention: 5 });
});

test('activation and rollback in one process come to serve in the other', async () => {
  const run = await learn(here, hereLog);
  await thereLog.next((event: Answer) => event.modelReloaded?.ranker.id === run.checkpoint.id);
  await activate(there, 'base');
  expect((await hereLog.next((event: Answer) => event.modelReloaded?.reason === 'ACTIVATED', { timeoutMs: 4_000 })).modelReloaded.ranker.id).toBe('base');
  expect((await search(here, 'heart')).ranker.id).toBe('base');
  await rollBack(here);
  expect((await thereLog.next((event: Answer) => event.modelReloaded?.reason === 'ROLLED_BACK', { timeoutMs: 4_000 })).modelReloaded.ranker.id).toBe(run.checkpoint.id);
  expect((await search(there, 'heart')).ranker.id).toBe(run.checkpoint.id);
});

test('settings changed in one process are in force in the other', async () => {
  await showAndClick(there, { lists: 2 });
  const settings = await there.subscribe('subscription { sampleStats { threshold waitingReason } }');
  await configure(here, { enabled: false, trainingThreshold: 5 });
  await settings.next((event: Answer) => event.sampleStats.threshold === 5 && /disabled/.test(event.sampleStats.waitingReason), { timeoutMs: 4_000 });
  await configure(here, { enabled: true, trainingThreshold: 1_000_000 });
  await trainRest(here, hereLog);
});

test('a run that goes on in one process is cancelled from the other', async () => {
  await storeHistory(running, 6_000);
  await showAndClick(here);
  const { id } = await trainModel(here, { mode: 'OFFLINE' });
  await thereLog.next((event: Answer) => event.trainingStarted?.id === id);
  await there.query('mutation($id: ID!) { cancelTraining(input: { runId: $id }) { run { id } } }', { id });
  expect(await ended(thereLog, id)).toMatchObject({ status: 'CANCELLED', checkpoint: null });
  expect((await here.query('query($id: ID!) { trainingRun(id: $id) { status } }', { id })).trainingRun.status).toBe('CANCELLED');
});

test('asked at once, two processes open one run of a mode, and one of each mode goes on', async () => {
  await startOver(running, hereLog);
  await showAndClick(here);
  const saving = await holdSaving(running, 'OFFLINE');
  const answers = await Promise.all([here, there, here, there].map((client) => client.raw('mutation { trainModel(input: { mode: OFFLINE }) { run { id } } }')));
  const opened = answers.flatMap(({ data }) => data?.trainModel?.run.id ?? []);
  expect(opened).toHaveLength(1);
  expect(answers.flatMap(({ errors }) => errors?.[0]?.extensions.runId ?? [])).toEqual([opened[0], opened[0], opened[0]]);
  expect((await train(there, thereLog)).status).toBe('SUCCEEDED');
  await saving.release();
  expect((await ended(hereLog, opened[0])).status).toBe('SUCCEEDED');
});

test('with clients on both, each sample is sealed once and learned once, runs of a mode never overlap, and no request fails', async () => {
  await startOver(running, hereLog);
  // The sum of what runs sealed holds for runs since samples were cleared.
  await running.sql('delete from training_run');
  await importDocuments(here, THINGS_IN_COLOURS);
  await configure(here, { trainingThreshold: 50, attributionWindowSeconds: 0 });
  const report = await impatientCrowd([here, there], { users: 60, rounds: 5 });
  expect(report.errors).toEqual([]);
  await trainRest(here, hereLog);

  const account = await learningAccount(running);
  expect(account).toMatchObject({ miscountedRuns: 0, mislabelled: 0, early: 0, notOfferedAgain: 0, misremembered: [], offeredSamples: 0 });
  expect(account.sealedOrWaiting).toBe(account.settled);
  expect(account.reportedSamples).toBe(account.learnedSamples);
  expect(account.learnedSamples + account.setAsideSamples).toBe(account.settled);
  expect(account.remembered.clicks).toBeCloseTo(account.clicks + account.lateClicks, 0);
  const [overlaps] = await running.sql(`select count(*)::int as count from training_run a join training_run b
    on a.mode = b.mode and a.id < b.id and a.queued_at < b.finished_at and b.queued_at < a.finished_at`);
  expect(overlaps.count).toBe(0);
  const [activations] = await running.sql(`select count(*)::int as count, count(distinct ranker_id)::int as rankers from activation where reason = 'TRAINED'`);
  expect(activations.count).toBe(activations.rankers);
  const serving = await activeRanker(here);
  await thereLog.next((event: Answer) => event.modelReloaded?.ranker.id === serving);
  expect(await activeRanker(there)).toBe(serving);
});
