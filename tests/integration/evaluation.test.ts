/** Rankers judged on stored clicks, over the API: predictions of what they have not learned, and rankings of well-known queries. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer, EventLog } from '../support/api-client.js';
import { click, configure, search, searches } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { activate, learn, showAndClick, startHearts, startOver, train, watch } from '../support/training.js';

const EVALUATE = `query($rankerId: ID!, $since: DateTime) { evaluateRanker(rankerId: $rankerId, since: $since) {
  ranker { id } metrics { samples positives logLoss normalizedEntropy auc calibration } judgedQueries ndcg baseNdcg lower upper note } }`;

const theta = (position: number): number => position ** -0.7;

let running: RunningApp;
let log: EventLog;

beforeAll(async () => {
  running = await startHearts();
  log = await watch(running.client);
});

beforeEach(() => startOver(running, log));

afterAll(() => running.stop());

async function evaluate(rankerId: string, since?: string): Promise<Answer> {
  return (await running.client.query(EVALUATE, { rankerId, since })).evaluateRanker;
}

/** Lists of hearts for many queries, four of each, one document clicked in every list. */
async function searchMuch(queries: number, documentId: string): Promise<void> {
  const { client } = running;
  for (let nth = 0; nth < queries; nth++) {
    const shown = await searches(client, 4, `heart number${nth}`);
    const clicks = shown.map(({ searchId }: Answer) => ({ searchId, documentId }));
    await client.query('mutation($clicks: [RecordClickInput!]!) { recordClicks(input: { clicks: $clicks }) { recorded } }', { clicks });
  }
}

test('a checkpoint is judged on the samples sealed since, as it would have predicted them; the newest one has learned them all', async () => {
  const { client } = running;
  const first = (await learn(client, log, { documentId: 'white', lists: 6 })).checkpoint.id;
  await showAndClick(client, { lists: 3, documentId: 'white' });
  const second = (await train(client, log)).checkpoint.id;

  const judged = await evaluate(first);
  expect(judged).toMatchObject({ ranker: { id: first }, metrics: { samples: 15, positives: 3 }, note: expect.stringMatching(/has not learned \(5,000 at most\): 15\./) });
  expect(judged.metrics.logLoss).toBeGreaterThan(0);
  // It served them itself: what it would have predicted is what it did.
  const { liveMetrics } = (await client.query('query($id: ID!) { checkpoint(id: $id) { liveMetrics { samples logLoss auc } } }', { id: first })).checkpoint;
  expect(judged.metrics).toMatchObject({ samples: liveMetrics.samples, auc: liveMetrics.auc, logLoss: expect.closeTo(liveMetrics.logLoss, 6) });

  expect(await evaluate(second)).toMatchObject({ metrics: null, note: expect.stringMatching(/has learned every such sample.*liveMetrics/) });
});

test('a late click counts once a run has sealed it', async () => {
  const { client } = running;
  const { id } = (await learn(client, log, { documentId: 'white', lists: 6 })).checkpoint;
  const [searchId = ''] = await showAndClick(client, { lists: 2, documentId: 'white' });
  await train(client, log);
  await click(client, searchId, 'red');
  expect((await evaluate(id)).metrics).toMatchObject({ samples: 10, positives: 2 });
  await learn(client, log, { documentId: 'white', lists: 1 });
  expect((await evaluate(id)).metrics).toMatchObject({ samples: 15, positives: 4 });
});

test('the base ranker is judged on the newest samples of all, by position and click rate', async () => {
  const { client } = running;
  await learn(client, log, { documentId: 'white', lists: 6 });
  const { metrics, note } = await evaluate('base');
  const examinations = 6 * [1, 2, 3, 4, 5].reduce((sum, position) => sum + theta(position), 0);
  const rate = (6 + 1.2) / (examinations + 10);
  const clickedAt = (await search(client, 'heart')).results.find((hit: Answer) => hit.document.id === 'white').basePosition;
  const losses = [1, 2, 3, 4, 5].map((position) => -Math.log(position === clickedAt ? theta(position) * rate : 1 - theta(position) * rate));
  expect(metrics).toMatchObject({ samples: 30, positives: 6, logLoss: expect.closeTo(losses.reduce((sum, loss) => sum + loss, 0) / 5, 9) });
  expect(note).toMatch(/click rate of everything shown so far/);
});

