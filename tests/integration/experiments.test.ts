/** The proof on users: interleaved lists, what training runs count of them, and what follows when users prefer the base ranker. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeCheckpoint } from '../../src/learning/checkpoint-format.js';
import { START_VARIANCES, START_WEIGHTS } from '../../src/learning/content-model.js';
import { COLD_ALARM } from '../../src/learning/proof.js';
import type { RankerModel } from '../../src/learning/ranker-model.js';
import type { Answer, ApiClient, EventLog } from '../support/api-client.js';
import { click, configure, eventually, importDocuments, HEARTS, preview, samples, search, searches } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { activate, activeRanker, ended, foresee, holdSaving, learn, showAndClick, startHearts, startOver, train, trainModel, watch } from '../support/training.js';

type Team = 'LEARNED' | 'BASE';

/** Finds all five hearts, and the click memory knows nothing about it. */
const COLD = 'peace heart';
const FIGURES = 'comparisons wins losses ties winRate lower upper confidence verdict';
const PROOF = `query($since: DateTime) { learningProof(since: $since) { all { ${FIGURES} } cold { ${FIGURES} } since } }`;

let running: RunningApp;
let client: ApiClient;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts();
  ({ client } = running);
  log = await watch(client);
});

beforeEach(async () => {
  await startOver(running, log);
});

afterAll(() => running.stop());

const ids = (results: Answer[]): string[] => results.map((hit: Answer) => hit.document.id);

/** A checkpoint that serves, with every first page interleaved from then on. @returns its id */
async function serveLearned(): Promise<string> {
  const { checkpoint } = await learn(client, log);
  await configure(client, { proofRate: 1 });
  return checkpoint.id;
}

async function proof(since?: string): Promise<Answer> {
  return (await client.query(PROOF, { since })).learningProof;
}

const counts = ({ comparisons, wins, losses, ties }: Answer): number[] => [comparisons, wins, losses, ties];

async function teamsOf(searchId: string): Promise<{ document_id: string; team: Team | null }[]> {
  return running.sql('select document_id, team from sample where search_id = $1 order by position', [searchId]);
}

/** Clicks the best result of a team in a list. */
async function clickTeam(searchId: string, team: Team): Promise<void> {
  const pick = (await teamsOf(searchId)).find((sample) => sample.team === team);
  await click(client, searchId, pick?.document_id ?? 'nothing of that team');
}

/** Shows so many lists and clicks one result of the team in each, or none. @returns the searches' ids */
async function compare(team: Team | null, lists: number, query = 'heart'): Promise<string[]> {
  const shown: Answer[] = [];
  while (shown.length < lists) shown.push(...(await searches(client, Math.min(10, lists - shown.length), query)));
  if (team) await Promise.all(shown.map(({ searchId }) => clickTeam(searchId, team)));
  return shown.map(({ searchId }) => searchId);
}

async function modelOf(checkpointId: string): Promise<RankerModel> {
  const [row] = await running.sql('select bytes from checkpoint_bytes where checkpoint_id = $1', [checkpointId]);
  return decodeCheckpoint(row.bytes).model;
}

async function inForce(): Promise<Answer> {
  const { activations } = await client.query('{ activations(first: 1) { edges { node { ranker { id } previous { id } reason evidence at } } } }');
  const [row] = await running.sql('select resumes_after::int as "resumesAfter", returns_to::int as "returnsTo" from activation order by id desc limit 1');
  return { ...activations.edges[0].node, ...row };
}

test('while the base ranker serves nothing is interleaved, and nothing is proven', async () => {
  await configure(client, { proofRate: 1 });
  const shown = await search(client, 'heart');
  expect(shown).toMatchObject({ interleaved: false, explored: false, ranker: { id: 'base' } });
  expect((await teamsOf(shown.searchId)).every(({ team }) => team === null)).toBe(true);
  await click(client, shown.searchId, 'blue');
  await train(client, log);
  const none = { comparisons: 0, wins: 0, losses: 0, ties: 0, winRate: null, lower: null, upper: null, confidence: 0.95, verdict: 'TOO_EARLY' };
  expect(await proof()).toMatchObject({ all: none, cold: none });
});

