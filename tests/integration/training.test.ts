/** Training as operators and clients see it: when runs open, in which modes, what they answer, how they are stopped. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, EventLog } from '../support/api-client.js';
import { click, configure, preview, sampleStats, search } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { activate, activeRanker, ended, foresee, holdSaving, learn, showAndClick, startHearts, startOver, storeHistory, train, trainModel, watch } from '../support/training.js';

let running: RunningApp;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts();
  log = await watch(running.client);
});

beforeEach(() => startOver(running, log));

afterAll(() => running.stop());

const TRAIN = 'mutation($input: TrainModelInput!) { trainModel(input: $input) { run { id } } }';
const CANCEL = 'mutation($runId: ID!) { cancelTraining(input: { runId: $runId }) { run { id status reason checkpoint { id } } } }';

test('disabled, nothing trains and the waiting reason says so; enabled again, the backlog triggers at once', async () => {
  const { client } = running;
  await configure(client, { enabled: false, trainingThreshold: 10 });
  await showAndClick(client, { lists: 6 });
  expect((await sampleStats(client)).waitingReason).toMatch(/disabled/);
  expect(log.events).toEqual([]);

  await configure(client, { enabled: true });
  const { trainingFinished } = await log.next((event: Answer) => event.trainingFinished);
  expect(trainingFinished).toMatchObject({ status: 'SUCCEEDED', trigger: 'THRESHOLD', newSamples: 30, samples: 30, parent: { id: 'base' } });
  expect(await sampleStats(client)).toMatchObject({ sinceLastTraining: 0, lastTrainingTotal: 30, waitingReason: null });
});

test('a run that is due waits for the first click and for the first result without one', async () => {
  const { client } = running;
  await configure(client, { trainingThreshold: 5 });
  const { searchId } = await search(client, 'heart');
  expect((await sampleStats(client)).waitingReason).toMatch(/No click/);
  await click(client, searchId, 'green');
  expect((await log.next((event: Answer) => event.trainingFinished)).trainingFinished.newSamples).toBe(5);
});

test('a run that is due waits for the pause between runs, which time alone ends', async () => {
  const { client } = running;
  await configure(client, { trainingThreshold: 5, minSecondsBetweenRuns: 5 });
  await showAndClick(client, { lists: 1 });
  const { trainingFinished: first } = await log.next((event: Answer) => event.trainingFinished);
  await showAndClick(client, { lists: 1 });
  expect((await sampleStats(client)).waitingReason).toMatch(/pause/);
  await log.next((event: Answer) => event.trainingFinished && event.trainingFinished.id !== first.id);
  const [gap] = await running.sql('select extract(epoch from max(queued_at) - min(queued_at))::float8 as seconds from (select queued_at from training_run order by queued_at desc limit 2) newest');
  expect(gap?.seconds).toBeGreaterThanOrEqual(5);
});

test('what settles later triggers by time alone, without another request', async () => {
  const { client } = running;
  await configure(client, { trainingThreshold: 10, attributionWindowSeconds: 1 });
  await showAndClick(client, { lists: 2 });
  const stats = await sampleStats(client);
  const { trainingFinished } = await log.next((event: Answer) => event.trainingFinished);
  expect(trainingFinished).toMatchObject({ status: 'SUCCEEDED', newSamples: 10 });
  expect(stats).toMatchObject({ total: 10 });
});

test('training by hand is refused while there is nothing to learn from', async () => {
  const { client } = running;
  expect((await client.error(TRAIN, { input: {} })).extensions.code).toBe('FAILED_PRECONDITION');
  const { searchId } = await search(client, 'heart');
  expect(await client.error(TRAIN, { input: { mode: 'ONLINE' } })).toMatchObject({ extensions: { code: 'FAILED_PRECONDITION', positive: 0, negative: 5 } });
  await click(client, searchId, 'red');

  const run = await train(client, log);
  expect(run).toMatchObject({ status: 'SUCCEEDED', samples: 5 });
  expect((await client.error(TRAIN, { input: { mode: 'ONLINE' } })).message).toMatch(/no new search has settled/);
  expect(await running.sql('select id from training_run order by queued_at desc limit 1')).toEqual([{ id: run.id }]);
});

test('either content model is trained in either mode, and each goes on from the other', async () => {
  const { client } = running;
  await showAndClick(client, { lists: 4 });
  const types = async (run: Answer): Promise<string[]> =>
    (await running.sql('select r.model_type as run, c.model_type as checkpoint from training_run r join checkpoint c on c.run_id = r.id where r.id = $1', [run.id])).flatMap((row) => [row.run, row.checkpoint]);
  const first = await train(client, log, { mode: 'OFFLINE', modelType: 'INCREMENTAL' });
  expect(first).toMatchObject({ status: 'SUCCEEDED', reason: null, parent: null, samples: 20 });
  expect(await types(first)).toEqual(['INCREMENTAL', 'INCREMENTAL']);

  // A second-order step a sample, then a fit, then steps again from where the fit has come to.
  let parent = first;
  for (const modelType of ['LOGISTIC', 'INCREMENTAL']) {
    await showAndClick(client);
    const run = await train(client, log, { mode: 'ONLINE', modelType });
    expect(run).toMatchObject({ status: 'SUCCEEDED', reason: null, parent: { id: parent.checkpoint.id }, samples: 10 });
    expect(await types(run)).toEqual([modelType, modelType]);
    expect(await activeRanker(client)).toBe(run.checkpoint.id);
    parent = run;
  }
  expect((await preview(client, 'heart'))[0]).toBe('blue');

  const replayed = await train(client, log, { mode: 'OFFLINE' });
  expect(await types(replayed)).toEqual(['LOGISTIC', 'LOGISTIC']);
  expect(replayed).toMatchObject({ status: 'SUCCEEDED', reason: null, samples: 40 });
  // Left out, the kind is the settings' for online runs.
  expect(await types(await learn(client, log))).toEqual(['INCREMENTAL', 'INCREMENTAL']);
  await configure(client, { modelType: 'LOGISTIC' });
  try {
    expect(await types(await learn(client, log))).toEqual(['LOGISTIC', 'LOGISTIC']);
  } finally {
    await configure(client, { modelType: 'INCREMENTAL' });
  }
});

test('training by hand is refused while what was shown has not settled', async () => {
  const { client } = running;
  await configure(client, { attributionWindowSeconds: 3_600 });
  await showAndClick(client);
  for (const mode of ['ONLINE', 'OFFLINE']) expect((await client.error(TRAIN, { input: { mode } })).message).toMatch(/settles in 3[56]\d\d\.\d s/);
  expect(await activeRanker(client)).toBe('base');
});

test('a second run of a mode is a conflict that names the open one, and a cancelled run gives back what it had taken', async () => {
  const { client } = running;
  await storeHistory(running, 6_000);
  await showAndClick(client);
  const open = await trainModel(client, { mode: 'OFFLINE' });
  expect(await client.error(TRAIN, { input: {} })).toMatchObject({ extensions: { code: 'CONFLICT', runId: open.id } });

  expect((await client.query(CANCEL, { runId: open.id })).cancelTraining.run).toMatchObject({ id: open.id, status: 'CANCELLED', checkpoint: null });
  expect(await ended(log, open.id)).toMatchObject({ status: 'CANCELLED', newSamples: 30_010 });
  expect(await client.error(CANCEL, { runId: open.id })).toMatchObject({ message: expect.stringContaining('CANCELLED'), extensions: { code: 'FAILED_PRECONDITION' } });
  expect((await client.error(CANCEL, { runId: '00000000-0000-7000-8000-000000000000' })).extensions.code).toBe('NOT_FOUND');
  expect((await client.error(CANCEL, { runId: 'no run' })).extensions.code).toBe('NOT_FOUND');

  expect(await activeRanker(client)).toBe('base');
  expect(await train(client, log)).toMatchObject({ status: 'SUCCEEDED', samples: 30_010, newSamples: 0 });
});

test('offline and online runs go on side by side, and the next online run goes on from what was promoted last', async () => {
  const { client } = running;
  const { checkpoint: parent } = await learn(client, log);
  const saving = await holdSaving(running, 'OFFLINE');
  const offline = await trainModel(client, { mode: 'OFFLINE' });
  const online = await learn(client, log);
  expect(online).toMatchObject({ status: 'SUCCEEDED', parent: { id: parent.id }, samples: 10 });
  const { trainingRuns } = await client.query('{ trainingRuns { edges { node { id status mode } } } }');
  expect(trainingRuns.edges.slice(0, 2).map((edge: Answer) => edge.node)).toMatchObject([
    { id: online.id, status: 'SUCCEEDED', mode: 'ONLINE' },
    { id: offline.id, status: 'RUNNING', mode: 'OFFLINE' },
  ]);

  await saving.release();
  const replayed = await ended(log, offline.id);
  expect(replayed).toMatchObject({ status: 'SUCCEEDED', reason: null, parent: null, samples: 10, checkpoint: { id: expect.stringMatching(/^ctr_model_v\d+$/) } });
  // It was sealed before the second online run's searches: they are offered again, on top of it.
  expect(await learn(client, log)).toMatchObject({ parent: { id: replayed.checkpoint.id }, samples: 20, newSamples: 10 });
});

test('an online run whose parent no longer serves keeps its checkpoint and says so; an offline run is not promoted over a choice by hand', async () => {
  const { client } = running;
  const { checkpoint: parent } = await learn(client, log);
  await showAndClick(client);
  const [onlineSaving, offlineSaving] = [await holdSaving(running, 'ONLINE'), await holdSaving(running, 'OFFLINE')];
  const online = await trainModel(client, { mode: 'ONLINE' });
  const offline = await trainModel(client, { mode: 'OFFLINE' });
  await activate(client, 'base');
  await Promise.all([onlineSaving.release(), offlineSaving.release()]);
  const kept = await ended(log, online.id);
  expect(kept).toMatchObject({ status: 'SUCCEEDED', checkpoint: { status: 'AVAILABLE' } });
  expect(kept.reason).toContain(`went on from ${parent.id}, and base was activated`);
  const replayed = await ended(log, offline.id);
  expect(replayed).toMatchObject({ status: 'SUCCEEDED', checkpoint: { status: 'AVAILABLE' } });
  expect(replayed.reason).toMatch(/base was activated by hand/);
  expect(await activeRanker(client)).toBe('base');
});

test('a run told not to activate keeps its checkpoint without serving it', async () => {
  const { client } = running;
  await showAndClick(client);
  const run = await train(client, log, { mode: 'OFFLINE', activate: false });
  expect(run).toMatchObject({ status: 'SUCCEEDED', reason: expect.stringContaining('activate: false'), checkpoint: { status: 'AVAILABLE' } });
  expect(await activeRanker(client)).toBe('base');
  await activate(client, run.checkpoint.id);
  expect(await activeRanker(client)).toBe(run.checkpoint.id);
});

test('a late click counts, and is learned as a correction in the next run', async () => {
  const { client } = running;
  const { searchId } = await search(client, 'heart');
  await learn(client, log);
  const evidence = 'select late, learn_seq is not null as sealed from click where document_id = $1';
  const [counted] = await running.sql('select clicks::int, impressions::int from document where id = $1', ['green']);
  expect(await click(client, searchId, 'green')).toMatchObject({ duplicate: false, sample: { clicked: true, learned: true } });
  expect(await running.sql(evidence, ['green'])).toEqual([{ late: true, sealed: false }]);
  const before = await preview(client, 'heart');
  expect(await train(client, log)).toMatchObject({ status: 'SUCCEEDED', samples: 0, newSamples: 0 });
  expect(await running.sql(evidence, ['green'])).toEqual([{ late: true, sealed: true }]);
  expect((await preview(client, 'heart')).indexOf('green')).toBeLessThan(before.indexOf('green'));
  // Once more clicked than before this test; shown in its three lists, of which the first run counted all.
  expect(await running.sql('select clicks::int, impressions::int from document where id = $1', ['green'])).toEqual([{ clicks: counted.clicks + 1, impressions: counted.impressions }]);
});

test('for one run the order is started, progress…, finished, reloaded, removed', async () => {
  const { client } = running;
  await configure(client, { checkpointRetention: 1 });
  const { checkpoint: former } = await learn(client, log);
  await storeHistory(running, 3_000);
  await log.next((event: Answer) => event.modelReloaded?.ranker.id === former.id);
  log.events.length = 0;
  const run = await learn(client, log);
  await log.next((event: Answer) => event.checkpointRemoved);
  const names = log.events.map((event: Answer) => Object.keys(event)[0]);
  expect(names.filter((name: string | undefined, index: number) => name !== names[index - 1])).toEqual(['trainingStarted', 'trainingProgress', 'trainingFinished', 'modelReloaded', 'checkpointRemoved']);
  expect(log.events.at(-1).checkpointRemoved).toEqual({ id: former.id, status: 'REMOVED' });
  expect(run).toMatchObject({ samples: 15_010, progress: 1, metrics: { samples: 15_010 }, servedMetrics: { samples: 15_010 } });
});

test('progress of an offline run rises from 0 to 1 with the samples learned', async () => {
  const { client } = running;
  await storeHistory(running, 8_000);
  const { id } = await trainModel(client, { mode: 'OFFLINE' });
  const own = await client.subscribe('subscription($runId: ID) { trainingProgress(runId: $runId) { progress samplesDone logLoss run { id status } } }', { runId: id });
  expect(await ended(log, id)).toMatchObject({ samples: 40_000, progress: 1 });
  const said = log.events.flatMap((event: Answer) => (event.trainingProgress ? [event.trainingProgress] : []));
  expect(said.length).toBeGreaterThan(2);
  expect(own.events.length).toBeGreaterThan(0);
  said.forEach((step: Answer, nth: number) => {
    expect(step).toMatchObject({ run: { id, status: 'RUNNING' }, logLoss: expect.any(Number) });
    expect(step.progress).toBeGreaterThan(said[nth - 1]?.progress ?? 0);
    // It is 1 when all is saved, not before.
    expect(step.progress).toBeCloseTo(Math.min(0.99, step.samplesDone / 40_000), 6);
  });
});

test('training runs page from newest to oldest, by mode and status', async () => {
  const { client } = running;
  const newestLast: string[] = [];
  for (const documentId of ['blue', 'red', 'green']) {
    await showAndClick(client, { documentId });
    await foresee(running);
    newestLast.push((await train(client, log)).checkpoint.id);
  }
  newestLast.push((await train(client, log, { mode: 'OFFLINE' })).checkpoint.id);
  const page = 'query($first: Int!, $after: String, $mode: TrainingMode) { trainingRuns(first: $first, after: $after, mode: $mode, status: SUCCEEDED) { edges { node { checkpoint { id } } } pageInfo { hasNextPage endCursor } } }';
  const first = (await client.query(page, { first: 2 })).trainingRuns;
  const second = (await client.query(page, { first: 2, after: first.pageInfo.endCursor })).trainingRuns;
  const ids = [...first.edges, ...second.edges].map((edge: Answer) => edge.node.checkpoint.id);
  expect(ids).toEqual(newestLast.reverse());
  expect(first.pageInfo.hasNextPage).toBe(true);
  const offline = (await client.query(page, { first: 200, mode: 'OFFLINE' })).trainingRuns;
  expect(offline.edges[0].node.checkpoint.id).toBe(newestLast[0]);
  expect(offline.edges.every((edge: Answer) => edge.node.checkpoint.id.startsWith('ctr_model_v'))).toBe(true);
  expect(offline.pageInfo.hasNextPage).toBe(false);
});

const HISTORY = `query($first: Int, $mode: TrainingMode, $since: DateTime) { metricsHistory(first: $first, mode: $mode, since: $since) {
  at runId checkpointId mode status samples clickRate logLoss normalizedEntropy auc calibration servedLogLoss servedNormalizedEntropy servedAuc servedCalibration activated } }`;

test('the history of figures has a point for each run that ended, newest first, as the runs have them', async () => {
  const { client } = running;
  await showAndClick(client);
  const failed = await train(client, log, { mode: 'OFFLINE', activate: false });
  await running.sql(`update training_run set status = 'FAILED', samples = 0, metrics = 'null', served_metrics = 'null', checkpoint_id = null where id = $1`, [failed.id]);
  const kept = await train(client, log, { mode: 'OFFLINE', activate: false });
  const promoted = await learn(client, log);
  const points = (await client.query(HISTORY, { first: 3 })).metricsHistory;
  expect(points.map(({ runId, checkpointId, mode, status, activated, samples }: Answer) => ({ runId, checkpointId, mode, status, activated, samples }))).toEqual([
    { runId: promoted.id, checkpointId: promoted.checkpoint.id, mode: 'ONLINE', status: 'SUCCEEDED', activated: true, samples: promoted.samples },
    { runId: kept.id, checkpointId: kept.checkpoint.id, mode: 'OFFLINE', status: 'SUCCEEDED', activated: false, samples: kept.samples },
    { runId: failed.id, checkpointId: null, mode: 'OFFLINE', status: 'FAILED', activated: false, samples: 0 },
  ]);
  const { trainingRun: run } = await client.query(
    'query($id: ID!) { trainingRun(id: $id) { finishedAt metrics { samples positives logLoss normalizedEntropy auc calibration } servedMetrics { logLoss normalizedEntropy auc calibration } } }',
    { id: promoted.id },
  );
  expect(points[0]).toMatchObject({
    at: run.finishedAt,
    clickRate: run.metrics.positives / run.metrics.samples,
    logLoss: run.metrics.logLoss,
    normalizedEntropy: run.metrics.normalizedEntropy,
    auc: run.metrics.auc,
    calibration: run.metrics.calibration,
    servedLogLoss: run.servedMetrics.logLoss,
    servedNormalizedEntropy: run.servedMetrics.normalizedEntropy,
    servedAuc: run.servedMetrics.auc,
    servedCalibration: run.servedMetrics.calibration,
  });
  expect(points[2]).toMatchObject({ clickRate: null, logLoss: null, auc: null, servedLogLoss: null });

  const ofMode = (await client.query(HISTORY, { first: 1, mode: 'OFFLINE' })).metricsHistory;
  expect(ofMode.map((point: Answer) => point.runId)).toEqual([kept.id]);
  const since = (await client.query(HISTORY, { since: points[1].at })).metricsHistory;
  expect(since.map((point: Answer) => point.runId)).toEqual([promoted.id, kept.id]);
});

test('a run that is open has no point in the history', async () => {
  const { client } = running;
  await showAndClick(client);
  const saving = await holdSaving(running, 'ONLINE');
  const open = await trainModel(client, { mode: 'ONLINE' });
  const points = (await client.query(HISTORY)).metricsHistory;
  expect(points.map((point: Answer) => point.runId)).not.toContain(open.id);
  await saving.release();
  await ended(log, open.id);
});

test('the history of figures is bounded', async () => {
  const { client } = running;
  for (const first of [0, -1, 1_001]) expect((await client.error(HISTORY, { first })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'first', min: 1, max: 1_000 });
  for (const variables of [{ first: 1.5 }, { since: 'yesterday' }, { mode: 'BOTH' }]) expect((await client.error(HISTORY, variables)).extensions.code).toBe('BAD_USER_INPUT');
  expect((await client.query(HISTORY, { since: '2999-01-01T00:00:00Z' })).metricsHistory).toEqual([]);
});