test('since picks the samples shown from then on', async () => {
  const { client } = running;
  await showAndClick(client, { lists: 2 });
  await running.sql(`update search set shown_at = shown_at - interval '1 hour'`);
  const [{ at }] = await running.sql(`select now() - interval '30 minutes' as at`);
  await showAndClick(client, { lists: 1 });
  await train(client, log);
  expect((await evaluate('base', at.toISOString())).metrics).toMatchObject({ samples: 5, positives: 1 });
  expect(await evaluate('base', '2999-01-01T00:00:00Z')).toMatchObject({ metrics: null, note: expect.stringMatching(/No predictions/) });
});

test('a ranking is compared with the base ranker’s on well-known queries, with an interval from 30 on', async () => {
  const { client } = running;
  await searchMuch(8, 'white');
  const few = (await train(client, log)).checkpoint.id;
  const compared = await evaluate(few);
  expect(compared).toMatchObject({ judgedQueries: 8, lower: null, upper: null, note: expect.stringMatching(/on 8 queries that .* takes 30 queries for an interval/) });
  for (const figure of [compared.ndcg, compared.baseNdcg]) expect(figure > 0 && figure <= 1).toBe(true);

  await searchMuch(32, 'white');
  const many = await evaluate((await train(client, log)).checkpoint.id);
  expect(many.judgedQueries).toBeGreaterThanOrEqual(30);
  expect(many.lower).toBeLessThanOrEqual(many.ndcg - many.baseNdcg);
  expect(many.upper).toBeGreaterThanOrEqual(many.ndcg - many.baseNdcg);

  // What serves lends the base ranker its memory; there is nothing to compare it with.
  const base = await evaluate('base');
  expect(base).toMatchObject({ judgedQueries: many.judgedQueries, ndcg: many.baseNdcg, baseNdcg: many.baseNdcg, lower: null, upper: null });
});

test('where nothing is known well there is no ranking to judge, and the note says why', async () => {
  const { client } = running;
  expect(await evaluate('base')).toEqual({
    ranker: { id: 'base' },
    metrics: null,
    judgedQueries: 0,
    ndcg: null,
    baseNdcg: null,
    lower: null,
    upper: null,
    note: 'No predictions: no such sample is sealed. No rankings: the base ranker serves, and it has no click memory to judge by.',
  });
  const { id } = (await learn(client, log, { lists: 1 })).checkpoint;
  expect(await evaluate(id)).toMatchObject({ judgedQueries: 0, ndcg: null, baseNdcg: null, note: expect.stringMatching(/knows no query well enough/) });
});

test('what cannot be evaluated is refused', async () => {
  const { client } = running;
  const refused = async (variables: Record<string, unknown>): Promise<string> => (await client.error(EVALUATE, variables)).extensions.code;
  expect(await refused({ rankerId: 'no such' })).toBe('NOT_FOUND');
  expect(await refused({ rankerId: '' })).toBe('BAD_USER_INPUT');
  expect(await refused({ rankerId: 'base', since: 'yesterday' })).toBe('BAD_USER_INPUT');
  await configure(client, { checkpointRetention: 1 });
  const { id } = (await learn(client, log)).checkpoint;
  await activate(client, 'base');
  await client.query('mutation($ids: [ID!]) { deleteCheckpoints(input: { ids: $ids }) { deleted { id } } }', { ids: [id] });
  expect(await refused({ rankerId: id })).toBe('FAILED_PRECONDITION');
});
