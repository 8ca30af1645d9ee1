/** The whole loop as a client sees it: search, click, train, checkpoint, reload, removal. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../support/api-client.js';
import { click, configure, HEARTS, importDocuments, preview, sampleStats, search } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

let running: RunningApp;

beforeAll(async () => {
  running = await startApp();
  await importDocuments(running.client, HEARTS);
  // Without chance in what is shown: of so few samples, clicks that chance makes unlikely may rightly be refused. A second to
  // settle, so that no list is learned before its click came.
  await configure(running.client, { trainingThreshold: 20, attributionWindowSeconds: 1, checkpointRetention: 3, minSecondsBetweenRuns: 0, explorationRate: 0, proofRate: 0 });
});

afterAll(() => running.stop());

test('searches and clicks lead to trainings, reloads and removals, and a result clicked again and again rises to the first place', async () => {
  const { client, modelsDir } = running;
  const started = await client.subscribe('subscription { trainingStarted { id status newSamples } }');
  const finished = await client.subscribe('subscription { trainingFinished { id status reason samples newSamples checkpoint { id path } metrics { samples logLoss } servedMetrics { samples logLoss } } }');
  const reloaded = await client.subscribe('subscription { modelReloaded { ranker { id } previous { id } reason } }');
  const removed = await client.subscribe('subscription { checkpointRemoved { id status } }');
  const before = await preview(client, 'heart');
  // The one that text alone puts last.
  const loved = before.at(-1) ?? '';

  for (let run = 1; run <= 5; run++) {
    for (let list = 0; list < 4; list++) {
      const { searchId, results } = await search(client, 'heart');
      expect(results).toHaveLength(5);
      await click(client, searchId, loved, { eventId: `run ${run} list ${list}` });
    }
    await reloaded.count(run);
  }

  expect(started.events.length).toBe(5);
  expect(finished.events.map((event: Answer) => event.trainingFinished.status)).toEqual(Array(5).fill('SUCCEEDED'));
  expect(reloaded.events.map((event: Answer) => event.modelReloaded.ranker.id)).toEqual([1, 2, 3, 4, 5].map((number) => `ctr_model_online_00${number}`));
  expect((await removed.count(2)).map((event: Answer) => event.checkpointRemoved.id)).toEqual(['ctr_model_online_001', 'ctr_model_online_002']);
  expect((await readdir(path.join(modelsDir, 'ctr_online'))).sort()).toEqual([3, 4, 5].map((number) => `ctr_model_online_00${number}.safetensors`));
  expect((await preview(client, 'heart'))[0]).toBe(loved);
  expect(await preview(client, 'heart', 'base')).toEqual(before);
  const stats = await sampleStats(client);
  expect(finished.events.reduce((sum: number, event: Answer) => sum + event.trainingFinished.newSamples, 0) + stats.sinceLastTraining).toBe(stats.total);
});

test('after a restart the same checkpoint serves, rankings repeat exactly, and the next number follows', async () => {
  const scores = `{ previewRanking(query: "heart") { ranker { id } results { position score clickProbability document { id } } } }`;
  const before = await running.client.query(scores);
  const loved = before.previewRanking.results[0].document.id;
  await running.restart();
  expect(await running.client.query(scores)).toEqual(before);
  const reloaded = await running.client.subscribe('subscription { modelReloaded { ranker { id } } }');
  for (let list = 0; list < 5; list++) {
    const { searchId } = await search(running.client, 'heart');
    await click(running.client, searchId, loved);
  }
  expect((await reloaded.next()).modelReloaded.ranker.id).toBe('ctr_model_online_006');
});
