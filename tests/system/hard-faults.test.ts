/** What a machine does to a server: a process that is stopped and goes on, a disk that is full, bits that turn over. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { ModelFiles, sha256Of } from '../../src/services/model-files.js';
import { startChild } from '../support/child-app.js';
import { learningAccount } from '../support/learning-account.js';
import { click, preview, search } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { letLeaseEnd, runRow, until } from '../support/runs-in-trouble.js';
import { activeRanker, ended, learn, showAndClick, startHearts, storeHistory, trainModel, watch } from '../support/training.js';

let running: RunningApp | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const filesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort();

test('a process that is stopped while it trains, past its lease, brings nothing when it goes on, and trains again', async () => {
  const app = (running = await startHearts());
  const log = await watch(app.client);
  await storeHistory(app, 4_000);
  const child = await startChild(app);
  try {
    const progress = await child.client.subscribe('subscription { trainingProgress { samplesDone } }');
    const { id } = await trainModel(child.client, { mode: 'OFFLINE' });
    await progress.next();
    child.signal('SIGSTOP');
    await letLeaseEnd(app, app.client, id);
    expect(await ended(log, id)).toMatchObject({ status: 'SUCCEEDED', samples: 20_000 });
    expect(await runRow(app, id)).toMatchObject({ attempts: 2, fencing: 2 });

    child.signal('SIGCONT');
    // One thing after the other: it has come to the end of the first when it ends a second.
    const next = await ended(log, (await trainModel(child.client, { mode: 'OFFLINE' })).id);
    expect(next).toMatchObject({ status: 'SUCCEEDED' });
    expect(await app.sql('select count(*)::int as count from checkpoint where run_id = $1', [id])).toEqual([{ count: 1 }]);
    const kept = (await app.sql(`select id from checkpoint where mode = 'OFFLINE'`)).map(({ id: name }) => `${name}.safetensors`);
    await until(async () => (await filesIn(path.join(app.modelsDir, 'ctr_offline'))).join() === kept.sort().join());
    const account = await learningAccount(app);
    expect(account.reportedSamples).toBe(account.learnedSamples);
  } finally {
    await child.client.close();
    await child.kill();
  }
});

/** A disk of 256 KB; null, said aloud, where this user may mount nothing. */
async function smallDisk(): Promise<{ folder: string; remove: () => Promise<void> } | null> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'rankloop-test', folder], { stdio: 'pipe' });
  } catch {
    await rm(folder, { recursive: true });
    process.stderr.write('Skipped: a full disk, since this user may not mount a small one.\n');
    return null;
  }
  return {
    folder,
    remove: async () => {
      execFileSync('umount', [folder]);
      await rm(folder, { recursive: true });
    },
  };
}

const disk = await smallDisk();

(disk ? test : test.skip)('on a full disk runs fail with a reason, what serves goes on serving, clicks are taken; with room again all of it is learned', async () => {
  const { folder, remove } = disk!;
  try {
    const app = (running = await startHearts({}, { RANKLOOP_MODELS_DIR: folder }));
    const log = await watch(app.client);
    const { checkpoint } = await learn(app.client, log, { documentId: 'white' });
    const ranking = await preview(app.client, 'heart');
    const before = await filesIn(path.join(folder, 'ctr_online'));

    const filler = path.join(folder, 'filler');
    await writeFile(filler, Buffer.alloc(1_000_000)).catch((error: NodeJS.ErrnoException) => expect(error.code).toBe('ENOSPC'));
    await showAndClick(app.client);
    expect(await ended(log, (await trainModel(app.client, { mode: 'ONLINE' })).id)).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('ENOSPC') });
    expect(await activeRanker(app.client)).toBe(checkpoint.id);
    expect(await preview(app.client, 'heart')).toEqual(ranking);
    const { searchId } = await search(app.client, 'heart');
    await click(app.client, searchId, 'green');
    expect(await filesIn(path.join(folder, 'ctr_online'))).toEqual(before);

    await rm(filler);
    await learn(app.client, log);
    const account = await learningAccount(app);
    expect(account.learnedSamples).toBe(account.settled);
    await running.stop();
    running = undefined;
  } finally {
    await remove();
  }
});

test('no bit of a checkpoint file can turn over, and none be missing, without being noticed', async () => {
  const app = (running = await startHearts());
  const { checkpoint } = await learn(app.client, await watch(app.client));
  const bytes = await readFile(path.join(app.modelsDir, 'ctr_online', `${checkpoint.id}.safetensors`));
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop models '));
  try {
    const files = new ModelFiles(folder);
    const noticed = async (spoiled: Uint8Array): Promise<boolean> => {
      await writeFile(path.join(folder, 'spoiled.safetensors'), spoiled);
      return (await files.readVerified('spoiled.safetensors', sha256Of(bytes))) === null;
    };
    expect(await noticed(bytes)).toBe(false);
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 500)) {
      const spoiled = Uint8Array.from(bytes);
      spoiled[at]! ^= 1 << (at % 8);
      expect({ at, noticed: await noticed(spoiled) }).toEqual({ at, noticed: true });
      expect({ length: at, noticed: await noticed(bytes.subarray(0, at)) }).toEqual({ length: at, noticed: true });
    }
    expect(await noticed(bytes.subarray(0, -1))).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
