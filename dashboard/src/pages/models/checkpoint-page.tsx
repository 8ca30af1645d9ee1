/** One checkpoint: what it is, how good it was while learning and while serving, where it came from, and what can be done with it. */
import { useState } from 'react';
import { Card } from '../../components/card.js';
import { Empty } from '../../components/empty.js';
import { Notice } from '../../components/notice.js';
import { RelativeTime } from '../../components/relative-time.js';
import { Skeleton } from '../../components/skeleton.js';
import { Link } from '../../frame/link.js';
import { CheckpointDetail, type CheckpointDetailQuery } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useReloadOnEvents } from '../../use-reload-on-events.js';
import { useRequest } from '../../use-request.js';
import { CheckpointActions } from './checkpoint-actions.js';
import { CheckpointPlots } from './checkpoint-plots.js';
import { CompareCard } from './compare-card.js';
import { EvaluationCard } from './evaluation-card.js';
import { FiguresCard } from './figures-card.js';
import { LineCard } from './line-card.js';
import { OutcomeNotice, type Outcome } from './outcome-notice.js';
import { StateBadge } from './state-badge.js';

export type Detail = NonNullable<CheckpointDetailQuery['checkpoint']>;

export function CheckpointPage({ id }: { id: string }): React.JSX.Element {
  const { strings } = useWords();
  const words = strings.models;
  const { data, error, reload } = useRequest(CheckpointDetail, { id });
  const held = useReloadOnEvents(reload);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const checkpoint = data?.checkpoint ?? null;
  const done = (what: Outcome | null): void => {
    setOutcome(what);
    reload();
  };
  return (
    <div className="checkpoint" data-ready={data !== null}>
      <p className="crumbs">
        <Link href="/models">← {words.allModels}</Link>
      </p>
      {outcome && <OutcomeNotice outcome={outcome} onDone={done} onClose={() => setOutcome(null)} />}
      {error && <Notice tone="error" title={words.detailFailed} text={error.message} onRetry={reload} />}
      {!data && !error && <Skeleton rows={4} height={160} />}
      {data && !checkpoint && (
        <Empty title={words.noSuch(id)}>
          <p>{words.noSuchHint}</p>
        </Empty>
      )}
      {checkpoint && (
        <>
          <header className="checkpoint-head" {...held}>
            <div>
              <h2>{checkpoint.name}</h2>
              <p className="quiet">
                <StateBadge status={checkpoint.status} isActive={checkpoint.active} /> · {words.modes[checkpoint.mode]} · {words.modelTypes[checkpoint.modelType]} · <RelativeTime at={checkpoint.createdAt} />
              </p>
            </div>
            <CheckpointActions checkpoint={checkpoint} onDone={done} />
          </header>
          {checkpoint.trainingRun?.reason && <Notice tone={checkpoint.status === 'REJECTED' ? 'warning' : 'info'} title={words.runSaid} text={checkpoint.trainingRun.reason} />}
          <div className="checkpoint-pair">
            <FiguresCard checkpoint={checkpoint} />
            <div className="checkpoint-stack">
              <LineCard checkpoint={checkpoint} />
              <ActivationsCard checkpoint={checkpoint} />
            </div>
          </div>
          <CheckpointPlots checkpoint={checkpoint} />
          <div className="checkpoint-pair">
            <EvaluationCard checkpoint={checkpoint} />
            <CompareCard checkpoint={checkpoint} />
          </div>
          <FileCard checkpoint={checkpoint} />
        </>
      )}
    </div>
  );
}

function ActivationsCard({ checkpoint }: { checkpoint: Detail }): React.JSX.Element {
  const {
    strings: { models: words, common },
  } = useWords();
  const { edges, pageInfo } = checkpoint.activations;
  return (
    <Card title={words.activations}>
      {edges.length === 0 && <p className="quiet">{words.neverServed}</p>}
      <ol className="line">
        {edges.map(({ node }) => (
          <li key={node.id}>
            <RelativeTime at={node.at} /> · {common.reloadReason[node.reason]}
            {node.previous && <span className="quiet"> · {words.inPlaceOf(node.previous.id === 'base' ? common.baseRanker : node.previous.name)}</span>}
            {node.evidence && <span className="quiet line-note">{node.evidence}</span>}
          </li>
        ))}
      </ol>
      {pageInfo.hasNextPage && <p className="quiet">{words.moreBefore}</p>}
    </Card>
  );
}

function FileCard({ checkpoint: { path, sha256, bytes } }: { checkpoint: Detail }): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  return (
    <Card title={words.file}>
      <dl className="file-facts">
        <dt>{words.path}</dt>
        <dd>
          <code>{path}</code>
        </dd>
        <dt>{words.size}</dt>
        <dd>{formats.bytes(bytes)}</dd>
        <dt>SHA-256</dt>
        <dd>
          <code>{sha256}</code>
        </dd>
      </dl>
    </Card>
  );
}
