/** The settings over the API: bounds, revisions, and their effect in every process. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer, ApiClient } from '../support/api-client.js';
import { configure, importDocuments, HEARTS, search } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const CONFIG = `{ enabled trainingThreshold checkpointRetention modelPrefix modelType attributionWindowSeconds explorationRate proofRate minSecondsBetweenRuns sampleRetentionDays revision }`;
const UPDATE = `mutation($input: UpdateOnlineLearningConfigInput!) { updateOnlineLearningConfig(input: $input) { config ${CONFIG} } }`;

let running: RunningApp;
let client: ApiClient;

beforeAll(async () => {
  running = await startApp();
  ({ client } = running);
});

afterAll(() => running.stop());

async function read(by: ApiClient = client): Promise<Answer> {
  return (await by.query(`{ onlineLearningConfig ${CONFIG} }`)).onlineLearningConfig;
}

async function update(input: Record<string, unknown>): Promise<Answer> {
  return (await client.query(UPDATE, { input })).updateOnlineLearningConfig.config;
}

test('a new database has the documented settings', async () => {
  expect(await read()).toEqual({
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
  });
});

test('each value out of bounds is refused with its field and bounds, and changes nothing', async () => {
  const before = await read();
  const numbers: [field: string, min: number, max: number, values: number[]][] = [
    ['trainingThreshold', 1, 1_000_000, [0, -1, 1_000_001, 1e9]],
    ['checkpointRetention', 1, 1_000, [0, -1, 1_001]],
    ['attributionWindowSeconds', 0, 86_400, [-1, 86_401]],
    ['explorationRate', 0, 1, [-0.1, 1.1, 1e308]],
    ['proofRate', 0, 1, [-0.1, 1.1]],
    ['minSecondsBetweenRuns', 0, 86_400, [-0.001, 86_400.5]],
    ['sampleRetentionDays', 0, 36_500, [-1, 36_501]],
  ];
  for (const [field, min, max, values] of numbers) {
    for (const value of values) {
      const { message, extensions } = await client.error(UPDATE, { input: { [field]: value, enabled: false } });
      expect(extensions).toEqual({ code: 'BAD_USER_INPUT', field, min, max });
      expect(message).toContain(`${field} must be`);
    }
  }
  for (const modelPrefix of ['../x', 'a/b', 'a\0b', 'CON', 'con', 'nul', 'com1', '__proto__', 'constructor', '', ' ', 'x'.repeat(65), 'ümlaut', 'a\n', 'a.b']) {
    const { extensions } = await client.error(UPDATE, { input: { modelPrefix, enabled: false } });
    expect(extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'modelPrefix', pattern: '[a-z0-9_]{1,64}' });
  }
  for (const input of [{ trainingThreshold: 1.5 }, { trainingThreshold: 2 ** 31 }, { explorationRate: 'NaN' }, { modelType: 'TREE' }, { expectedRevision: 'x' }, { unknown: 1 }]) {
    expect((await client.error(UPDATE, { input })).extensions.code).toBe('BAD_USER_INPUT');
  }
  expect((await client.error(UPDATE, { input: { expectedRevision: -1 } })).extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'expectedRevision' });
  expect(await read()).toEqual(before);
});

test('either content model can be chosen', async () => {
  const before = await read();
  expect(await update({ modelType: 'LOGISTIC' })).toEqual({ ...before, modelType: 'LOGISTIC', revision: before.revision + 1 });
  expect(await update({ modelType: 'INCREMENTAL' })).toEqual({ ...before, revision: before.revision + 2 });
});

test('the bounds themselves are taken, and a field left out or null stays as it is', async () => {
  const before = await read();
  const low = { trainingThreshold: 1, checkpointRetention: 1, modelPrefix: 'a', attributionWindowSeconds: 0, explorationRate: 0, proofRate: 0, minSecondsBetweenRuns: 0, sampleRetentionDays: 0 };
  expect(await update(low)).toEqual({ ...before, ...low, revision: before.revision + 1 });
  const high = { trainingThreshold: 1_000_000, checkpointRetention: 1_000, modelPrefix: '_'.repeat(64), attributionWindowSeconds: 86_400, explorationRate: 1, proofRate: 1, minSecondsBetweenRuns: 86_400, sampleRetentionDays: 36_500 };
  expect(await update(high)).toEqual({ ...before, ...high, revision: before.revision + 2 });
  const nulls = Object.fromEntries(['enabled', 'modelType', 'expectedRevision', ...Object.keys(high)].map((field) => [field, null]));
  expect(await update({ ...nulls, enabled: false })).toEqual({ ...before, ...high, enabled: false, revision: before.revision + 3 });
});

test('of writers who expect the same revision one succeeds; the others are told the stored one', async () => {
  const { revision } = await read();
  const answers = await Promise.all([10, 20, 30, 40].map((trainingThreshold) => client.raw(UPDATE, { input: { trainingThreshold, expectedRevision: revision } })));
  const refused = answers.filter(({ errors }) => errors);
  expect(refused).toHaveLength(3);
  for (const { errors } of refused) expect(errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', field: 'expectedRevision', revision: revision + 1 });
  const [taken] = answers.filter(({ errors }) => !errors);
  expect(await read()).toEqual(taken?.data.updateOnlineLearningConfig.config);
  expect(await update({ expectedRevision: revision + 1, trainingThreshold: 50 })).toMatchObject({ trainingThreshold: 50, revision: revision + 2 });
});

test('a change is in force at once in another process', async () => {
  await importDocuments(client, HEARTS);
  const { client: second } = await running.startReplica();
  const log = await second.subscribe('subscription { sampleStats { threshold untilTrigger } }');
  const from = log.events.length;
  const changed = configure(client, { trainingThreshold: 77, attributionWindowSeconds: 0 });
  // Well under the poll that would find it in any case.
  expect((await log.next(({ sampleStats: stats }) => stats.threshold === 77, { from, timeoutMs: 2_500 })).sampleStats).toEqual({ threshold: 77, untilTrigger: 77 });
  await changed;
  const { searchId } = await search(second, 'heart');
  const [stored] = await running.sql('select settles_at = shown_at as at_once from search where id = $1', [searchId]);
  expect(stored.at_once).toBe(true);
});
