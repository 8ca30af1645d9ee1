/** Challengers that are refused: what operators see of them, what goes on serving, and when their samples are learned after all. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, ApiClient, EventLog } from '../support/api-client.js';
import { learningAccount } from '../support/learning-account.js';
import { configure, HEARTS, preview, search, searches } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { activeRanker, learn, rollBack, showAndClick, startHearts, startOver, train, watch } from '../support/training.js';

const REFUSED = `{ trainingRuns(first: 1, status: REJECTED) { edges { node { id mode status reason samples parent { id } metrics { samples logLoss } servedMetrics { samples logLoss }
  checkpoint { id status active path parent { id } trainingRun { id } activations { edges { node { id } } } } } } } }`;
const ACTIVATE = 'mutation($rankerId: ID!) { activateRanker(input: { rankerId: $rankerId }) { activation { id } } }';

let running: RunningApp;
let client: ApiClient;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts();
  ({ client } = running);
  log = await watch(client);
});

beforeEach(() => startOver(running, log));

afterAll(() => running.stop());

/** Shows so many lists of five hearts, at most ten, and clicks on every result, as spam does. */
async function clickEverything(lists: number): Promise<void> {
  const shown = await searches(client, lists, 'heart');
  const clicks = shown.flatMap(({ searchId }) => HEARTS.map(({ id }) => ({ searchId, documentId: id })));
  await client.query('mutation($clicks: [RecordClickInput!]!) { recordClicks(input: { clicks: $clicks }) { recorded } }', { clicks });
}

async function files(folder: string): Promise<string[]> {
  return (await readdir(path.join(running.modelsDir, folder))).sort();
}

/** What a run sealed, as a range of the learning order. */
async function sealedBy(runId: string): Promise<[number, number]> {
  const [run] = await running.sql('select sealed_from::int as after, learned_through::int as through from training_run where id = $1', [runId]);
  return [run.after, run.through];
}

test('clicks on everything are refused with the figures; the run and its file are there to look at, and the champion goes on serving', async () => {
  await learn(client, log, { lists: 4 });
  const champion = (await learn(client, log, { lists: 4 })).checkpoint.id;
  const ranking = await preview(client, 'heart');
  const kept = await files('ctr_online');
  log.events.length = 0;

  await clickEverything(10);
  const run = await train(client, log);
  expect(run).toMatchObject({ status: 'REJECTED', samples: 50, newSamples: 50, checkpoint: { status: 'REJECTED' } });
  expect(run.reason).toMatch(/^50 clicks where \d+(\.\d)? were expected in 50 samples \(z = \d+(\.\d)?\): more than chance gives/);
  const [{ node }] = (await client.query(REFUSED)).trainingRuns.edges;
  const file = path.join(running.modelsDir, 'rejected', `${run.checkpoint.id}.safetensors`);
  expect(node).toMatchObject({
    id: run.id,
    mode: 'ONLINE',
    reason: run.reason,
    parent: { id: champion },
    metrics: { samples: 50, logLoss: expect.any(Number) },
    servedMetrics: { samples: 50, logLoss: expect.any(Number) },
    checkpoint: { id: run.checkpoint.id, status: 'REJECTED', active: false, path: file, parent: { id: champion }, trainingRun: { id: run.id }, activations: { edges: [] } },
  });
  expect(await files('rejected')).toContain(path.basename(file));
  expect(await files('ctr_online')).toEqual(kept);

  expect(log.events.filter((event: Answer) => event.modelReloaded)).toEqual([]);
  expect(await activeRanker(client)).toBe(champion);
  expect((await search(client, 'heart')).ranker.id).toBe(champion);
  expect(await preview(client, 'heart')).toEqual(ranking);
  expect((await client.error(ACTIVATE, { rankerId: run.checkpoint.id })).extensions.code).toBe('FAILED_PRECONDITION');
});

test('refused challengers push out no version to roll back to', async () => {
  await configure(client, { checkpointRetention: 2 });
  const first = (await learn(client, log, { lists: 4 })).checkpoint.id;
  const second = (await learn(client, log, { lists: 4 })).checkpoint.id;
  for (let run = 0; run < 2; run++) {
    await clickEverything(6);
    expect((await train(client, log)).status).toBe('REJECTED');
  }
  const { checkpoints } = await client.query('{ checkpoints(first: 4) { edges { node { id status } } } }');
  expect(checkpoints.edges.map(({ node }: Answer) => node.status)).toEqual(['REJECTED', 'REJECTED', 'AVAILABLE', 'AVAILABLE']);
  expect((await rollBack(client)).ranker.id).toBe(first);
  expect((await search(client, 'heart')).ranker.id).toBe(first);
  expect(await files('ctr_online')).toEqual(expect.arrayContaining([first, second].map((id) => `${id}.safetensors`)));
});

