/** A large catalogue's index is read from the data folder at start; whatever is wrong with that file, searches are right. */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { importDocuments, preview } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const DOCUMENTS = Array.from({ length: 5_200 }, (_, n) => ({ id: `d${n}`, title: `item ${n}`, body: `colour${n % 100} shape${n % 37}` }));
let running: RunningApp;
let dataDir: string;
let file: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'rankloop data '));
  file = path.join(dataDir, 'catalogue.index');
  running = await startApp({ RANKLOOP_DATA_DIR: dataDir });
  for (let start = 0; start < DOCUMENTS.length; start += 1_000) await importDocuments(running.client, DOCUMENTS.slice(start, start + 1_000));
});

afterAll(async () => {
  await running.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const QUERIES = ['colour7', 'shape11 colour48', 'item 4321', 'itam'];
const rankings = (): Promise<string[][]> => Promise.all(QUERIES.map((query) => preview(running.client, query)));

test('it is written when the server stops, and what is read at the next start answers the same', async () => {
  const before = await rankings();
  expect(before.every((ids) => ids.length > 0)).toBe(true);
  await running.restart();
  const { mtimeMs } = await stat(file);
  expect(await readdir(dataDir)).toEqual(['catalogue.index']);
  expect(await rankings()).toEqual(before);
  // Nothing has changed: it is not written again.
  await running.restart();
  expect((await stat(file)).mtimeMs).toBe(mtimeMs);
  expect(await rankings()).toEqual(before);
});

test('what was imported and deleted since it was written is found, or not, at the next start', async () => {
  const { client: other, app } = await running.startReplica({ RANKLOOP_DATA_DIR: path.join(dataDir, 'other') });
  await running.app.stop();
  await importDocuments(other, [{ id: 'new', title: 'colour7 colour7', body: '' }]);
  await other.query('mutation { deleteDocuments(input: { ids: ["d7"] }) { deleted } }');
  await other.close();
  await app.stop();
  await running.restart();
  const [first] = await rankings();
  expect(first).toContain('new');
  expect(first).not.toContain('d7');
});

test('a file that is spoiled, or does not fit what is stored, is made anew', async () => {
  const before = await rankings();
  await running.app.stop();
  await writeFile(file, 'no index at all');
  await running.restart();
  expect(await rankings()).toEqual(before);
  // As after a backup was restored: rows are missing of which no revision tells.
  await running.app.stop();
  await running.sql(`delete from document where id = 'd107'`);
  await running.restart();
  const left = before[0]!.filter((id) => id !== 'd107');
  expect(left).toHaveLength(before[0]!.length - 1);
  expect((await rankings())[0]!.slice(0, left.length)).toEqual(left);
});
