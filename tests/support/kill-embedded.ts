/** For embedded servers that have outlived the test, or the test run, that started them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { locateHome } from '../../src/database/embedded/home.js';
import { findPostmaster } from '../../src/database/embedded/postmaster.js';

/** Ends whatever server runs in a data folder, at once and without a checkpoint. */
export async function killEmbedded(dataDir: string): Promise<void> {
  const home = await locateHome(dataDir).catch(() => undefined);
  if (!home) return;
  for (let postmaster; (postmaster = await findPostmaster(`${home}/data`)); await sleep(10)) process.kill(postmaster.pid, 'SIGQUIT');
}