test('an interleaved list is a draft by two teams, each taking the best that is left of its ranking', async () => {
  await learn(client, log, { lists: 3, documentId: 'white' });
  await configure(client, { proofRate: 1, explorationRate: 1 });
  const learned = (await client.query('{ previewRanking(query: "heart") { ranker { id } results { score baseScore basePosition document { id } } } }')).previewRanking;
  const base = await preview(client, 'heart', 'base');
  expect(ids(learned.results)[0]).toBe('white');
  expect(base[0]).not.toBe('white');

  const first = new Set<Team | null>();
  for (const shown of await searches(client, 10, 'heart')) {
    expect(shown).toMatchObject({ interleaved: true, explored: false, ranker: { id: learned.ranker.id } });
    const [stored] = await running.sql('select interleaved, cold, drawn_pair, swapped from search where id = $1', [shown.searchId]);
    expect(stored).toEqual({ interleaved: true, cold: false, drawn_pair: null, swapped: false });
    const { edges } = await samples(client, { filter: { searchId: shown.searchId } });
    const list: Answer[] = edges.map(({ node }: Answer) => node);
    expect(list.map((sample) => sample.documentId)).toEqual(ids(shown.results));
    list.forEach((sample, place) => {
      const left = { LEARNED: ids(learned.results), BASE: base }[sample.team as Team].filter((id) => !list.slice(0, place).some(({ documentId }) => documentId === id));
      expect(sample.documentId).toBe(left[0]);
      const known = learned.results.find((hit: Answer) => hit.document.id === sample.documentId);
      expect(sample).toMatchObject({ position: place + 1, interleaved: true, propensity: null, explored: false, score: known.score, baseScore: known.baseScore, basePosition: known.basePosition });
      expect(sample.clickProbability).toBeGreaterThan(0);
      expect(sample.clickProbability).toBeLessThanOrEqual(1);
      expect(shown.results[place]).toMatchObject({ position: sample.position, clickProbability: sample.clickProbability });
      if (place % 2 === 1) expect(sample.team).not.toBe(list[place - 1].team);
    });
    first.add(list[0].team);
  }
  // A fair coin: one side alone comes up in two of a thousand runs.
  expect(first).toEqual(new Set(['LEARNED', 'BASE']));
});

test('later pages and previews are never interleaved, and the rate is the share of searches', async () => {
  await serveLearned();
  const later = await search(client, 'heart', { offset: 2 });
  expect(later).toMatchObject({ interleaved: false });
  expect(ids(later.results)).toEqual((await preview(client, 'heart')).slice(2));
  expect((await samples(client, { first: 1 })).edges[0].node).toMatchObject({ interleaved: false, team: null, propensity: 1 });
  expect(await search(client, 'nothing like it')).toMatchObject({ interleaved: false, results: [] });

  await configure(client, { proofRate: 0.5, explorationRate: 1 });
  const many: Answer[] = [];
  for (let batch = 0; batch < 10; batch++) many.push(...(await searches(client, 10, 'heart')));
  const interleaved = many.filter((shown) => shown.interleaved);
  // Four standard deviations.
  expect(Math.abs(interleaved.length - 50)).toBeLessThan(20);
  for (const shown of many) expect(shown.explored).toBe(!shown.interleaved);
});

test('the next run counts clicks for the team of their result; cold searches also by themselves', async () => {
  await serveLearned();
  const began = (await inForce()).at;
  await compare('LEARNED', 3);
  await compare('BASE', 2);
  await compare(null, 1);
  await compare('LEARNED', 2, COLD);
  await compare('BASE', 1, COLD);
  const both = await search(client, 'heart');
  await clickTeam(both.searchId, 'LEARNED');
  await clickTeam(both.searchId, 'BASE');
  // Not before a run has sealed them.
  expect(counts((await proof()).all)).toEqual([0, 0, 0, 0]);
  await train(client, log);
  const { all, cold } = await proof();
  expect(counts(all)).toEqual([10, 5, 3, 2]);
  expect(counts(cold)).toEqual([3, 2, 1, 0]);
  expect(all).toMatchObject({ winRate: 5 / 8, confidence: 0.95, verdict: 'TOO_EARLY' });
  expect(all.lower).toBeLessThan(5 / 8);
  expect(all.upper).toBeGreaterThan(5 / 8);
  expect((await inForce()).at > began).toBe(true);
  // What is learned on is one ranker: it goes on counting.
  await compare('LEARNED', 1);
  await train(client, log);
  expect(counts((await proof()).all)).toEqual([11, 6, 3, 2]);
});

test('a late click changes no comparison', async () => {
  await serveLearned();
  const [unclicked] = await compare(null, 1);
  await compare('LEARNED', 1);
  await train(client, log);
  await clickTeam(unclicked ?? '', 'BASE');
  await compare('LEARNED', 1);
  await train(client, log);
  expect(counts((await proof()).all)).toEqual([3, 2, 0, 1]);
});

