/** The last events, in words, newest first. */
import { useWords } from '../language.js';
import type { FeedEntry } from '../live-store.js';
import { useNow } from '../use-now.js';

export function EventFeed({ feed }: { feed: readonly FeedEntry[] }): React.JSX.Element {
  const { strings, formats } = useWords();
  const now = useNow();
  return (
    <div className="card feed-card">
      <h2>{strings.events}</h2>
      {feed.length === 0 && <p className="quiet">{strings.noEvents}</p>}
      <ol className="feed" role="log" aria-label={strings.events} tabIndex={0}>
        {feed.map((entry) => (
          <li key={entry.key} data-kind={entry.kind} data-status={entry.kind === 'run' ? entry.run.status : undefined}>
            <Event entry={entry} />
            <time dateTime={entry.at} title={formats.moment(entry.at)}>
              {formats.age(entry.at, now)}
            </time>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Event({ entry }: { entry: FeedEntry }): React.JSX.Element {
  const { strings, formats } = useWords();
  if (entry.kind === 'removed') return <p>{strings.removed(entry.name)}</p>;
  if (entry.kind === 'serving') {
    const name = entry.ranker.id === 'base' ? strings.baseRanker : entry.ranker.name;
    return (
      <p>
        <strong>{strings.nowServing(name)}</strong> <span className="quiet">{strings.reloadReason[entry.reason]}</span>
      </p>
    );
  }
  const { run } = entry;
  const samples = formats.count(run.newSamples);
  const reason = run.reason ?? strings.noReason;
  switch (run.status) {
    case 'QUEUED':
    case 'RUNNING':
      return <p>{strings.runStarted(samples)}</p>;
    case 'REJECTED':
      return <p>{strings.runRejected(reason)}</p>;
    case 'FAILED':
      return <p>{strings.runFailed(reason)}</p>;
    case 'CANCELLED':
      return <p>{strings.runCancelled}</p>;
    case 'SUCCEEDED': {
      const { metrics, servedMetrics } = run;
      const figures = [
        metrics && strings.runFigures(formats.figure(metrics.logLoss), formats.figure(metrics.auc)),
        servedMetrics && strings.runFiguresServed(formats.figure(servedMetrics.logLoss), formats.figure(servedMetrics.auc)),
      ].filter(Boolean);
      return (
        <p>
          {strings.runDone(samples, run.checkpoint?.name ?? '', formats.duration(run.durationMs ?? 0))}
          {figures.length > 0 && <span className="quiet figures">{figures.join('; ')}</span>}
        </p>
      );
    }
  }
}
