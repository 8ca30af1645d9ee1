/** Making a running app learn, run by run, and following what it says of it. */
import pg from 'pg';
import type { Answer, ApiClient, EventLog } from './api-client.js';
import { click, configure, HEARTS, importDocuments, search } from './operations.js';
import { startApp, type RunningApp } from './running-app.js';

const RUN = 'id mode status trigger reason samples newSamples progress parent { id } checkpoint { id path status activations(first: 1) { edges { node { reason } } } } metrics { samples logLoss } servedMetrics { samples }';

/** Everything that is said of a run, on one socket, so that the order of arrival can be seen. */
const EVENTS = [
  `subscription { trainingStarted { ${RUN} } }`,
  `subscription { trainingProgress { run { ${RUN} } progress samplesDone logLoss } }`,
  `subscription { trainingFinished { ${RUN} } }`,
  'subscription { modelReloaded { ranker { id } previous { id } checkpoint { id } reason at } }',
  'subscription { checkpointRemoved { id status } }',
];

/** Settings under which nothing trains by itself and everything shown settles at once. */
const BY_HAND = { trainingThreshold: 1_000_000, attributionWindowSeconds: 0, minSecondsBetweenRuns: 0, explorationRate: 0, proofRate: 0 };

const DEFAULTS = { enabled: true, checkpointRetention: 5, modelPrefix: 'ctr_model_online' };

/** An app with five hearts in its catalogue, which trains when told to. Expected faults are not logged. */
export async function startHearts(settings: Record<string, unknown> = {}, environment: Record<string, string> = {}): Promise<RunningApp> {
  const running = await startApp({ LOG_LEVEL: 'fatal', ...environment });
  await importDocuments(running.client, HEARTS);
  await configure(running.client, { ...BY_HAND, ...settings });
  return running;
}

/** Back to a catalogue that nobody has searched: nothing stored, the base ranker serving. Numbers go on. */
export async function startOver({ client }: RunningApp, log: EventLog): Promise<void> {
  await releaseLocks();
  await client.query('mutation { clearSamples(input: { confirm: true }) { deleted } }');
  await activate(client, 'base');
  await configure(client, { ...BY_HAND, ...DEFAULTS });
  log.events.length = 0;
}

export function watch(client: ApiClient): Promise<EventLog> {
  return client.subscribe(EVENTS);
}

/** Shows some lists of five hearts and clicks on one in each. @returns the searches' ids */
export async function showAndClick(client: ApiClient, { lists = 2, documentId = 'blue', query = 'heart' } = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let list = 0; list < lists; list++) {
    const { searchId } = await search(client, query);
    await click(client, searchId, documentId);
    ids.push(searchId);
  }
  return ids;
}

/** Makes one click a list of five what was predicted, so that the batch check finds nothing to refuse: for tests in which users change their mind. */
export async function foresee(running: RunningApp): Promise<void> {
  await running.sql('update sample p set click_probability = 0.2 from search s where s.id = p.search_id and s.learn_seq is null');
}

export async function trainModel(client: ApiClient, input: Record<string, unknown> = {}): Promise<Answer> {
  return (await client.query(`mutation($input: TrainModelInput!) { trainModel(input: $input) { run { ${RUN} } } }`, { input })).trainModel.run;
}

/** A checkpoint that has begun to serve was promoted, whatever its run's reason says besides: the activation is committed with the run's end. */
function promoted(run: Answer): boolean {
  return run.status === 'SUCCEEDED' && run.checkpoint.activations.edges.length > 0;
}

/** The run as it ended; if it was promoted, its checkpoint serves by then. */
export async function ended(log: EventLog, runId: string): Promise<Answer> {
  const { trainingFinished: run } = await log.next((event: Answer) => event.trainingFinished?.id === runId);
  if (promoted(run)) await log.next((event: Answer) => event.modelReloaded?.ranker.id === run.checkpoint.id);
  return run;
}

/** Trains to the end. */
export async function train(client: ApiClient, log: EventLog, input: Record<string, unknown> = { mode: 'ONLINE' }): Promise<Answer> {
  return ended(log, (await trainModel(client, input)).id);
}

