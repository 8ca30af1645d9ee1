/** What a checkpoint went on from, back to where its line began. */
import { useEffect, useState } from 'react';
import { useApp } from '../../app-context.js';
import { Card } from '../../components/card.js';
import { Skeleton } from '../../components/skeleton.js';
import { Link } from '../../frame/link.js';
import { RequestError } from '../../graphql-client.js';
import { useWords } from '../../language.js';
import { loadLine, type Line } from './ancestors.js';
import type { Detail } from './checkpoint-page.js';
import { StateBadge } from './state-badge.js';

export function LineCard({ checkpoint: { id, mode } }: { checkpoint: Detail }): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { models: words, common },
  } = useWords();
  const [requests, setRequests] = useState(1);
  const [line, setLine] = useState<Line | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  useEffect(() => {
    let isCurrent = true;
    loadLine(client, id, { until: null, requests }).then(
      (loaded) => isCurrent && setLine(loaded),
      (error: unknown) => {
        if (!(error instanceof RequestError)) throw error;
        if (isCurrent) setFailure(error.message);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [client, id, requests]);

  return (
    <Card title={words.parents}>
      {failure && <p>{failure}</p>}
      {!line && !failure && <Skeleton rows={3} height={32} />}
      {line && line.ancestors.length === 0 && <p className="quiet">{mode === 'OFFLINE' ? words.noParentOffline : words.noParent}</p>}
      {line && (
        <ol className="line" tabIndex={0} aria-label={words.parents}>
          {line.ancestors.map((ancestor) => (
            <li key={ancestor.id}>
              {ancestor.id === 'base' ? (
                common.baseRanker
              ) : (
                <Link href={`/models/${encodeURIComponent(ancestor.id)}`} className="model-link">
                  {ancestor.id}
                </Link>
              )}{' '}
              {ancestor.status && <StateBadge status={ancestor.status} isActive={false} />}
            </li>
          ))}
          {line.hasMore && (
            <li>
              <button type="button" className="link" onClick={() => setRequests((count) => count * 4)}>
                {words.showMore}
              </button>
            </li>
          )}
        </ol>
      )}
    </Card>
  );
}
