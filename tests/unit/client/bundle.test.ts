/** What the client costs a page: its bundles as the server serves them. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;

/** One of them, made with the configuration that the build uses. */
async function bundle(name: string): Promise<string> {
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  await run(process.execPath, [vite, 'build', '--config', 'vite.client.config.js', '--mode', name, '--logLevel', 'error', '--outDir', folder, '--emptyOutDir', 'false'], { cwd: root });
  return path.join(folder, `${name}.js`);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rankloop-client-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('the client without subscriptions has at most 5,000 bytes compressed', async () => {
  const code = await readFile(await bundle('client'), 'utf8');
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(5_000);
  expect(code).not.toContain('graphql-transport-ws');
});

test('subscriptions have at most 6,000 bytes compressed', async () => {
  const code = await readFile(await bundle('client-subscriptions'), 'utf8');
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(6_000);
  expect(code).toContain('graphql-transport-ws');
});

test('a bundle is one file, and gives what the package gives', async () => {
  const [client, subscriptions] = await Promise.all([bundle('client'), bundle('client-subscriptions')]);
  expect((await readdir(folder)).sort()).toEqual(['client-subscriptions.js', 'client.js']);
  const given = (file: string): Promise<object> => import(pathToFileURL(file).href) as Promise<object>;
  expect(Object.keys(await given(client)).sort()).toEqual(['RequestError', 'createClient']);
  expect(Object.keys(await given(subscriptions)).sort()).toEqual(['RequestError', 'createSubscriptions']);
});
