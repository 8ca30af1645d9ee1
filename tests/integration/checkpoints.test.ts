/** Checkpoints as operators use them: activation, rollback, retention, archive, deletion, storage, history. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, EventLog } from '../support/api-client.js';
import { learningAccount } from '../support/learning-account.js';
import { click, configure, preview, samples, search } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { activate, activeRanker, foresee, learn, rollBack, showAndClick, startHearts, startOver, train, watch } from '../support/training.js';

let running: RunningApp;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts();
  log = await watch(running.client);
});

beforeEach(async () => {
  await startOver(running, log);
  // Each test begins with no history to roll back into.
  await running.sql(`update activation set returns_to = null where id = (select max(id) from activation)`);
});

afterAll(() => running.stop());

const DELETE = 'mutation($input: DeleteCheckpointsInput!) { deleteCheckpoints(input: $input) { deleted { id status } } }';
const ROLL_BACK = 'mutation { rollbackRanker { activation { id } } }';
const ACTIVATE = 'mutation($rankerId: ID!) { activateRanker(input: { rankerId: $rankerId }) { activation { id } } }';
const ARCHIVE = 'mutation($id: ID!) { archiveCheckpoint(input: { id: $id }) { checkpoint { id status path } } }';

async function deleted(input: Record<string, unknown>): Promise<string[]> {
  const { deleteCheckpoints } = await running.client.query(DELETE, { input });
  return deleteCheckpoints.deleted.map((checkpoint: Answer) => checkpoint.id).sort();
}

/** Checkpoint after checkpoint, each of another taste. @returns their ids, oldest first */
async function learnThree(): Promise<[string, string, string]> {
  const ids: string[] = [];
  for (const documentId of ['white', 'black', 'green']) {
    await showAndClick(running.client, { documentId, lists: 6 });
    await foresee(running);
    ids.push((await train(running.client, log)).checkpoint.id);
  }
  return ids as [string, string, string];
}

async function statusOf(ids: readonly string[]): Promise<string[]> {
  const rows = await running.sql('select status from unnest($1::text[]) with ordinality t(id, nth) join checkpoint using (id) order by nth', [ids]);
  return rows.map(({ status }: Answer) => status);
}

/** What a search made after the event is ranked by. */
async function serving(reason: string): Promise<string> {
  const { modelReloaded } = await log.next((event: Answer) => event.modelReloaded?.reason === reason);
  log.events.length = 0;
  const found = await search(running.client, 'heart');
  expect(found.ranker.id).toBe(modelReloaded.ranker.id);
  return found.ranker.id;
}

test('rollback goes to the version before, further back, to the base ranker, and activation forward again, each seen in the next search', async () => {
  const { client } = running;
  const base = await preview(client, 'heart');
  const [first, second, third] = await learnThree();
  log.events.length = 0;
  expect(await rollBack(client, 'the third is too green')).toMatchObject({ ranker: { id: second }, previous: { id: third }, reason: 'ROLLED_BACK', evidence: 'the third is too green' });
  expect(await serving('ROLLED_BACK')).toBe(second);
  await rollBack(client);
  expect(await serving('ROLLED_BACK')).toBe(first);
  await rollBack(client);
  expect(await serving('ROLLED_BACK')).toBe('base');
  expect(await preview(client, 'heart')).toEqual(base);
  expect((await client.error(ROLL_BACK)).extensions.code).toBe('FAILED_PRECONDITION');

  await activate(client, third);
  expect(await serving('ACTIVATED')).toBe(third);
  expect((await preview(client, 'heart')).indexOf('green')).toBeLessThan(base.indexOf('green'));
  // Back from where an activation by hand went: to what served before it.
  await rollBack(client);
  expect(await serving('ROLLED_BACK')).toBe('base');
});