test('what was refused is offered again; twice in a row, the first batch is set aside, and honest clicks are learned without it', async () => {
  const parent = (await learn(client, log, { lists: 6 })).checkpoint.id;
  await clickEverything(10);
  const spoiled = await train(client, log);
  expect(spoiled).toMatchObject({ status: 'REJECTED', samples: 50 });
  await showAndClick(client, { lists: 4 });
  const again = await train(client, log);
  // Offered both batches, it is refused for the first one's sake.
  expect(again).toMatchObject({ status: 'REJECTED', parent: { id: parent }, newSamples: 20, samples: 70 });
  const [after, through] = await sealedBy(spoiled.id);
  expect(again.reason).toMatch(new RegExp(`^54 clicks .* what that one had taken \\(up to ${through} in the learning order\\) is set aside\\.$`));

  const honest = await learn(client, log);
  expect(honest).toMatchObject({ status: 'SUCCEEDED', reason: null, parent: { id: parent }, newSamples: 10, samples: 30 });
  const account = await learningAccount(running);
  expect(account).toMatchObject({ notOfferedAgain: 0, misremembered: [], learnedSamples: 30 + 30, reportedSamples: 30 + 30, setAsideSamples: 50, offeredSamples: 0, clicks: 6 + 4 + 2 });
  expect(account.setAside.at(-1)).toEqual([after, through]);

  // Rolled back, that is set aside, too; neither comes back.
  await rollBack(client);
  expect(await learn(client, log)).toMatchObject({ status: 'SUCCEEDED', parent: { id: parent }, samples: 10 });
  expect(await learningAccount(running)).toMatchObject({ misremembered: [], learnedSamples: 30 + 10, reportedSamples: 30 + 10, setAsideSamples: 50 + 30, offeredSamples: 0, clicks: 6 + 2 });
});

test('the third run in a row that departs the same way is taken for a real change, learns what is still on offer, and says so', async () => {
  const parent = (await learn(client, log, { lists: 6 })).checkpoint.id;
  await clickEverything(10);
  const first = await train(client, log);
  await clickEverything(6);
  const second = await train(client, log);
  expect([first, second]).toMatchObject([
    { status: 'REJECTED', samples: 50 },
    { status: 'REJECTED', samples: 80, reason: expect.stringMatching(/is set aside\.$/) },
  ]);
  await clickEverything(4);
  const third = await train(client, log);
  expect(third).toMatchObject({ status: 'SUCCEEDED', parent: { id: parent }, samples: 50, newSamples: 20, checkpoint: { status: 'AVAILABLE' } });
  expect(third.reason).toBe('Third run in a row with more clicks than expected: taken for a real change, and learned. If it is none, roll back.');
  expect(await activeRanker(client)).toBe(third.checkpoint.id);
  const account = await learningAccount(running);
  expect(account.setAside.at(-1)).toEqual(await sealedBy(first.id));
  expect(account).toMatchObject({ notOfferedAgain: 0, misremembered: [], learnedSamples: 30 + 50, setAsideSamples: 50, clicks: 6 + 50 });

  // As it said: rolled back, nothing of it comes back.
  expect((await rollBack(client)).ranker.id).toBe(parent);
  expect(await learn(client, log)).toMatchObject({ status: 'SUCCEEDED', reason: null, parent: { id: parent }, samples: 10 });
  expect(await learningAccount(running)).toMatchObject({ misremembered: [], setAsideSamples: 100, clicks: 6 + 2 });
});

test('runs that depart in different ways do not add up to a change', async () => {
  await learn(client, log, { lists: 10 });
  await showAndClick(client, { lists: 6, documentId: 'white' });
  const elsewhere = await train(client, log);
  expect(elsewhere).toMatchObject({ status: 'REJECTED', reason: expect.stringContaining('but on results where they were unlikely') });
  for (let run = 0; run < 2; run++) {
    await clickEverything(10);
    expect(await train(client, log)).toMatchObject({ status: 'REJECTED', reason: expect.stringMatching(/: more than chance gives.* is set aside\.$/) });
  }
  await clickEverything(10);
  expect(await train(client, log)).toMatchObject({ status: 'SUCCEEDED', reason: expect.stringMatching(/^Third run in a row with more clicks/) });
});

test('rolled back, the change was none: what departs the same way afterwards is refused again', async () => {
  const parent = (await learn(client, log, { lists: 6 })).checkpoint.id;
  const statuses: string[] = [];
  for (let run = 0; run < 3; run++) {
    await clickEverything(6);
    statuses.push((await train(client, log)).status);
  }
  expect(statuses).toEqual(['REJECTED', 'REJECTED', 'SUCCEEDED']);
  await rollBack(client, 'a robot');
  await clickEverything(6);
  expect(await train(client, log)).toMatchObject({ status: 'REJECTED', samples: 30, reason: expect.stringMatching(/: more than chance gives/) });
  expect(await activeRanker(client)).toBe(parent);
});
