/** What the Live page makes of the history: the lane, and the plots run by run. */
import { expect, test } from '@jest/globals';
import type { HistoryQuery } from '../../../dashboard/src/generated/operations.js';
import { feedFilterOf, passes } from '../../../dashboard/src/pages/live/feed-filter.js';
import { laneOf } from '../../../dashboard/src/pages/live/lane.js';
import { qualityPlots } from '../../../dashboard/src/pages/live/quality-plots.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
type Point = HistoryQuery['metricsHistory'][number];
type Activation = HistoryQuery['activations']['edges'][number];

const point = (minute: number, figures: Partial<Point> = {}): Point => ({
  at: at(minute), runId: `run ${minute}`, checkpointId: `c${minute}`, mode: 'ONLINE', status: 'SUCCEEDED', samples: 100, clickRate: 0.1, logLoss: 0.3, auc: 0.7, servedLogLoss: 0.31, servedAuc: 0.69, activated: true, ...figures,
});
const activation = (minute: number, ranker: string, previous: string, reason: Activation['node']['reason'] = 'TRAINED'): Activation => ({
  node: { id: String(minute), at: at(minute), reason, evidence: null, ranker: { id: ranker }, previous: { id: previous } },
});
const checkpoint = (number: number, status: 'AVAILABLE' | 'REJECTED' | 'REMOVED' = 'AVAILABLE'): HistoryQuery['checkpoints']['edges'][number] => ({ node: { id: `c${number}`, mode: 'ONLINE', number, status, createdAt: at(number) } });

/** Newest first, as the server gives everything. */
function history(part: Partial<HistoryQuery>): HistoryQuery {
  const figures = { comparisons: 0, wins: 0, losses: 0, ties: 0, winRate: null, lower: null, upper: null, verdict: 'TOO_EARLY' as const };
  return { metricsHistory: [], activations: { edges: [] }, checkpoints: { edges: [] }, rejectedRuns: { edges: [] }, learningProof: { since: at(0), all: figures, cold: figures }, ...part };
}

const served = history({
  checkpoints: { edges: [checkpoint(4, 'REMOVED'), checkpoint(3), checkpoint(2, 'REJECTED'), checkpoint(1)] },
  activations: { edges: [activation(5, 'c1', 'c3', 'ROLLED_BACK'), activation(3, 'c3', 'c1'), activation(1, 'c1', 'base')] },
  rejectedRuns: { edges: [{ node: { id: 'r', reason: 'Worse than what serves.', checkpoint: { id: 'c2' } } }, { node: { id: 's', reason: 'Worse, too.', checkpoint: { id: 'c4' } } }] },
});

test('the lane says what became of each checkpoint, oldest first behind the base ranker', () => {
  const { nodes } = laneOf(served, 'c1', 10);
  expect(nodes.map(({ id, state, isActive }) => [id, state, isActive])).toEqual([
    ['base', 'available', false],
    ['c1', 'served', true],
    ['c2', 'rejected', false],
    ['c3', 'served', false],
    ['c4', 'rejected', false],
  ]);
  expect(nodes[4]).toMatchObject({ isGone: true, reason: 'Worse, too.' });
  expect(nodes[1]?.served).toMatchObject({ reason: 'ROLLED_BACK', at: at(5) });
});

test('a way back is an arrow, when both its ends are in sight', () => {
  expect(laneOf(served, 'c1', 10).arrows).toEqual([{ from: 3, to: 1, id: '5' }]);
  expect(laneOf(served, 'c1', 3).nodes.map(({ id }) => id)).toEqual(['base', 'c3', 'c4']);
  expect(laneOf(served, 'c1', 3).arrows).toEqual([]);
});

const words = { challenger: 'new', served: 'served', clickRate: 'clicked', backTo: (id: string) => `back to ${id}` };

test('plots go from the oldest run to the newest, leave out runs without figures and of the other mode, and mark changes by hand', () => {
  const metricsHistory = [point(9, { mode: 'OFFLINE' }), point(5, { logLoss: 0.2, activated: false }), point(4, { logLoss: null, servedLogLoss: null, clickRate: null }), point(3, { logLoss: 0.4 })];
  const { logLoss, runs } = qualityPlots(history({ metricsHistory, activations: { edges: [activation(4, 'c1', 'c3', 'ROLLED_BACK'), activation(3, 'c3', 'c1')] } }), 'ONLINE', words);
  expect(runs).toBe(2);
  expect(logLoss.x).toEqual([3, 5].map((minute) => Date.parse(at(minute)) / 1_000));
  expect(logLoss.series[1]).toMatchObject({ label: 'new', values: [0.4, 0.2], dots: [true, false] });
  expect(logLoss.marks).toEqual([{ x: Date.parse(at(4)) / 1_000, label: 'back to c1' }]);
});

test('many runs share points, each the mean by samples; the newest point is a full one', () => {
  const metricsHistory = Array.from({ length: 121 }, (_, index) => point(121 - index, { samples: index === 0 ? 300 : 100, logLoss: index === 0 ? 0.2 : 0.6 }));
  const { logLoss, runsPerPoint } = qualityPlots(history({ metricsHistory }), 'ONLINE', words);
  expect(runsPerPoint).toBe(3);
  expect(logLoss.x).toHaveLength(41);
  expect(logLoss.series[1]?.values.at(-1)).toBeCloseTo((300 * 0.2 + 2 * 100 * 0.6) / 500);
});

test('the feed is filtered by kind; an unknown filter shows all', () => {
  expect(feedFilterOf('nonsense')).toBe('all');
  const removed = { kind: 'removed', key: 'r', at: at(1), name: 'c1' } as const;
  const back = { kind: 'serving', key: 's', at: at(1), ranker: { id: 'base', name: 'base ranker' }, reason: 'AUTO_ROLLED_BACK' } as const;
  expect([passes(removed, 'all'), passes(removed, 'trainings'), passes(back, 'serving'), passes(back, 'trouble'), passes(removed, 'trouble')]).toEqual([true, false, true, true, false]);
});
