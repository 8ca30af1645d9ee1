/** The stored samples: filtered as one types, a page at a time, each row with what was known of it; and their export. */
import { useMemo } from 'react';
import { useApp } from '../../app-context.js';
import { Empty } from '../../components/empty.js';
import { Notice } from '../../components/notice.js';
import { Pager } from '../../components/pager.js';
import { Skeleton } from '../../components/skeleton.js';
import { Samples } from '../../generated/operations.js';
import { Link } from '../../frame/link.js';
import { useWords } from '../../language.js';
import { useOf, useStore } from '../../store.js';
import { useCursorPages } from '../../use-cursor-pages.js';
import { useRequest } from '../../use-request.js';
import { ExportCard } from './export-card.js';
import { FilterBar } from './filter-bar.js';
import { filterFrom, isFiltered, toSampleFilter } from './sample-filter.js';
import { SampleTable } from './sample-table.js';
import './samples-page.css';

const PAGE_ROWS = 50;

export function SamplesPage(): React.JSX.Element {
  const { router, live } = useApp();
  const { strings, formats } = useWords();
  const words = strings.samples;
  const { params } = useStore(router);
  const fields = useMemo(() => filterFrom(params), [params]);
  const filter = useMemo(() => toSampleFilter(fields), [fields]);
  const pages = useCursorPages(JSON.stringify(filter));
  const { after, cursors } = pages;
  const { data, error, isLoading, reload } = useRequest(Samples, { first: PAGE_ROWS, after, filter });

  // What came since the newest page was read is offered, not pushed in: what is being read stays where it is.
  const total = useOf(live, ({ stats }) => stats?.total ?? null);
  const fresh = data === null || total === null ? 0 : total - data.sampleStats.total;

  const rows = useMemo(() => data?.samples.edges.map(({ node }) => node) ?? [], [data]);
  const filtered = isFiltered(fields);

  return (
    <div className="samples" data-ready={data !== null && !isLoading}>
      <section className="card samples-tools" aria-label={words.filter}>
        <FilterBar fields={fields} />
        <ExportCard filter={filter} total={filtered ? null : total} />
      </section>
      <div className="samples-line" role="status">
        {data && <span className="quiet">{words.shown(cursors.length * PAGE_ROWS + (rows.length > 0 ? 1 : 0), cursors.length * PAGE_ROWS + rows.length, formats.whole)}</span>}
        {fresh > 0 && cursors.length === 0 && (
          <button type="button" className="link" onClick={reload}>
            {filtered ? words.freshFiltered(fresh, formats.count(fresh)) : words.fresh(fresh, formats.count(fresh))}
          </button>
        )}
      </div>
      {error && <Notice tone="error" title={words.failed} text={`${error.message} ${data ? words.failedHint : ''}`} onRetry={reload} />}
      {!data && !error && <Skeleton rows={12} />}
      {data && rows.length === 0 && (
        <Empty title={filtered ? words.noneFiltered : words.none}>
          <p>
            {filtered ? words.noneFilteredHint : words.noneHint} {!filtered && <Link href="/">{strings.common.pages.search}</Link>}
          </p>
        </Empty>
      )}
      {rows.length > 0 && (
        <section className="card" aria-label={words.table}>
          <SampleTable rows={rows} isOld={isLoading} />
          <Pager pages={pages} pageInfo={data?.samples.pageInfo ?? null} isLoading={isLoading} />
        </section>
      )}
    </div>
  );
}
