/** The last events, in words, newest first. */
import { memo } from 'react';
import { useWords } from '../language.js';
import type { FeedEntry } from '../live-store.js';
import { Card } from './card.js';
import { RelativeTime } from './relative-time.js';

interface EventFeedProps {
  feed: readonly FeedEntry[];
  /** Beside the heading. */
  actions?: React.ReactNode;
}

export const EventFeed = memo(function EventFeed({ feed, actions }: EventFeedProps): React.JSX.Element {
  const { strings } = useWords();
  return (
    <Card title={strings.common.events} className="feed-card" actions={actions}>
      {feed.length === 0 && <p className="quiet">{strings.common.noEvents}</p>}
      <div className="feed" role="log" aria-label={strings.common.events} tabIndex={0}>
        <ol>
          {feed.map((entry) => (
            <li key={entry.key} data-kind={entry.kind} data-status={entry.kind === 'run' ? entry.run.status : undefined}>
              <Event entry={entry} />
              <RelativeTime at={entry.at} />
            </li>
          ))}
        </ol>
      </div>
    </Card>
  );
});

function Event({ entry }: { entry: FeedEntry }): React.JSX.Element {
  const { strings, formats } = useWords();
  if (entry.kind === 'removed') return <p>{strings.common.removed(entry.name)}</p>;
  if (entry.kind === 'serving') {
    const name = entry.ranker.id === 'base' ? strings.common.baseRanker : entry.ranker.name;
    return (
      <p>
        <strong>{strings.common.nowServing(name)}</strong> <span className="quiet">{strings.common.reloadReason[entry.reason]}</span>
      </p>
    );
  }
  const { run } = entry;
  const samples = formats.count(run.newSamples);
  const reason = run.reason ?? strings.common.noReason;
  switch (run.status) {
    case 'QUEUED':
    case 'RUNNING':
      return <p>{run.mode === 'OFFLINE' ? `${strings.common.trainingAll}…` : strings.common.runStarted(samples)}</p>;
    case 'REJECTED':
      return <p>{strings.common.runRejected(reason)}</p>;
    case 'FAILED':
      return <p>{strings.common.runFailed(reason)}</p>;
    case 'CANCELLED':
      return <p>{strings.common.runCancelled}</p>;
    case 'SUCCEEDED': {
      const { metrics, servedMetrics } = run;
      const done = run.mode === 'OFFLINE' ? strings.common.runDoneAll : strings.common.runDone;
      const figures = [
        metrics && strings.common.runFigures(formats.figure(metrics.logLoss), formats.figure(metrics.auc)),
        servedMetrics && strings.common.runFiguresServed(formats.figure(servedMetrics.logLoss), formats.figure(servedMetrics.auc)),
      ].filter(Boolean);
      return (
        <p>
          {done(run.mode === 'OFFLINE' ? formats.count(run.samples) : samples, run.checkpoint?.name ?? '', formats.duration(run.durationMs ?? 0))}
          {figures.length > 0 && <span className="quiet figures">{figures.join('; ')}</span>}
        </p>
      );
    }
  }
}