test('after a rollback learning goes on from there with what was not yet sealed, and what was rolled back does not come back', async () => {
  const { client } = running;
  const [, second] = await learnThree();
  await showAndClick(client, { lists: 3, documentId: 'red' });
  await foresee(running);
  await rollBack(client);
  const run = await train(client, log);
  expect(run).toMatchObject({ status: 'SUCCEEDED', parent: { id: second }, samples: 15, newSamples: 15 });

  const account = await learningAccount(running);
  const [third] = await running.sql('select learned_from::int as after, learned_through::int as through from training_run order by queued_at desc offset 1 limit 1');
  expect(account.setAside.at(-1)).toEqual([third.after, third.through]);
  expect(account.reportedSamples).toBe(account.learnedSamples);
  expect(account.remembered.clicks).toBeCloseTo(6 + 6 + 3, 2);
});

test('a late click on a search that was set aside is counted and not learned', async () => {
  const { client } = running;
  const { checkpoint } = await learn(client, log);
  const [searchId = ''] = await showAndClick(client, { lists: 1 });
  await train(client, log);
  await rollBack(client);
  await click(client, searchId, 'white');
  const run = await learn(client, log, { lists: 1 });
  expect(run).toMatchObject({ parent: { id: checkpoint.id }, samples: 5 });
  const account = await learningAccount(running);
  expect(account.remembered.clicks).toBeCloseTo(2 + 1, 2);
  expect(await running.sql(`select late, learn_seq is not null as sealed from click where document_id = 'white'`)).toEqual([{ late: true, sealed: true }]);
});

test('rollback skips what is no longer kept', async () => {
  const { client } = running;
  const [first, second, third] = await learnThree();
  expect(await deleted({ ids: [second] })).toEqual([second]);
  expect(await rollBack(client)).toMatchObject({ ranker: { id: first }, previous: { id: third } });
});

test('activating what serves already changes nothing for a later rollback', async () => {
  const { client } = running;
  const [, second, third] = await learnThree();
  await activate(client, third);
  await activate(client, third);
  expect((await rollBack(client)).ranker.id).toBe(second);
});

test('what cannot serve is not activated: unknown, removed, or rejected', async () => {
  const { client } = running;
  const [first, second] = await learnThree();
  await deleted({ ids: [first] });
  expect((await client.error(ACTIVATE, { rankerId: first })).extensions.code).toBe('FAILED_PRECONDITION');
  await running.sql(`update checkpoint set status = 'REJECTED' where id = $1`, [second]);
  expect((await client.error(ACTIVATE, { rankerId: second })).message).toMatch(/rejected/);
  expect((await client.error(ACTIVATE, { rankerId: 'ctr_model_online_999999' })).extensions.code).toBe('NOT_FOUND');
  expect((await client.error(ACTIVATE, { rankerId: '' })).extensions.code).toBe('BAD_USER_INPUT');
  expect((await client.error('{ previewRanking(query: "heart", rankerId: "no such") { totalMatches } }')).extensions.code).toBe('NOT_FOUND');
});

test('retention keeps the newest online checkpoints; archived and offline ones are out of its reach', async () => {
  const { client, modelsDir } = running;
  const [first, second, third] = await learnThree();
  const archived = (await client.query(ARCHIVE, { id: first })).archiveCheckpoint.checkpoint;
  expect(archived).toMatchObject({ id: first, status: 'ARCHIVED', path: path.join(modelsDir, 'archive', `${first}.safetensors`) });
  const offline = (await train(client, log, { mode: 'OFFLINE', activate: false })).checkpoint.id;
  await configure(client, { checkpointRetention: 2 });
  await showAndClick(client);
  await foresee(running);
  const fourth = (await train(client, log)).checkpoint.id;
  await log.next((event: Answer) => event.checkpointRemoved?.id === second);
  expect(await statusOf([first, second, third, fourth, offline])).toEqual(['ARCHIVED', 'REMOVED', 'AVAILABLE', 'AVAILABLE', 'AVAILABLE']);
  const files = [`archive/${first}`, `ctr_online/${first}`, `ctr_online/${second}`, `ctr_online/${third}`, `ctr_online/${fourth}`, `ctr_offline/${offline}`];
  expect(files.map((file) => existsSync(path.join(modelsDir, `${file}.safetensors`)))).toEqual([true, false, false, true, true, true]);
  expect(await running.sql('select 1 from checkpoint_bytes where checkpoint_id = $1', [second])).toEqual([]);
  // What is archived can serve.
  await activate(client, first);
  expect(await activeRanker(client)).toBe(first);
});

