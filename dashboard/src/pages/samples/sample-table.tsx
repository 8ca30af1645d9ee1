/** A page of samples as a table; a row opens to what was known when it was shown. */
import { memo, useState } from 'react';
import { RelativeTime } from '../../components/relative-time.js';
import { Table, type Column } from '../../components/table.js';
import type { SamplesQuery } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { SampleDetail } from './sample-detail.js';

export type SampleRow = SamplesQuery['samples']['edges'][number]['node'];

/** @param isOld another page or filter is under way: what is seen is of before */
export const SampleTable = memo(function SampleTable({ rows, isOld }: { rows: readonly SampleRow[]; isOld: boolean }): React.JSX.Element {
  const {
    strings: { samples: words },
    formats,
  } = useWords();
  const [openId, setOpenId] = useState<string | null>(null);
  const columns: Column<SampleRow>[] = [
    {
      key: 'query',
      title: words.query,
      isHeader: true,
      render: ({ id, query }) => (
        <button type="button" className="row-opener" aria-expanded={openId === id} onClick={() => setOpenId(openId === id ? null : id)}>
          <span aria-hidden="true">{openId === id ? '▾' : '▸'}</span> {query}
        </button>
      ),
    },
    {
      key: 'document',
      title: words.document,
      render: ({ document, documentId }) => (
        <span className="sample-document" title={documentId}>
          {document ? document.title : <span className="quiet">{words.deletedDocument(documentId)}</span>}
        </span>
      ),
    },
    { key: 'position', title: words.position, isFigure: true, render: ({ position }) => formats.count(position) },
    { key: 'clicked', title: words.clicked, render: ({ clicked, clickCount }) => (clicked ? <span className="clicked">✓ {clickCount > 1 ? words.times(formats.count(clickCount)) : words.yes}</span> : <span className="quiet">{words.no}</span>) },
    { key: 'chance', title: words.chance, isFigure: true, render: ({ clickProbability }) => formats.tenthShare(clickProbability) },
    { key: 'ranker', title: words.ranker, render: ({ rankerId }) => <span className="sample-ranker">{rankerId}</span> },
    { key: 'shown', title: words.shownAt, render: ({ shownAt }) => <RelativeTime at={shownAt} /> },
  ];
  return (
    <div className="sample-table" data-old={isOld}>
      <Table label={words.table} columns={columns} rows={rows} keyOf={({ id }) => id} renderBelow={(row) => (row.id === openId ? <SampleDetail sample={row} /> : null)} />
    </div>
  );
});
