/** Which events of the feed are shown. */
import type { FeedEntry } from '../../live-store.js';

export const FEED_FILTERS = ['all', 'trainings', 'serving', 'trouble'] as const;
export type FeedFilter = (typeof FEED_FILTERS)[number];

export function feedFilterOf(text: string): FeedFilter {
  return FEED_FILTERS.find((filter) => filter === text) ?? 'all';
}

/** trouble: trainings that were rejected or failed, and what the service took back by itself. */
export function passes(entry: FeedEntry, filter: FeedFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'trainings':
      return entry.kind === 'run';
    case 'serving':
      return entry.kind === 'serving';
    case 'trouble':
      return entry.kind === 'run' ? entry.run.status === 'REJECTED' || entry.run.status === 'FAILED' : entry.kind === 'serving' && entry.reason === 'AUTO_ROLLED_BACK';
  }
}
