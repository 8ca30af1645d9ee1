/** The package as users install it: the tarball alone, in an empty folder, with what package.json names as dependencies and nothing else of the repository. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCommand, startCommand, type RunningCommand } from '../support/run-cli.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let folder: string;
let database: TestDatabase;
let server: RunningCommand | undefined;
/** The installed command. */
let program: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rankloop packed '));
  database = await createTestDatabase();
  await run('npm', ['run', 'pack', '--', '--pack-destination', folder], { cwd: root });
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, 'rankloop'), { recursive: true });
  await run('tar', ['-xzf', join(folder, tarball!), '-C', join(modules, 'rankloop'), '--strip-components=1']);
  const { bin, dependencies, optionalDependencies } = JSON.parse(await readFile(join(modules, 'rankloop/package.json'), 'utf8')) as Record<'bin' | 'dependencies' | 'optionalDependencies', Record<string, string>>;
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (!existsSync(join(root, 'node_modules', name))) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  program = [join(modules, 'rankloop', bin.rankloop!)];
}, 180_000);

afterAll(async () => {
  server?.child.kill('SIGTERM');
  await server?.ended;
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('from the tarball: start, with page and playground, then import, status and export, the data in the current folder', async () => {
  const cwd = join(folder, 'shop');
  await mkdir(cwd);
  server = startCommand(['start'], { cwd, program, env: { PORT: '0', DATABASE_URL: database.url, LOG_FORMAT: 'json' } });
  const url = (await server.said(/API (http:\/\/\S+)\/graphql/))[1]!;
  for (const path of ['/', '/graphiql']) expect((await fetch(`${url}${path}`)).status).toBe(200);
  const options = { cwd, program, env: { RANKLOOP_URL: url } };

  await writeFile(join(cwd, 'shop.csv'), 'id,title\n1,red heart\n2,\n3,blue heart\n');
  expect(await runCommand(['import', 'shop.csv'], options)).toMatchObject({ code: 4, stderr: 'shop.csv:3: no title\n', stdout: expect.stringContaining('Stored 2 of 3 rows') });
  expect(await runCommand(['status'], options)).toMatchObject({ code: 0, stdout: expect.stringContaining('base ranker') });
  expect(await runCommand(['export', 'documents'], options)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\{"id":"1",.*\n\{"id":"3",.*\n$/) });
  expect((await readdir(cwd)).sort()).toEqual(['models', 'shop.csv']);
});
