/** Checkpoint files in trouble: torn, flipped, gone, in the database too; and numbers that are never used again. */
import { copyFile, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, EventLog } from '../support/api-client.js';
import { configure, eventually, preview, search } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { activate, activeRanker, learn, rollBack, showAndClick, startHearts, startOver, train, trainModel, ended, watch } from '../support/training.js';

let running: RunningApp;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts();
});

beforeEach(async () => {
  log = await watch(running.client);
  await startOver(running, log);
});

afterAll(() => running.stop());

const RELOAD = 'mutation { reloadModel { activation { reason evidence ranker { id } previous { id } } } }';
const fileOf = (id: string, folder = 'ctr_online'): string => path.join(running.modelsDir, folder, `${id}.safetensors`);

/** Spoils the bytes in the database: with the files gone too, nothing is left of the checkpoint. */
async function lose(id: string, ...elsewhere: string[]): Promise<void> {
  for (const file of [fileOf(id), ...elsewhere]) await rm(file, { force: true });
  await running.sql(`update checkpoint_bytes set bytes = set_byte(bytes, 100, (get_byte(bytes, 100) + 1) % 256) where checkpoint_id = $1`, [id]);
}

const damages: [string, (file: string) => Promise<void>][] = [
  ['deleted', (file) => rm(file)],
  ['emptied', (file) => truncate(file, 0)],
  ['cut within the header', (file) => truncate(file, 40)],
  ['cut by one byte', async (file) => truncate(file, (await readFile(file)).length - 1)],
  ['bit-flipped in its last byte', (file) => flip(file, -1)],
  ['bit-flipped in its first byte', (file) => flip(file, 0)],
  ['replaced by another checkpoint', async (file) => copyFile(path.join(path.dirname(file), (await readdir(path.dirname(file))).sort()[0]!), file)],
  ['gone with its folder', (file) => rm(path.dirname(file), { recursive: true })],
];

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  await writeFile(file, bytes);
}

test('a damaged file is restored from the database, whatever the damage, and serves bit for bit as before', async () => {
  const { client } = running;
  await learn(client, log, { documentId: 'white' });
  const { checkpoint } = await learn(client, log, { documentId: 'green', lists: 6 });
  const whole = await readFile(fileOf(checkpoint.id));
  const ranking = await preview(client, 'heart');
  for (const [name, damage] of damages) {
    await damage(fileOf(checkpoint.id));
    expect((await client.query(RELOAD)).reloadModel.activation).toEqual({ reason: 'RELOADED', evidence: null, ranker: { id: checkpoint.id }, previous: { id: checkpoint.id } });
    expect([name, (await readFile(fileOf(checkpoint.id))).equals(whole)]).toEqual([name, true]);
    expect(await preview(client, 'heart')).toEqual(ranking);
  }
  expect(log.events.filter((event: Answer) => event.modelReloaded?.reason === 'RELOADED')).toHaveLength(damages.length);
});

test('a damaged file is restored when the app starts', async () => {
  const { client } = running;
  const { checkpoint } = await learn(client, log);
  const whole = await readFile(fileOf(checkpoint.id));
  await flip(fileOf(checkpoint.id), 200);
  await running.restart();
  expect(await activeRanker(running.client)).toBe(checkpoint.id);
  expect(await readFile(fileOf(checkpoint.id))).toEqual(whole);
});

test('a checkpoint lost in both places gives way at start to the newest that can be read, with the reason in the history', async () => {
  const first = (await learn(running.client, log, { documentId: 'white' })).checkpoint.id;
  const second = (await learn(running.client, log, { documentId: 'black' })).checkpoint.id;
  const third = (await learn(running.client, log, { documentId: 'green' })).checkpoint.id;
  await lose(third);
  await lose(second);
  await running.restart();
  expect((await search(running.client, 'heart')).ranker.id).toBe(first);
  const { activations } = await running.client.query('{ activations(first: 1) { edges { node { reason evidence ranker { id } previous { id } } } } }');
  expect(activations.edges[0].node).toEqual({ reason: 'AUTO_ROLLED_BACK', evidence: expect.stringContaining(`${third} cannot be read`), ranker: { id: first }, previous: { id: third } });
  // Learning goes on from there.
  expect(await learn(running.client, await watch(running.client))).toMatchObject({ status: 'SUCCEEDED', parent: { id: first } });
});

test('a checkpoint lost in both places gives way while serving, when it is asked for again', async () => {
  const { client } = running;
  const first = (await learn(client, log, { documentId: 'white' })).checkpoint.id;
  const second = (await learn(client, log, { documentId: 'black' })).checkpoint.id;
  await lose(second);
  expect((await client.query(RELOAD)).reloadModel.activation).toMatchObject({ reason: 'AUTO_ROLLED_BACK', ranker: { id: first }, previous: { id: second } });
  expect((await log.next((event: Answer) => event.modelReloaded?.reason === 'AUTO_ROLLED_BACK')).modelReloaded).toMatchObject({ ranker: { id: first }, previous: { id: second } });
  expect((await client.error('mutation($id: ID!) { activateRanker(input: { rankerId: $id }) { activation { id } } }', { id: second })).extensions.code).toBe('FAILED_PRECONDITION');
  expect(await activeRanker(client)).toBe(first);
});

