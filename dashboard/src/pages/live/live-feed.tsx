/** What happened, filtered by kind; which kinds are shown stands in the address. */
import { memo } from 'react';
import { useApp, useParam } from '../../app-context.js';
import { Choice } from '../../components/choice.js';
import { EventFeed } from '../../components/event-feed.js';
import { useWords } from '../../language.js';
import type { FeedEntry } from '../../live-store.js';
import { FEED_FILTERS, feedFilterOf, passes } from './feed-filter.js';

/** Counts change four times a second; this does not, and is not drawn again with them. */
export const LiveFeed = memo(function LiveFeed({ feed }: { feed: readonly FeedEntry[] }): React.JSX.Element {
  const {
    strings: { live: words },
  } = useWords();
  const { router } = useApp();
  const [param] = useParam('feed');
  const filter = feedFilterOf(param);
  return (
    <EventFeed
      feed={feed.filter((entry) => passes(entry, filter))}
      actions={
        <Choice
          label={words.feedFilter}
          value={filter}
          onChange={(value) => router.change({ feed: value === 'all' ? null : value }, 'replace')}
          options={FEED_FILTERS.map((value) => ({ value, label: words.feedKinds[value] }))}
        />
      }
    />
  );
});
