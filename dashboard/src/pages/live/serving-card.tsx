/** What ranks now, since when and why, and what it went on from. */
import { Card } from '../../components/card.js';
import { Link } from '../../frame/link.js';
import type { HistoryQuery } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import type { LiveState } from '../../live-store.js';
import { useOfNow } from '../../use-now.js';

export function ServingCard({ live: { ranker, servingSince, feed }, history }: { live: LiveState; history: HistoryQuery | null }): React.JSX.Element {
  const {
    strings: { live: words, common },
    formats,
  } = useWords();
  const span = useOfNow((nowMs) => (servingSince ? formats.span(Math.max(1_000, nowMs - Date.parse(servingSince))) : ''));
  const isBase = ranker?.id === 'base';
  const activation = history?.activations.edges.find(({ node }) => node.ranker.id === ranker?.id)?.node;
  // What has just happened is in the feed before the history is read again.
  const entry = feed.find((other) => other.kind === 'run' && other.run.checkpoint?.id === ranker?.id);
  const point = (entry?.kind === 'run' && entry.run.metrics ? { samples: entry.run.samples, ...entry.run.metrics } : null) ?? history?.metricsHistory.find(({ checkpointId }) => checkpointId !== null && checkpointId === ranker?.id);
  return (
    <Card title={words.servesNow} className="serving">
      <p className="serving-name">{ranker ? isBase ? common.baseRanker : <Link href={`/models/${encodeURIComponent(ranker.id)}`}>{ranker.name}</Link> : '–'}</p>
      <p className="quiet">
        {isBase && !activation && words.baseSoFar}
        {servingSince && (
          <>
            <time dateTime={servingSince} title={formats.moment(servingSince)}>
              {words.servingFor(span)}
            </time>
          </>
        )}
        {activation && <> · {common.reloadReason[activation.reason]}</>}
      </p>
      {activation?.evidence && <p className="serving-evidence">{activation.evidence}</p>}
      {point && (
        <dl className="facts">
          <Fact name={words.learned} value={formats.count(point.samples)} />
          <Fact name={words.logLoss} value={formats.figure(point.logLoss)} />
          <Fact name="AUC" value={formats.figure(point.auc)} />
        </dl>
      )}
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }): React.JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
