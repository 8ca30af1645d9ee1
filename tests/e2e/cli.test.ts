/** The command line beside the import: export, train, rollback, status, start, demo, and what it says where nobody can be asked. */
import { exec } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { EventLog } from '../support/api-client.js';
import { compiled } from '../support/compiled.js';
import { importDocuments } from '../support/operations.js';
import { runCommand, startCommand, type CommandEnd, type CommandOptions } from '../support/run-cli.js';
import type { RunningApp } from '../support/running-app.js';
import { activeRanker, showAndClick, startHearts, startOver, storeHistory, watch } from '../support/training.js';

let running: RunningApp;
let log: EventLog;
let folder: string;

beforeAll(async () => {
  running = await startHearts();
  log = await watch(running.client);
  folder = await mkdtemp(join(tmpdir(), 'rankloop command '));
});

beforeEach(() => startOver(running, log));

afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

function rankloop(args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  return runCommand(args, { cwd: folder, ...options, env: { RANKLOOP_URL: running.url, ...options.env } });
}

test('help is worth reading, the version is the package’s, and what is not understood ends with 2', async () => {
  const [help, commandHelp, version, unknown, value] = await Promise.all([rankloop(['--help']), rankloop(['import', '--help']), rankloop(['--version']), rankloop(['improt']), rankloop(['export', 'samples', '--after', 'noon'])]);
  expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/Exit codes:[^]*3 {2}the server was not reached/) });
  expect(commandHelp).toMatchObject({ code: 0, stdout: expect.stringContaining('$ rankloop import products.csv --map id=sku,title=name,body=description') });
  const { version: expected } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  expect(version).toMatchObject({ code: 0, stdout: `${expected}\n` });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("unknown command 'improt'") });
  expect(value).toMatchObject({ code: 2, stderr: expect.stringContaining('It must be a date or a time') });
});

test('a training is waited for: 0 with the checkpoint that serves, and status tells of it; rollback undoes it, and says what served', async () => {
  await storeHistory(running, 60);
  const trained = await rankloop(['train', '--model', 'incremental']);
  expect(trained).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Training run \S+ began: offline, incremental\.\nctr_model_v\d+ learned 300 samples in .*; it serves now\. Log loss/) });
  const checkpoint = await activeRanker(running.client);

  const [status, json] = await Promise.all([rankloop(['status']), rankloop(['status', '--json'])]);
  expect(status).toMatchObject({ code: 0, stderr: '' });
  expect(status.stdout).toMatch(new RegExp(`^server {5}${running.url}\nserves {5}${checkpoint}, for \\d+ s \\(trained\\)\n`));
  for (const subject of ['samples', 'training', 'last runs', 'proof', 'storage']) expect(status.stdout).toContain(`\n${subject.padEnd(11)}`);
  expect(JSON.parse(json.stdout)).toMatchObject({ activeRanker: { id: checkpoint }, sampleStats: { threshold: 1_000_000 } });

  const asked = await rankloop(['rollback']);
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  expect(await activeRanker(running.client)).toBe(checkpoint);
  const back = await rankloop(['rollback', '--yes', '--reason', 'a test']);
  expect(back).toMatchObject({ code: 0, stdout: `${checkpoint} served; base ranker serves now.\n` });
  expect(await running.sql('select evidence from activation order by id desc limit 1')).toEqual([{ evidence: 'a test' }]);
});

test('a training that cannot begin ends with 1, one that is not waited for with 0, and a model can be kept without serving', async () => {
  expect(await rankloop(['train'])).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to learn from') });
  await storeHistory(running, 60);
  expect(await rankloop(['train', '--no-activate'])).toMatchObject({ code: 0, stdout: expect.stringContaining('it is kept and does not serve') });
  expect(await activeRanker(running.client)).toBe('base');
  // The run may have ended before the command has.
  const from = log.events.length;
  expect(await rankloop(['train', '--no-wait'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Training run \S+ began: offline, logistic\.\n$/) });
  await log.next(({ trainingFinished }) => trainingFinished, { from });
});