/** Learns online what is left to learn, after the run that may be open. */
export async function trainRest(client: ApiClient, log: EventLog): Promise<void> {
  for (;;) {
    const { data, errors } = await client.raw('mutation { trainModel(input: { mode: ONLINE }) { run { id } } }');
    if (errors?.[0]?.extensions.code === 'FAILED_PRECONDITION') return;
    const runId = errors?.[0]?.extensions.runId ?? data?.trainModel.run.id;
    if (typeof runId !== 'string') throw new Error(`Unexpected errors: ${JSON.stringify(errors)}`);
    await ended(log, runId);
  }
}

/** Shows, clicks, learns online. @returns the run */
export async function learn(client: ApiClient, log: EventLog, shown: Parameters<typeof showAndClick>[1] = {}): Promise<Answer> {
  await showAndClick(client, shown);
  return train(client, log);
}

export async function activate(client: ApiClient, rankerId: string): Promise<Answer> {
  return (
    await client.query('mutation($rankerId: ID!) { activateRanker(input: { rankerId: $rankerId }) { activation { id ranker { id } previous { id } reason evidence } } }', { rankerId })
  ).activateRanker.activation;
}

export async function rollBack(client: ApiClient, reason?: string): Promise<Answer> {
  return (
    await client.query('mutation($reason: String) { rollbackRanker(input: { reason: $reason }) { activation { id ranker { id } previous { id } reason evidence } } }', { reason })
  ).rollbackRanker.activation;
}

export async function activeRanker(client: ApiClient): Promise<string> {
  return (await client.query('{ activeRanker { id } }')).activeRanker.id;
}

/** Keeps runs of a mode from saving what they learned, by the lock on its counter, until released: so they are surely still going on. */
export function holdSaving(running: RunningApp, mode: 'ONLINE' | 'OFFLINE'): Promise<HeldLock> {
  return holdLock(running, 'select value from checkpoint_number where mode = $1 for update', [mode]);
}

/** What a lock's own connection is called, so that a test which cuts connections can spare it. */
export const LOCK_HOLDER = 'rankloop test holds a lock';

export interface HeldLock {
  release: () => Promise<void>;
}

const heldLocks: HeldLock[] = [];

/** Holds what a statement locks, in a transaction beside the app, until released. */
export async function holdLock({ database }: RunningApp, statement: string, values: readonly unknown[] = []): Promise<HeldLock> {
  const holder = new pg.Client({ ...database.address, application_name: LOCK_HOLDER });
  await holder.connect();
  await holder.query('begin');
  await holder.query(statement, [...values]);
  const lock = { release: () => holder.end() };
  heldLocks.push(lock);
  return lock;
}

/** A test that failed before it released a lock must not take the ones after it along. */
export async function releaseLocks(): Promise<void> {
  for (const lock of heldLocks.splice(0)) await lock.release();
}

/** Stores so many settled lists of five hearts, the second clicked in every third, as if they had been shown a while ago. */
export async function storeHistory(running: RunningApp, lists: number): Promise<void> {
  await running.sql(
    `with shown as (
      insert into search (id, query, query_key, "limit", "offset", ranker_id, swapped, sample_count, shown_at, settles_at)
      select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid, 'heart', 'heart', 5, 0, 'base', false, 5, at, at
      from (select date_trunc('milliseconds', now() - make_interval(secs => n)) as at from generate_series(1, $1::int) n) t
      returning id
    ), numbered as (
      select id, row_number() over () as nth from shown
    ), samples as (
      insert into sample (search_id, position, document_id, base_position, base_score, score, click_probability, propensity, feature_set, features, label, click_count)
      select id, place, (array['red', 'blue', 'green', 'black', 'white'])[place], place, 6 - place, 6 - place, 0.1, 1, 1, array[(3 - place) / 2.0]::real[],
        place = 2 and nth % 3 = 0, (place = 2 and nth % 3 = 0)::int
      from numbered, generate_series(1, 5) place
    )
    update counter set searches = searches + $1, samples = samples + 5 * $1, settled = settled + 5 * $1, clicked = clicked + $1 / 3 where shard = 0`,
    [lists],
  );
}
