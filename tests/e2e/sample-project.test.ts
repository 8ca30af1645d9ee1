/** A user's project, with the packed package installed in it: its types hold, mistakes are found, and it runs. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HEARTS, importDocuments } from '../support/operations.js';
import { startApp } from '../support/running-app.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
let project: string;
/** A compiler on a machine that runs other tests at once. */
const COMPILING_MS = 240_000;

/** What the compiler says; empty when it is content. */
async function compile(...args: string[]): Promise<string> {
  try {
    await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), ...args], { cwd: project });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'rankloop sample '));
  const installed = path.join(project, 'node_modules', 'rankloop');
  await cp(path.join(root, 'tests', 'sample-project'), project, { recursive: true });
  await mkdir(installed, { recursive: true });
  await run(process.execPath, ['scripts/build.js', 'server', 'declarations'], { cwd: root });
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], { cwd: root });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  await run('tar', ['-xzf', path.join(project, packed!.filename), '-C', installed, '--strip-components', '1']);
  // What npm would install beside it.
  await mkdir(path.join(project, 'node_modules', '@types'));
  for (const name of ['graphql', 'graphql-ws', 'ws', '@types/node']) await symlink(path.join(root, 'node_modules', name), path.join(project, 'node_modules', name));
}, COMPILING_MS);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

test('a page of the project compiles without the types of Node', async () => {
  expect(await compile()).toBe('');
}, COMPILING_MS);

test('a script of the project compiles without those of a browser, and runs against a server', async () => {
  expect(await compile('-p', 'script')).toBe('');
  const app = await startApp();
  await importDocuments(app.client, HEARTS);
  const { stdout } = await run(process.execPath, ['out/main.js', app.url], { cwd: project });
  expect(JSON.parse(stdout)).toEqual({ results: 5, positive: 1 });
  await app.stop();
}, COMPILING_MS);

test('mistakes are found by the compiler', async () => {
  await writeFile(
    path.join(project, 'page.ts'),
    `import { createClient } from 'rankloop/client';
const client = createClient({ url: 'http://localhost:4000' });
void client.search({ quary: 'heart' });
void client.recordClick({ searchId: 'x' });
void client.search({ query: 'heart' }).then(({ results }) => results[0].document.name);
`,
  );
  const complaints = await compile();
  expect(complaints.match(/page\.ts\(\d+,/g)).toEqual(['page.ts(3,', 'page.ts(4,', 'page.ts(5,']);
}, COMPILING_MS);