test('the checkpoint that serves is kept though newer ones are as many as retention keeps', async () => {
  const { client } = running;
  await configure(client, { checkpointRetention: 1 });
  const serving = (await learn(client, log)).checkpoint.id;
  const unserved: string[] = [];
  for (let run = 0; run < 3; run++) {
    await showAndClick(client);
    unserved.push((await train(client, log, { mode: 'ONLINE', activate: false })).checkpoint.id);
  }
  await log.next((event: Answer) => event.checkpointRemoved?.id === unserved[1]);
  expect(await statusOf([serving, ...unserved])).toEqual(['AVAILABLE', 'REMOVED', 'REMOVED', 'AVAILABLE']);
  expect(await activeRanker(client)).toBe(serving);
});

test('deletion is by id, by age or beyond a number; what serves is refused by name and passed over by sweeps, as archived ones are', async () => {
  const { client } = running;
  await deleted({ keepNewest: 0 });
  const [first, second, third] = await learnThree();
  expect((await client.error(DELETE, { input: {} })).extensions.code).toBe('BAD_USER_INPUT');
  expect((await client.error(DELETE, { input: { mode: 'ONLINE' } })).extensions.code).toBe('BAD_USER_INPUT');
  expect((await client.error(DELETE, { input: { keepNewest: -1 } })).extensions.code).toBe('BAD_USER_INPUT');
  expect((await client.error(DELETE, { input: { ids: [first, third] } })).message).toMatch(/serves now/);
  expect((await client.error(DELETE, { input: { ids: [first, 'no such'] } })).extensions.code).toBe('NOT_FOUND');
  expect(await deleted({ olderThan: '2000-01-01T00:00:00Z' })).toEqual([]);
  expect(await deleted({ keepNewest: 3 })).toEqual([]);
  expect(await deleted({ keepNewest: 2, mode: 'OFFLINE' })).toEqual([]);
  expect(await deleted({ keepNewest: 2 })).toEqual([first]);
  await log.next((event: Answer) => event.checkpointRemoved?.id === first);

  await client.query(ARCHIVE, { id: second });
  expect(await deleted({ keepNewest: 0, olderThan: '2999-01-01T00:00:00Z' })).toEqual([]);
  expect(await activeRanker(client)).toBe(third);
  expect(await deleted({ ids: [second, second] })).toEqual([second]);
  // Deleted once; the row stays.
  expect(await deleted({ ids: [second] })).toEqual([]);
  expect((await client.query('query($id: ID!) { checkpoint(id: $id) { status active trainingRun { status } } }', { id: second })).checkpoint).toEqual({ status: 'REMOVED', active: false, trainingRun: { status: 'SUCCEEDED' } });
  expect((await client.error(ARCHIVE, { id: second })).extensions.code).toBe('FAILED_PRECONDITION');
  expect((await client.error(ARCHIVE, { id: 'no such' })).extensions.code).toBe('NOT_FOUND');
});

test('a dry run says what a sweep would delete, and deletes nothing', async () => {
  await deleted({ keepNewest: 0 });
  const [first, second, third] = await learnThree();
  expect(await deleted({ mode: 'ONLINE', keepNewest: 1, dryRun: true })).toEqual([first, second]);
  expect(await deleted({ mode: 'ONLINE', keepNewest: 0, dryRun: true })).toEqual([first, second]);
  expect(await running.client.error(DELETE, { input: { ids: [third], dryRun: true } })).toMatchObject({ extensions: { code: 'FAILED_PRECONDITION' } });
  expect(await deleted({ mode: 'ONLINE', keepNewest: 1 })).toEqual([first, second]);
  expect(await deleted({ mode: 'ONLINE', keepNewest: 1, dryRun: true })).toEqual([]);
});