test('without a server, status says where it looked and ends with 3', async () => {
  expect(await rankloop(['status', '--url', 'http://127.0.0.1:1'])).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('No answer from http://127.0.0.1:1.') });
});

test('samples are exported by filter, as JSON Lines and CSV', async () => {
  const [searchId] = await showAndClick(running.client, { lists: 2 });
  const [all, clicked, one, csv, future] = await Promise.all([
    rankloop(['export', 'samples']),
    rankloop(['export', 'samples', '--clicked']),
    rankloop(['export', 'samples', '--search', searchId!, '--document', 'red']),
    rankloop(['export', 'samples', '--format', 'csv', '--limit', '3', '--query', 'HEART']),
    rankloop(['export', 'samples', '--after', '2100-01-01']),
  ]);
  const rows = ({ stdout }: CommandEnd): Record<string, unknown>[] => stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows(all)).toHaveLength(10);
  expect(rows(clicked)).toEqual([expect.objectContaining({ documentId: 'blue', clicked: true }), expect.objectContaining({ documentId: 'blue', clicked: true })]);
  expect(rows(one)).toEqual([expect.objectContaining({ searchId, documentId: 'red', clicked: false, features: expect.any(Object) })]);
  expect(csv.stdout.split('\n').slice(0, 2)).toEqual([expect.stringMatching(/^searchId,position,query,documentId,clicked/), expect.stringMatching(/,1,heart,[a-z]+,(true|false),/)]);
  expect(csv.stdout.trim().split('\n')).toHaveLength(4);
  expect(future).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('what was exported is imported as it was, by either format, and the file appears when it is whole', async () => {
  await importDocuments(running.client, [{ id: 'odd', title: 'a "quoted", title', body: 'two\nlines', attributes: { tags: ['x', 1], deep: { a: null } } }]);
  const before = await running.sql('select id, title, body, attributes from document order by id');
  const exported = await Promise.all(['all.csv', 'all.jsonl'].map((file) => rankloop(['export', 'documents', '--out', file])));
  expect(exported).toEqual(['all.csv', 'all.jsonl'].map((file) => expect.objectContaining({ code: 0, stdout: `Wrote ${before.length} documents to ${file}.\n` })));
  expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([]);
  for (const file of ['all.csv', 'all.jsonl']) {
    await running.sql('delete from document');
    expect(await rankloop(['import', file])).toMatchObject({ code: 0, stderr: '' });
    expect(await running.sql('select id, title, body, attributes from document order by id')).toEqual(before);
  }
});

test('a reader that has had enough ends an export quietly', async () => {
  await running.sql(`insert into document (id, title, body, attributes, revision) select 'many-' || n, 'title', repeat('words ', 100), '{}', 0 from generate_series(1, 4000) n`);
  const command = startCommand(['export', 'documents'], { env: { RANKLOOP_URL: running.url } });
  await once(command.child.stdout!, 'data');
  command.child.stdout!.destroy();
  expect(await command.ended).toMatchObject({ code: 0, stderr: '' });
  await running.sql(`delete from document where id like 'many-%'`);
});

test('start serves until a signal, with its models in the current folder; the demo ends by itself', async () => {
  const env = { PORT: '0', DATABASE_URL: running.database.url, LOG_FORMAT: 'json' };
  const server = startCommand(['start'], { cwd: folder, env });
  await server.said(/Rankloop is ready/);
  expect(await readdir(folder)).toContain('models');
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
  expect(await rankloop(['demo', '--help'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: rankloop demo/) });
  expect(await rankloop(['demo', '--searches', 'some'], { env })).toMatchObject({ code: 1, stderr: expect.stringContaining('--searches must be a whole number') });
});

test('that somebody has read enough of what it says is no failure', async () => {
  const { stdout, stderr } = await promisify(exec)(`"${process.execPath}" "${compiled('cli/main.ts')}" import --help | head -n 1`);
  expect({ stdout, stderr }).toEqual({ stdout: 'Usage: rankloop import [options] <file>\n', stderr: '' });
});
