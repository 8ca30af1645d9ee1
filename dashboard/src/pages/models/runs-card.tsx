/** Training runs in rows: what started them, what became of them and why, and both models' figures. */
import { useEffect, useState } from 'react';
import { Card } from '../../components/card.js';
import { Notice } from '../../components/notice.js';
import { Pager } from '../../components/pager.js';
import { RelativeTime } from '../../components/relative-time.js';
import { Skeleton } from '../../components/skeleton.js';
import { Table, type Column } from '../../components/table.js';
import { Link } from '../../frame/link.js';
import { Runs, type RunRowFragment, type TrainingStatus } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useCursorPages } from '../../use-cursor-pages.js';
import { useReloadOnEvents } from '../../use-reload-on-events.js';
import { useRequest } from '../../use-request.js';

const PAGE_ROWS = 10;
const STATUSES = ['ALL', 'SUCCEEDED', 'REJECTED', 'FAILED', 'CANCELLED', 'RUNNING'] as const;
const signs: Record<TrainingStatus, string> = { QUEUED: '…', RUNNING: '…', SUCCEEDED: '✓', REJECTED: '✕', FAILED: '!', CANCELLED: '–' };

export function RunsCard({ deeds }: { deeds: number }): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const [status, setStatus] = useState<(typeof STATUSES)[number]>('ALL');
  const pages = useCursorPages(status);
  const { data, error, isLoading, reload } = useRequest(Runs, { first: PAGE_ROWS, after: pages.after, mode: null, status: status === 'ALL' ? null : status });
  const held = useReloadOnEvents(reload);
  useEffect(() => {
    if (deeds > 0) reload();
  }, [deeds, reload]);

  const pair = (challenger: number | null | undefined, served: number | null | undefined): React.ReactNode => (
    <>
      {challenger == null ? '–' : formats.exact(challenger)} <span className="quiet">/ {served == null ? '–' : formats.exact(served)}</span>
    </>
  );
  const columns: Column<RunRowFragment>[] = [
    {
      key: 'state',
      title: words.state,
      isHeader: true,
      render: (run) => (
        <span className="state" data-state={run.status}>
          <span aria-hidden="true">{signs[run.status]}</span> {words.runStates[run.status]}
          {run.status === 'RUNNING' && ` ${formats.wholeShare(run.progress)}`}
        </span>
      ),
    },
    { key: 'when', title: words.when, render: ({ finishedAt, queuedAt }) => <RelativeTime at={finishedAt ?? queuedAt} /> },
    { key: 'mode', title: words.mode, render: ({ mode, trigger }) => `${words.modes[mode]} · ${words.triggers[trigger]}` },
    { key: 'samples', title: words.newSamples, isFigure: true, render: ({ newSamples }) => formats.count(newSamples) },
    { key: 'logLoss', title: `${words.logLoss} ${words.pairNote}`, isFigure: true, render: ({ metrics, servedMetrics }) => pair(metrics?.logLoss, servedMetrics?.logLoss) },
    { key: 'auc', title: `AUC ${words.pairNote}`, isFigure: true, render: ({ metrics, servedMetrics }) => pair(metrics?.auc, servedMetrics?.auc) },
    { key: 'duration', title: words.duration, isFigure: true, render: ({ durationMs }) => (durationMs === null ? '–' : formats.duration(durationMs)) },
    { key: 'made', title: words.made, render: ({ checkpoint, reason }) => <Made checkpoint={checkpoint} reason={reason} /> },
  ];
  const rows = data?.trainingRuns.edges.map(({ node }) => node) ?? [];
  return (
    <Card
      title={words.runs}
      testId="runs"
      actions={
        <label className="field-inline">
          <span className="quiet">{words.state}</span>
          <select className="input" value={status} onChange={(event) => setStatus(STATUSES.find((known) => known === event.target.value) ?? 'ALL')}>
            {STATUSES.map((value) => (
              <option key={value} value={value}>
                {value === 'ALL' ? words.stateFilter.all : words.runStates[value]}
              </option>
            ))}
          </select>
        </label>
      }
    >
      {error && <Notice tone="error" title={words.runsFailed} text={error.message} onRetry={reload} />}
      {!data && !error && <Skeleton rows={5} />}
      {data && rows.length === 0 && <p className="quiet models-note">{words.noRuns}</p>}
      {rows.length > 0 && (
        <div {...held}>
          <Table label={words.runs} columns={columns} rows={rows} keyOf={({ id }) => id} />
        </div>
      )}
      <Pager pages={pages} pageInfo={data?.trainingRuns.pageInfo ?? null} isLoading={isLoading} />
    </Card>
  );
}

function Made({ checkpoint, reason }: Pick<RunRowFragment, 'checkpoint' | 'reason'>): React.JSX.Element {
  return (
    <span className="run-made">
      {checkpoint && (
        <Link href={`/models/${encodeURIComponent(checkpoint.id)}`} className="model-link">
          {checkpoint.name}
        </Link>
      )}
      {reason && <span className="quiet run-reason">{reason}</span>}
    </span>
  );
}