test('every interleaved search counts once, whatever becomes of the run that sealed it', async () => {
  await serveLearned();
  const spoiled = await compare('LEARNED', 2);
  await running.sql(`update sample set features = array_fill('NaN'::real, array[cardinality(features)]) where search_id = any($1::uuid[])`, [spoiled]);
  expect(await train(client, log)).toMatchObject({ status: 'REJECTED' });
  expect(counts((await proof()).all)).toEqual([2, 2, 0, 0]);

  await compare('BASE', 1);
  const saving = await holdSaving(running, 'ONLINE');
  const run = await trainModel(client, { mode: 'ONLINE' });
  await client.query('mutation($runId: ID!) { cancelTraining(input: { runId: $runId }) { run { id } } }', { runId: run.id });
  await saving.release();
  expect(await ended(log, run.id)).toMatchObject({ status: 'CANCELLED' });
  expect(counts((await proof()).all)).toEqual([3, 2, 1, 0]);

  await compare(null, 1);
  // It offers all three ranges again.
  await train(client, log);
  await train(client, log, { mode: 'OFFLINE' });
  expect(counts((await proof()).all)).toEqual([4, 2, 1, 1]);
  const [sealed] = await running.sql('select count(*)::int as searches from search where interleaved and learn_seq is not null');
  expect(sealed.searches).toBe(4);
});

test('what was shown before somebody activated or rolled back counts for the ranker that showed it', async () => {
  const first = await serveLearned();
  const before = (await proof()).since;
  await compare('LEARNED', 2);
  await activate(client, first);
  const { at } = await inForce();
  expect(await proof()).toMatchObject({ since: at, all: { comparisons: 0 } });
  await compare('BASE', 1);
  await train(client, log);
  expect(counts((await proof()).all)).toEqual([1, 0, 1, 0]);
  expect(await proof(before)).toMatchObject({ since: before, all: { comparisons: 3, wins: 2, losses: 1 } });
  expect(counts((await proof(at)).all)).toEqual([1, 0, 1, 0]);
  expect(counts((await proof('2999-01-01T00:00:00.000Z')).all)).toEqual([0, 0, 0, 0]);
});