test('what is removed can be left out of the list', async () => {
  const [first, second, third] = await learnThree();
  await deleted({ ids: [first] });
  const { checkpoints } = await running.client.query('{ checkpoints(first: 200, kept: true, mode: ONLINE) { edges { node { id } } } }');
  const ids = checkpoints.edges.map(({ node }: Answer) => node.id);
  expect(ids.slice(0, 2)).toEqual([third, second]);
  expect(ids).not.toContain(first);
});

test('where a rollback would lead is said before, skipping what is no longer kept', async () => {
  const target = async (): Promise<string | undefined> => (await running.client.query('{ rollbackTarget { id } }')).rollbackTarget?.id;
  expect(await target()).toBeUndefined();
  const [first, second] = await learnThree();
  expect(await target()).toBe(second);
  await deleted({ ids: [second] });
  expect(await target()).toBe(first);
  await rollBack(running.client);
  expect(await activeRanker(running.client)).toBe(first);
  expect(await target()).toBe('base');
});

test('refused checkpoints never count against the newest that a sweep keeps', async () => {
  const { client } = running;
  await deleted({ keepNewest: 0 });
  const [first, second, third] = await learnThree();
  await running.sql(`update checkpoint set status = 'REJECTED' where id = $1`, [second]);
  expect(await deleted({ keepNewest: 2 })).toEqual([]);
  expect(await deleted({ keepNewest: 1 })).toEqual([first]);
  expect(await activeRanker(client)).toBe(third);
});

test('storage says what is kept, where, and how much room is left', async () => {
  const { client, modelsDir } = running;
  await deleted({ keepNewest: 0 });
  const [first] = await learnThree();
  await client.query(ARCHIVE, { id: first });
  await train(client, log, { mode: 'OFFLINE', activate: false });
  const { modelStorage } = await client.query('{ modelStorage { online { checkpoints bytes path } offline { checkpoints } archived { checkpoints bytes } rejected { checkpoints bytes } freeDiskBytes warning } }');
  expect(modelStorage).toMatchObject({ online: { checkpoints: 2, path: path.join(modelsDir, 'ctr_online') }, offline: { checkpoints: 1 }, rejected: { checkpoints: 0, bytes: 0 } });
  expect(modelStorage.archived.checkpoints).toBeGreaterThanOrEqual(1);
  expect(modelStorage.online.bytes).toBeGreaterThan(1_000);
  expect(modelStorage.freeDiskBytes).toBeGreaterThan(0);
});