test('where it was trained a parent is not read again: the next run goes on from it though it is lost in both places', async () => {
  const { client } = running;
  const { checkpoint: parent } = await learn(client, log);
  await lose(parent.id);
  const run = await learn(client, log);
  expect(run).toMatchObject({ status: 'SUCCEEDED', reason: null, parent: { id: parent.id }, samples: 10 });
  await lose(run.checkpoint.id);
  expect(await learn(client, log)).toMatchObject({ status: 'SUCCEEDED', reason: null, parent: { id: run.checkpoint.id }, samples: 10 });
});

test('a parent lost in both places fails a run elsewhere, once, and learning goes on from the newest that can be read', async () => {
  const { client } = running;
  const replica = await running.startReplica();
  const first = (await learn(client, log)).checkpoint.id;
  const second = (await learn(client, log)).checkpoint.id;
  await eventually(async () => expect(await activeRanker(replica.client)).toBe(second));
  await lose(second, path.join(replica.modelsDir, 'ctr_online', `${second}.safetensors`));
  await showAndClick(client);
  const there = await watch(replica.client);
  const failed = await train(replica.client, there);
  expect(failed).toMatchObject({ status: 'FAILED', checkpoint: null, reason: expect.stringContaining(`${second} is missing or damaged`) });
  await there.next((event: Answer) => event.modelReloaded?.reason === 'AUTO_ROLLED_BACK');
  expect(await activeRanker(replica.client)).toBe(first);
  expect(await learn(replica.client, there)).toMatchObject({ status: 'SUCCEEDED', parent: { id: first }, samples: 10 });
});

test('when no checkpoint can be read the base ranker serves', async () => {
  await running.client.query('mutation { deleteCheckpoints(input: { keepNewest: 0 }) { deleted { id } } }');
  const { checkpoint } = await learn(running.client, log);
  await lose(checkpoint.id);
  await running.restart();
  expect(await activeRanker(running.client)).toBe('base');
  expect((await search(running.client, 'heart')).ranker.id).toBe('base');
  log = await watch(running.client);
  expect(await learn(running.client, log)).toMatchObject({ status: 'SUCCEEDED', parent: { id: 'base' } });
});

test('rollback passes over a version that can no longer be read', async () => {
  const { client } = running;
  const first = (await learn(client, log, { documentId: 'white' })).checkpoint.id;
  const second = (await learn(client, log, { documentId: 'black' })).checkpoint.id;
  await learn(client, log, { documentId: 'green' });
  await lose(second);
  await running.restart();
  expect((await rollBack(running.client)).ranker.id).toBe(first);
});

test('numbers are never used again: not after a deletion, a restart, a change of prefix, nor under files that lie there', async () => {
  const numberOf = (id: string): number => Number(/\d+$/.exec(id)?.[0]);
  const before = numberOf((await learn(running.client, log)).checkpoint.id);
  const deleted = (await learn(running.client, log)).checkpoint.id;
  await activate(running.client, 'base');
  await running.client.query('mutation($id: ID!) { deleteCheckpoints(input: { ids: [$id] }) { deleted { id } } }', { id: deleted });
  await running.restart();
  log = await watch(running.client);
  await configure(running.client, { modelPrefix: 'hearts' });
  expect((await learn(running.client, log)).checkpoint.id).toBe(`hearts_${String(before + 2).padStart(3, '0')}`);

  await writeFile(fileOf('somebody_else_1998'), 'not one of ours');
  await writeFile(fileOf('whim_99999999999999999999'), 'not one of ours');
  await configure(running.client, { modelPrefix: 'ctr_model_online' });
  expect((await learn(running.client, log)).checkpoint.id).toBe('ctr_model_online_1999');
  await rm(fileOf('somebody_else_1998'));
  expect((await learn(running.client, log)).checkpoint.id).toBe('ctr_model_online_2000');
  expect((await train(running.client, log, { mode: 'OFFLINE' })).checkpoint.id).toMatch(/^ctr_model_v\d$/);
});

test('a start removes what a killed process was writing long ago, and files of checkpoints removed meanwhile, and nothing else', async () => {
  const { checkpoint } = await learn(running.client, log);
  const removed = (await learn(running.client, log)).checkpoint.id;
  await activate(running.client, 'base');
  await copyFile(fileOf(removed), fileOf('kept aside'));
  await running.client.query('mutation($id: ID!) { deleteCheckpoints(input: { ids: [$id] }) { deleted { id } } }', { id: removed });
  await copyFile(fileOf('kept aside'), fileOf(removed));
  const [old, fresh] = ['.writing-old', '.writing-fresh'].map((name) => path.join(running.modelsDir, 'ctr_online', name)) as [string, string];
  for (const file of [old, fresh]) await writeFile(file, 'half');
  await utimes(old, new Date(0), new Date(0));
  await running.restart();
  const files = await readdir(path.join(running.modelsDir, 'ctr_online'));
  expect(files).toEqual(expect.arrayContaining([`${checkpoint.id}.safetensors`, 'kept aside.safetensors', '.writing-fresh']));
  expect(files).not.toContain(`${removed}.safetensors`);
  expect(files).not.toContain('.writing-old');
});

test('a folder that cannot be written fails the run with a reason, and the next one, when it can, learns what was offered', async () => {
  const { client } = running;
  const folder = path.join(running.modelsDir, 'ctr_online');
  await learn(client, log);
  await rm(folder, { recursive: true });
  await writeFile(folder, 'a file where the folder should be');
  await showAndClick(client);
  const failed = await ended(log, (await trainModel(client, { mode: 'ONLINE' })).id);
  expect(failed).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('twice'), newSamples: 10 });
  await rm(folder);
  await mkdir(folder);
  expect(await learn(client, log)).toMatchObject({ status: 'SUCCEEDED', samples: 20, newSamples: 10 });
});
