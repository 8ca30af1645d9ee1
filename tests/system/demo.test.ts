/** `npm run demo` as its user sees it: a process that tells a story, ends by itself, and goes on from there at the next start. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compiled } from '../support/compiled.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let modelsDir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  modelsDir = await mkdtemp(path.join(tmpdir(), 'rankloop demo '));
});

afterAll(async () => {
  await rm(modelsDir, { recursive: true, force: true });
  await database.drop();
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the demo; `onOutput` may send it a signal. */
function runDemo(args: readonly string[], onOutput: (stdout: string, stop: (signal: NodeJS.Signals) => void) => void = () => undefined): Promise<Ended> {
  const { npm_lifecycle_event: _npm, ...environment } = process.env;
  const child = spawn(process.execPath, [compiled('demo/main.ts'), ...args], {
    env: { ...environment, DATABASE_URL: database.url, PORT: '0', RANKLOOP_MODELS_DIR: modelsDir, LOG_FORMAT: 'json', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
    onOutput(ended.stdout, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}

const numbers = (text: string, pattern: RegExp): number[] => [...text.matchAll(pattern)].map((match) => Number(match[1]));

test('a first start imports, learns from 150 searches and ends; a second goes on from there, until Ctrl-C', async () => {
  const first = await runDemo(['--searches', '150', '--speed', '150']);
  expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/page +http:\/\/127\.0\.0\.1:\d+\//);
  expect(first.stdout).toContain('imported 1,949 documents');
  expect(first.stdout).toContain('attributionWindowSeconds');
  expect(first.stdout).toContain('20 % of the searches show learning and the base ranker head to head (proofRate, usually .05)');
  expect(first.stdout).toMatch(/\d:\d\d {2}nDCG@10 \.\d\d with base ranker/);
  expect(first.stdout).toMatch(/training triggered by \d{1,3}(,\d{3})* new samples/);
  expect(first.stdout).toMatch(/saved \S.*ctr_online.ctr_model_online_001\.safetensors \(log loss [.\d–]+, AUC [.\d–]+; served [.\d–]+, [.\d–]+\)/);
  expect(first.stdout).toMatch(/model reloaded in (under 1|[\d,]+) ms/);
  expect(first.stdout).toMatch(/nDCG@10 \.\d\d → \.\d\d, base \.\d\d {2}[▁-█]+/);
  expect(first.stdout).toMatch(/never searched: \.\d\d, text alone \.\d\d · .*\d+ head-to-heads?/);
  expect(first.stdout).toMatch(/[█▒░]{16} \d{1,3}(,\d{3})*\/100 samples · [\d,]+ search(es)? · [\d,]+ clicks? · CTR [\d.]+ %/);
  expect(first.stdout).toMatch(/In \d:\d\d:\n {2}150 searches, 1,\d{3} samples, \d+ clicked/);
  const trained = numbers(first.stdout, /ctr_model_online_(\d+)\.safetensors/g);
  expect(trained).toEqual(trained.map((_, index) => index + 1));
  expect((await readdir(path.join(modelsDir, 'ctr_online'))).length).toBe(Math.min(5, trained.length));

  const second = await runDemo(['--speed', '100'], (stdout, stop) => {
    if (/ → \.\d\d, base/.test(stdout)) stop('SIGINT');
  });
  expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' });
  expect(second.stdout).toContain('the catalogue is there: 1,949 emoji');
  expect(second.stdout).toContain(`going on from 150 searches stored, with ctr_model_online_${String(trained.at(-1)).padStart(3, '0')}`);
  const quality = (text: string, pattern: RegExp): number => numbers(text, pattern).at(-1)!;
  expect(quality(second.stdout, /nDCG@10 (\.\d\d) with ctr_model/g)).toBe(quality(first.stdout, /→ (\.\d\d), base/g));
  // The first may have stopped in the middle of a run, whose number is then not used again.
  expect(numbers(second.stdout, /ctr_model_online_(\d+)\.safetensors/g)[0]).toBeGreaterThan(trained.at(-1)!);
  expect(second.stdout).toMatch(/In \d:\d\d:\n {2}[\s\S]*serves; the next start goes on from here\.\n$/);
}, 240_000);

test('what it does not understand it says in one line, before anything is started', async () => {
  const { code, stdout, stderr } = await runDemo(['--serches', '150']);
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: "rankloop: Unknown option '--serches'. --help lists the options.\n" });
});
