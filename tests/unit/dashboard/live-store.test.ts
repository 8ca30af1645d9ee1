/** How events and history become one feed. */
import { describe, expect, test } from '@jest/globals';
import type { RunFragment } from '../../../dashboard/src/generated/operations.js';
import { mergeFeed, type FeedEntry } from '../../../dashboard/src/live-store.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function run(status: RunFragment['status'], second: number): FeedEntry {
  const fields: RunFragment = {
    id: '1',
    mode: 'ONLINE',
    status,
    trigger: 'THRESHOLD',
    samples: 100,
    newSamples: 100,
    progress: 0,
    queuedAt: at(1),
    finishedAt: null,
    durationMs: null,
    reason: null,
    checkpoint: null,
    metrics: null,
    servedMetrics: null,
  };
  return { kind: 'run', key: 'run 1', at: at(second), run: fields };
}

function serving(id: string, second: number): FeedEntry {
  return { kind: 'serving', key: `serving ${id} ${at(second)}`, at: at(second), ranker: { id, name: id }, reason: 'TRAINED' };
}

describe('mergeFeed', () => {
  test('the newest event stands first', () => {
    const feed = mergeFeed(mergeFeed([], [serving('a', 1)]), [serving('b', 9)]);
    expect(feed.map((entry) => entry.at)).toEqual([at(9), at(1)]);
  });

  test('a run has one entry, which says how it ended', () => {
    const feed = mergeFeed(mergeFeed([], [run('RUNNING', 1)]), [run('SUCCEEDED', 2)]);
    expect(feed).toEqual([run('SUCCEEDED', 2)]);
  });

  test('a late sign of progress does not open a run that has ended', () => {
    const feed = mergeFeed(mergeFeed([], [run('SUCCEEDED', 2)]), [run('RUNNING', 1)]);
    expect(feed).toEqual([run('SUCCEEDED', 2)]);
  });

  test('a reload and the activation it follows from are one event', () => {
    expect(mergeFeed([serving('a', 3)], [serving('a', 4)])).toHaveLength(1);
  });

  test('a ranker that serves again later is another event', () => {
    expect(mergeFeed([serving('a', 3)], [serving('a', 40)])).toHaveLength(2);
  });
});
