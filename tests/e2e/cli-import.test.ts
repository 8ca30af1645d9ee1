/** `rankloop import` as its user sees it: a process that reads a file, survives interruptions on either side, and says what it left out. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../support/operations.js';
import { runCommand, startCommand, type CommandEnd } from '../support/run-cli.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { holdLock, releaseLocks } from '../support/training.js';

let running: RunningApp;
let folder: string;

beforeAll(async () => {
  // A restart must find the same port.
  running = await startApp({ PORT: String(await freePort()), LOG_LEVEL: 'fatal' });
  folder = await mkdtemp(join(tmpdir(), 'rankloop import '));
});

beforeEach(() => running.sql('delete from document'));

afterAll(async () => {
  await releaseLocks();
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Writes the text into a file of the folder, and imports it. */
async function importText(name: string, text: string, ...args: string[]): Promise<CommandEnd> {
  await writeFile(join(folder, name), text);
  return runCommand(['import', name, ...args], { cwd: folder, env: { RANKLOOP_URL: running.url } });
}

async function stored(): Promise<number> {
  const [row] = await running.sql('select count(*)::int as count from document');
  return row.count;
}

const hasJournal = async (name: string): Promise<boolean> => (await readdir(folder)).includes(`.${name}.rankloop-import.json`);

/** Five calls' worth of rows. */
const MANY = ['id,title', ...Array.from({ length: 5_000 }, (_, nth) => `${nth},title ${nth}`), ''].join('\n');

test('a CSV file with quoted newlines: ten bad rows are reported with their lines, the good ones stored, exit code 4', async () => {
  const rows = [
    'sku,name,text,brand', // line 1
    's1,first,"two\nlines, ""quoted""",x', // 2–3
    ',no id,,', // 4
    's2,,no title,', // 5
    's3,too few', // 6
    's4,too,many,cells,here', // 7
    's5,"quote"x,y,z', // 8
    's6,a "b" c,y,z', // 9
    `s7,${'x'.repeat(1_025)},y,z`, // 10
    `${'9'.repeat(129)},long id,y,z`, // 11
    `s8,long body,${'x'.repeat(65_537)},z`, // 12
    `s9,long attribute,y,${'x'.repeat(16_385)}`, // 13
    's10,last,,', // 14
    '',
  ];
  const { code, stdout, stderr } = await importText('shop.csv', rows.join('\n'), '--map', 'id=sku,title=name,body=text');
  expect(stderr.trim().split('\n').map((line) => /^shop\.csv:(\d+): (.*)$/.exec(line)?.[1])).toEqual(['4', '5', '6', '7', '8', '9', '10', '11', '12', '13']);
  expect(stderr).toContain('shop.csv:10: title must have 1 to 1,024 characters; it has 1,025 (id "s7")');
  expect(stdout).toMatch(/^Stored 2 of 12 rows of shop\.csv, .*10 bad rows were left out\.\n$/);
  expect(code).toBe(4);
  expect(await running.sql('select id, title, body, attributes from document order by id')).toEqual([
    { id: 's1', title: 'first', body: 'two\nlines, "quoted"', attributes: { brand: 'x' } },
    { id: 's10', title: 'last', body: '', attributes: {} },
  ]);
  expect(await hasJournal('shop.csv')).toBe(false);
});

test('JSON arrays and JSON Lines: lines of the file, the last row of an id wins, and a row that no call may hold is found', async () => {
  const [array, lines] = await Promise.all([
    importText('a.json', '[\n{"id": "a", "title": "first"},\n\n{"id": "b"},\n{"id": "c", "title": "c", "extra": {"__proto__": 1}},\n{"id": "a", "title": "second", "tags": ["x"]}\n]'),
    importText('b.ndjson', '{"id": 7, "title": "seven"}\nnonsense\n{"id": "8", "title": "eight"}\n'),
  ]);
  expect(array).toMatchObject({ code: 4, stderr: expect.stringMatching(/^a\.json:4: no title\na\.json:5: .*\(id "c"\)\n$/) });
  expect(lines).toMatchObject({ code: 4, stderr: expect.stringMatching(/^b\.ndjson:2: it is not JSON.*\n$/) });
  expect(await running.sql('select id, title, attributes from document order by id')).toEqual([
    { id: '7', title: 'seven', attributes: {} },
    { id: '8', title: 'eight', attributes: {} },
    { id: 'a', title: 'second', attributes: { tags: ['x'] } },
  ]);
});

