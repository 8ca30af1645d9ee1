/** Training runs over HTTP, waited for to their end. */
import { click, configure, onEvent, request, search } from '../loop/api.js';
import { importCatalogue, QUERIES } from '../loop/catalogue.js';
import { clickedOf } from '../loop/trigger.js';

const LISTS = 120;

export interface EndedRun {
  durationMs: number;
  checkpointId: string;
  /** Of its checkpoint. */
  bytes: number;
}

/** Real lists and clicks, and a real run over them: what is then multiplied. */
export async function learnOnce(url: string): Promise<void> {
  await importCatalogue(url);
  await configure(url, { enabled: false, attributionWindowSeconds: 0 });
  for (let turn = 0; turn < LISTS; turn++) {
    const query = QUERIES[turn % QUERIES.length] ?? '';
    const { searchId, documentIds } = await search(url, query);
    for (const clicked of clickedOf(query, documentIds)) await click(url, searchId, clicked);
  }
  await trained(url, 'ONLINE');
}

interface Finished {
  status: string;
  reason: string | null;
  durationMs: number;
  checkpoint: { id: string; bytes: number } | null;
}

/** Starts a run and waits for its end. @throws when it does not succeed */
export async function trained(url: string, mode: 'ONLINE' | 'OFFLINE', activate = mode === 'ONLINE'): Promise<EndedRun> {
  let ended: (event: unknown) => void = () => undefined;
  const end = await onEvent(url, 'subscription { trainingFinished { status reason durationMs checkpoint { id bytes } } }', (_at, event) => ended(event));
  const finished = new Promise<unknown>((resolve) => (ended = resolve));
  await request(url, `mutation { trainModel(input: { mode: ${mode}, activate: ${activate} }) { run { id } } }`);
  const { status, reason, durationMs, checkpoint } = ((await finished) as { data: { trainingFinished: Finished } }).data.trainingFinished;
  await end();
  if (status !== 'SUCCEEDED' || checkpoint === null) throw new Error(`A run ended ${status}: ${reason}`);
  return { durationMs, checkpointId: checkpoint.id, bytes: checkpoint.bytes };
}