test('a checkpoint tells its file, lineage, figures and when it served; history pages from the newest', async () => {
  const { client } = running;
  const [first, second, third] = await learnThree();
  await activate(client, first);
  const { checkpoint } = await client.query(
    `query($id: ID!) { checkpoint(id: $id) { id name mode number modelType status active path bytes sha256 createdAt parent { id } trainingRun { checkpoint { id } } metrics { samples } liveMetrics { samples }
      examination calibrationBins { from to samples } activations(first: 1) { edges { node { reason ranker { id } } } pageInfo { hasNextPage } } } }`,
    { id: first },
  );
  expect(checkpoint).toMatchObject({ id: first, name: first, mode: 'ONLINE', modelType: 'INCREMENTAL', status: 'AVAILABLE', active: true, parent: { id: 'base' }, trainingRun: { checkpoint: { id: first } }, metrics: { samples: 30 }, liveMetrics: { samples: 30 } });
  expect(checkpoint.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(checkpoint.examination).toHaveLength(20);
  expect(checkpoint.calibrationBins.length).toBeGreaterThan(0);
  expect(checkpoint.activations).toEqual({ edges: [{ node: { reason: 'ACTIVATED', ranker: { id: first } } }], pageInfo: { hasNextPage: true } });

  const page = 'query($after: String) { activations(first: 2, after: $after) { edges { node { reason ranker { id } previous { id } } } pageInfo { endCursor hasNextPage hasPreviousPage } } }';
  const newest = (await client.query(page)).activations;
  const older = (await client.query(page, { after: newest.pageInfo.endCursor })).activations;
  expect([...newest.edges, ...older.edges].map((edge: Answer) => edge.node)).toEqual([
    { reason: 'ACTIVATED', ranker: { id: first }, previous: { id: third } },
    { reason: 'TRAINED', ranker: { id: third }, previous: { id: second } },
    { reason: 'TRAINED', ranker: { id: second }, previous: { id: first } },
    { reason: 'TRAINED', ranker: { id: first }, previous: { id: 'base' } },
  ]);
  expect([newest.pageInfo.hasPreviousPage, older.pageInfo.hasPreviousPage]).toEqual([false, true]);
  expect((await client.error(page, { after: 'made up' })).extensions.code).toBe('BAD_USER_INPUT');
  const kept = (await client.query('{ checkpoints(first: 3, mode: ONLINE, status: AVAILABLE) { edges { node { id active } } } }')).checkpoints.edges.map((edge: Answer) => edge.node);
  expect(kept).toEqual([{ id: third, active: false }, { id: second, active: false }, { id: first, active: true }]);
});

const LIVE = 'query($id: ID!) { checkpoint(id: $id) { liveMetrics { samples positives logLoss normalizedEntropy auc calibration } examinationIsPrior } }';

test('live metrics come from what was predicted when it served, over the sealed samples it showed, late clicks among them', async () => {
  const { client } = running;
  const { id } = (await learn(client, log, { documentId: 'white', lists: 6 })).checkpoint;
  const live = async (): Promise<Answer> => (await client.query(LIVE, { id })).checkpoint.liveMetrics;
  expect(await live()).toBeNull();
  const shown = await showAndClick(client, { lists: 3, documentId: 'blue' });
  // Shown, but not sealed: its labels may still change.
  expect(await live()).toBeNull();
  await train(client, log);
  await click(client, shown[0]!, 'white');

  const predictions = (await samples(client)).edges.map((edge: Answer) => edge.node).filter((sample: Answer) => sample.rankerId === id);
  const losses = predictions.map(({ clicked, clickProbability }: Answer) => -Math.log(clicked ? clickProbability : 1 - clickProbability));
  const mean = losses.reduce((sum: number, loss: number) => sum + loss, 0) / losses.length;
  const promised = predictions.reduce((sum: number, { clickProbability }: Answer) => sum + clickProbability, 0);
  const figures = await live();
  expect(figures).toMatchObject({ samples: 15, positives: 4, logLoss: expect.closeTo(mean, 9), calibration: expect.closeTo(promised / 4, 9) });
  expect(figures.auc).toBeGreaterThan(0);
});

test('live metrics rest on the newest 5,000 samples that it served', async () => {
  const { client } = running;
  const { id } = (await learn(client, log)).checkpoint;
  await running.sql(
    `with shown as (
      insert into search (id, query, query_key, "limit", "offset", ranker_id, swapped, sample_count, shown_at, settles_at, learn_seq)
      select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid, 'heart', 'heart', 10, 0, $1, false, 10, now(), now(), 1000 + n
      from generate_series(1, 510) n returning id, learn_seq
    )
    insert into sample (search_id, position, document_id, base_position, base_score, score, click_probability, propensity, feature_set, features, click_count)
    select id, place, 'red', place, 1, 1, 0.25, 1, 1, array[0]::real[], (learn_seq <= 1010)::int from shown, generate_series(1, 10) place`,
    [id],
  );
  const { liveMetrics } = (await client.query(LIVE, { id })).checkpoint;
  // The ten oldest lists, all clicked, are beyond the cap.
  expect(liveMetrics).toMatchObject({ samples: 5_000, positives: 0, logLoss: expect.closeTo(-Math.log(0.75), 9), normalizedEntropy: null, auc: null });
});

test('a checkpoint that has learned nothing of examination says that its curve is the prior', async () => {
  const { client } = running;
  const { id } = (await learn(client, log)).checkpoint;
  expect((await client.query(LIVE, { id })).checkpoint.examinationIsPrior).toBe(true);
  await running.sql('update checkpoint set examination[2] = 0.5 where id = $1', [id]);
  expect((await client.query(LIVE, { id })).checkpoint.examinationIsPrior).toBe(false);
});