test('what cannot be done is said in a line, with the exit code that is stated', async () => {
  const env = { RANKLOOP_URL: running.url };
  await writeFile(join(folder, 'x.csv'), 'sku,title\n1,a\n');
  await writeFile(join(folder, 'broken.json'), '[{"id": "a", "title": "a"},\n{"id"]');
  const ends = await Promise.all([
    runCommand(['import', 'x.csv'], { cwd: folder, env }),
    runCommand(['import', 'missing.csv'], { cwd: folder, env }),
    runCommand(['import', 'broken.json'], { cwd: folder, env }),
    runCommand(['import', '-'], { cwd: folder, env }),
    runCommand(['import', 'x.csv', '--map', 'id=sku', '--url', 'http://127.0.0.1:1', '--wait', '1'], { cwd: folder, env }),
  ]);
  expect(ends.map(({ code }) => code)).toEqual([2, 1, 1, 2, 3]);
  expect(ends.map(({ stderr }) => stderr)).toEqual([
    expect.stringContaining('no column "id" for the id (it has: sku, title)'),
    expect.stringContaining('missing.csv cannot be read'),
    expect.stringContaining('broken in or after the element on line 2'),
    expect.stringContaining('give --format'),
    expect.stringContaining('http://127.0.0.1:1 has not answered for 1 s'),
  ]);
  // What stood before the break.
  expect(await stored()).toBe(1);
});

test('standard input is taken', async () => {
  const end = await runCommand(['import', '-', '--format', 'csv'], { env: { RANKLOOP_URL: running.url }, input: 'id,title\n1,a\n2,b\n' });
  expect(end).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Stored 2 of 2 rows of standard input/) });
});

test('killed half way, the same command goes on where it was, and --restart does not', async () => {
  await writeFile(join(folder, 'many.csv'), MANY);
  const options = { cwd: folder, env: { RANKLOOP_URL: running.url } };
  const first = startCommand(['import', 'many.csv'], options);
  await eventually(async () => expect(await hasJournal('many.csv')).toBe(true));
  const lock = await holdLock(running, 'lock table document in exclusive mode');
  first.child.kill('SIGKILL');
  expect((await first.ended).signal).toBe('SIGKILL');
  await lock.release();
  const { standing } = JSON.parse(await readFile(join(folder, '.many.csv.rankloop-import.json'), 'utf8')) as { standing: { rows: number } };
  expect(standing.rows).toBeLessThan(5_000);

  const second = await runCommand(['import', 'many.csv'], options);
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining(`Going on behind ${standing.rows.toLocaleString('en-US')} rows`), stdout: expect.stringContaining('Stored 5,000 of 5,000 rows') });
  expect(await stored()).toBe(5_000);
  expect(await hasJournal('many.csv')).toBe(false);

  const third = await runCommand(['import', 'many.csv', '--restart'], options);
  expect(third).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Going on') });
});

test('a server that is restarted meanwhile is waited for', async () => {
  await writeFile(join(folder, 'restart.csv'), MANY);
  const command = startCommand(['import', 'restart.csv'], { cwd: folder, env: { RANKLOOP_URL: running.url } });
  await eventually(async () => expect(await hasJournal('restart.csv')).toBe(true));
  await running.restart();
  const { code, stderr } = await command.ended;
  expect(stderr).toMatch(/is away .*\n(.*\n)*The server is back after/);
  expect(code).toBe(0);
  expect(await stored()).toBe(5_000);
});

test('Ctrl-C ends it with 130, and says that the same command goes on', async () => {
  await writeFile(join(folder, 'stopped.csv'), MANY);
  const command = startCommand(['import', 'stopped.csv'], { cwd: folder, env: { RANKLOOP_URL: running.url } });
  await eventually(async () => expect(await hasJournal('stopped.csv')).toBe(true));
  const lock = await holdLock(running, 'lock table document in exclusive mode');
  command.child.kill('SIGINT');
  expect(await command.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('The same command goes on from there.') });
  await lock.release();
});

test('with keys, an import needs the admin key', async () => {
  const adminKey = 'an-admin-key-of-the-test';
  const { client } = await running.startReplica({ PORT: '0', RANKLOOP_ADMIN_KEYS: adminKey });
  const end = (env: Record<string, string>): Promise<CommandEnd> => runCommand(['import', '-', '--format', 'csv'], { env: { RANKLOOP_URL: client.url, ...env }, input: 'id,title\n1,a\n' });
  const [without, wrong, right] = await Promise.all([end({}), end({ RANKLOOP_KEY: 'another-key-of-the-test' }), end({ RANKLOOP_KEY: adminKey })]);
  expect([without.code, wrong.code, right.code]).toEqual([1, 1, 0]);
  expect(without.stderr).toContain('The admin key is given by --key or RANKLOOP_KEY.');
});
