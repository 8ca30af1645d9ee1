/** Checkpoints in rows: name, age, state and the figures their runs measured. */
import { RelativeTime } from '../../components/relative-time.js';
import { Table, type Column } from '../../components/table.js';
import { Link } from '../../frame/link.js';
import type { CheckpointRowFragment } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { StateBadge } from './state-badge.js';

export function CheckpointTable({ rows }: { rows: readonly CheckpointRowFragment[] }): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const figure = (value: number | null | undefined): string => (value == null ? '–' : formats.exact(value));
  const columns: Column<CheckpointRowFragment>[] = [
    {
      key: 'name',
      title: words.name,
      isHeader: true,
      render: ({ id, name }) => (
        <Link href={`/models/${encodeURIComponent(id)}`} className="model-link">
          {name}
        </Link>
      ),
    },
    { key: 'state', title: words.state, render: ({ status, active }) => <StateBadge status={status} isActive={active} /> },
    { key: 'age', title: words.age, render: ({ createdAt }) => <RelativeTime at={createdAt} /> },
    { key: 'samples', title: words.samples, isFigure: true, render: ({ metrics }) => (metrics ? formats.count(metrics.samples) : '–') },
    { key: 'logLoss', title: words.logLoss, isFigure: true, render: ({ metrics }) => figure(metrics?.logLoss) },
    { key: 'auc', title: 'AUC', isFigure: true, render: ({ metrics }) => figure(metrics?.auc) },
    { key: 'calibration', title: words.calibration, isFigure: true, render: ({ metrics }) => (metrics?.calibration == null ? '–' : formats.figure(metrics.calibration)) },
    { key: 'bytes', title: words.size, isFigure: true, render: ({ bytes }) => formats.bytes(bytes) },
  ];
  return <Table label={words.checkpoints} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