test('when users prefer the base ranker it comes to serve, with the evidence, and learning goes on from there', async () => {
  const served = await serveLearned();
  await compare('LEARNED', 1);
  await compare('BASE', 15);
  await compare(null, 2);
  const run = await train(client, log);
  const reload = await log.next((event: Answer) => event.modelReloaded?.reason === 'AUTO_ROLLED_BACK');
  expect(reload.modelReloaded).toMatchObject({ ranker: { id: 'base' }, previous: { id: served }, checkpoint: null });
  expect(run).toMatchObject({ status: 'SUCCEEDED', checkpoint: { status: 'AVAILABLE' }, reason: expect.stringMatching(/^Kept without serving: users preferred the base ranker's results in 15 of 16/) });
  const [order] = await running.sql('select last_seq::int as "lastSeq" from learning_order');
  const rolledBack = await inForce();
  expect(rolledBack).toMatchObject({ ranker: { id: 'base' }, previous: { id: served }, reason: 'AUTO_ROLLED_BACK', resumesAfter: order.lastSeq });
  expect(rolledBack.evidence).toMatch(/^users preferred the base ranker's results in 15 of 16 head-to-heads \(\d\d\.\d–\d+\.\d % with 95 % confidence; 2 ties besides\)$/);
  const [lower, upper] = rolledBack.evidence.match(/\d+\.\d/g).map(Number);
  expect(lower).toBeGreaterThanOrEqual(50);
  expect(upper).toBeLessThanOrEqual(100);
  expect(await activeRanker(client)).toBe('base');
  expect(await search(client, 'heart')).toMatchObject({ interleaved: false, ranker: { id: 'base' } });

  // Judged anew, on what was not yet sealed.
  await showAndClick(client);
  const next = await train(client, log);
  expect(next).toMatchObject({ status: 'SUCCEEDED', parent: { id: 'base' }, samples: 15, reason: null });
  expect(await activeRanker(client)).toBe(next.checkpoint.id);
  expect(await proof()).toMatchObject({ since: rolledBack.at, all: { comparisons: 0 } });
  expect(counts((await proof('2000-01-01T00:00:00.000Z')).all)[0]).toBeGreaterThanOrEqual(18);
});

test('losses shown before somebody activated the base ranker bring no alarm upon what is learned from there', async () => {
  await serveLearned();
  await compare('BASE', 15);
  await activate(client, 'base');
  await foresee(running);
  const saving = await holdSaving(running, 'ONLINE');
  const { id } = await trainModel(client, { mode: 'ONLINE' });
  await saving.release();
  expect(await ended(log, id)).toMatchObject({ status: 'SUCCEEDED' });
  // The run went on from the base ranker, and its checkpoint serves.
  expect(await inForce()).toMatchObject({ reason: 'TRAINED', previous: { id: 'base' } });
  await compare('LEARNED', 1);
  await train(client, log);
  expect((await inForce()).reason).toBe('TRAINED');
  expect(counts((await proof()).all)).toEqual([1, 1, 0, 0]);
});

test('when cold searches go to the base ranker, the next online run starts its content model again, and says so', async () => {
  await serveLearned();
  // Over all searches it is a draw; 27 in a row lost where nothing was known raise the alarm.
  for (let batch = 0; batch < 3; batch++) {
    await compare('LEARNED', 9);
    await compare('BASE', 9, `${COLD} ${'abc'[batch]}`);
  }
  const alarmed = await train(client, log);
  expect(alarmed).toMatchObject({ status: 'SUCCEEDED', reason: null });
  expect(await proof()).toMatchObject({ all: { wins: 27, losses: 27, verdict: 'UNDECIDED' }, cold: { wins: 0, losses: 27, verdict: 'WORSE' } });
  const alarm = async (): Promise<number> => (await running.sql('select cold_alarm from proof_lineage order by activation_id desc limit 1'))[0].cold_alarm;
  expect(await alarm()).toBe(COLD_ALARM);

  await showAndClick(client);
  const run = await train(client, log);
  expect(run).toMatchObject({ status: 'SUCCEEDED', reason: expect.stringMatching(/^Searches about which nothing was known went to the base ranker too often \(27 of 27 head-to-heads\): .*given up/) });
  expect((await running.sql('select content_reset from training_run where id = $1', [run.id]))[0].content_reset).toBe(true);
  expect(await activeRanker(client)).toBe(run.checkpoint.id);
  expect(await alarm()).toBe(1);
  const [before, started] = [await modelOf(alarmed.checkpoint.id), await modelOf(run.checkpoint.id)];
  // Two lists of five from the start: about as unsure as then, where the model before had seen 57 lists.
  expect(before.content.covariance[0]).toBeLessThan(START_VARIANCES[0]! / 4);
  expect(started.content.covariance[0]).toBeGreaterThan(START_VARIANCES[0]! / 2);
  started.content.weights.forEach((weight, feature) => expect(Math.abs(weight - START_WEIGHTS[feature]!)).toBeLessThan(2 * Math.sqrt(START_VARIANCES[feature]!)));
  // What is known of clicked results stays.
  expect(started.memory.size).toBe(before.memory.size);
  expect(started.memory.toColumns().clicks.reduce((sum, count) => sum + count)).toBeCloseTo(before.memory.toColumns().clicks.reduce((sum, count) => sum + count) + 2, 2);

  await showAndClick(client);
  const after = await train(client, log);
  expect(after).toMatchObject({ status: 'SUCCEEDED', reason: null });
  expect((await running.sql('select content_reset from training_run where id = $1', [after.id]))[0].content_reset).toBe(false);
});

test('a document deleted a moment ago drops out of the list with its team', async () => {
  await serveLearned();
  // Behind the index's back: it learns of deletions with the catalogue's revision.
  await running.sql(`delete from document where id = 'green'`);
  try {
    const shown = await search(client, 'heart');
    expect(shown.interleaved).toBe(true);
    expect(ids(shown.results)).not.toContain('green');
    const stored = await teamsOf(shown.searchId);
    expect(stored.map(({ document_id: id }) => id)).toEqual(ids(shown.results));
    expect(shown.results.map((hit: Answer) => hit.position)).toEqual([1, 2, 3, 4]);
    expect(stored.every(({ team }) => team !== null)).toBe(true);
  } finally {
    await importDocuments(client, HEARTS);
  }
});

test('what retention seals is counted, too, before it is deleted', async () => {
  await serveLearned();
  const old = await compare('LEARNED', 2);
  await compare('LEARNED', 1);
  await running.sql(`update search set shown_at = shown_at - interval '91 days', settles_at = settles_at - interval '91 days' where id = any($1::uuid[])`, [old]);
  await running.restart();
  ({ client } = running);
  log = await watch(client);
  await eventually(async () => expect(await running.sql('select 1 from search where id = any($1::uuid[])', [old])).toEqual([]));
  const [tally] = await running.sql(
    'select t.wins::int, t.losses::int, t.ties::int from proof_tally t join training_run r on r.id = t.run_id order by r.queued_at desc limit 1',
  );
  expect(tally).toEqual({ wins: 2, losses: 0, ties: 0 });
  await train(client, log);
  expect(counts((await proof()).all)).toEqual([1, 1, 0, 0]);
});
