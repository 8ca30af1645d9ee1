/** Training runs held at a certain point, and taken over: what tests of crashes need to know where a run stands. */
import type { Answer, ApiClient } from './api-client.js';
import { search } from './operations.js';
import type { RunningApp } from './running-app.js';
import { holdLock, type HeldLock } from './training.js';

export async function runRow({ sql }: RunningApp, id: string): Promise<Answer> {
  const [row] = await sql('select status, reason, attempts, fencing, number, checkpoint_id as "checkpointId" from training_run where id = $1', [id]);
  return row;
}

export async function until(done: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 30_000; !(await done()); ) if (performance.now() > deadline) throw new Error('What was waited for did not come.');
}

/** Lets a run's lease end, as if its process had been gone for long, and makes the processes look; resolves when one has taken it. */
export async function letLeaseEnd(running: RunningApp, client: ApiClient, id: string): Promise<void> {
  const { fencing } = await runRow(running, id);
  await until(async () => {
    await running.sql(`update training_run set lease_until = now() - interval '1 second' where id = $1 and fencing = $2`, [id, fencing]);
    await search(client, 'heart');
    return (await runRow(running, id)).fencing > fencing;
  });
}

/** Resolves when a process has learned, and waits to save: for the lock that holdSaving holds. */
export function waitsToSave({ sql }: RunningApp): Promise<void> {
  return until(async () => (await sql(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%checkpoint_number%'`)).length > 0);
}

/** Keeps every run from ending, by the lock that sealing and activations take. */
export function holdEnding(running: RunningApp): Promise<HeldLock> {
  return holdLock(running, 'select 1 from learning_order for update');
}
