/** Two rankers' orders of one query side by side: a preview of each, so nothing is recorded. */
import { useEffect } from 'react';
import { useApp, useParam } from '../../../app-context.js';
import { Empty } from '../../../components/empty.js';
import { Notice } from '../../../components/notice.js';
import { Skeleton } from '../../../components/skeleton.js';
import { Table } from '../../../components/table.js';
import { Compare } from '../../../generated/operations.js';
import { useWords } from '../../../language.js';
import { useOf } from '../../../store.js';
import { useRequest } from '../../../use-request.js';
import { Moved } from '../moved.js';
import { RankerPicker } from './ranker-picker.js';
import { SlopeGraph } from './slope-graph.js';
import { slopesOf } from './slopes.js';

const PLACES = 15;
/** As many as the API gives at once: it is then known from where a result came, and where it went. */
const PLACES_ASKED = 100;
/** In the address: whatever serves now. */
export const ACTIVE = 'active';

export function CompareView({ query }: { query: string }): React.JSX.Element {
  const {
    strings: { search: strings, common },
    formats,
  } = useWords();
  const { live } = useApp();
  const reloads = useOf(live, (state) => state.reloads);
  const [left, setLeft] = useParam('left');
  const [right, setRight] = useParam('right');
  const idOf = (choice: string): string | null => (choice === ACTIVE || choice === '' ? null : choice);
  const { data, error, isLoading, reload } = useRequest(Compare, query ? { query, limit: PLACES_ASKED, leftId: idOf(left), rightId: idOf(right) } : null);

  // What serves now is another model than a moment ago.
  useEffect(() => {
    if (reloads > 0) reload();
  }, [reloads, reload]);

  const nameOf = (ranker: { id: string; name: string } | undefined): string => (ranker ? (ranker.id === 'base' ? common.baseRanker : ranker.name) : '');
  const leftName = nameOf(data?.left.ranker);
  const rightName = nameOf(data?.right.ranker);
  const slopes = data ? slopesOf(data.left.results, data.right.results, PLACES) : [];
  const moved = slopes.filter(({ direction }) => direction !== 'equal').length;
  return (
    <div className="compare" aria-busy={isLoading}>
      <div className="compare-heads">
        <RankerPicker label={strings.leftRanker} chosen={left || ACTIVE} name={leftName} onChoose={setLeft} />
        <button type="button" className="button" aria-label={strings.swap} title={strings.swap} onClick={() => (setLeft(right || ACTIVE), setRight(left || ACTIVE))}>
          ⇄
        </button>
        <RankerPicker label={strings.rightRanker} chosen={right || ACTIVE} name={rightName} onChoose={setRight} />
      </div>
      {error && <Notice tone="error" title={error.code === 'NETWORK' ? common.serverAway : error.message} onRetry={reload} />}
      {!query && <Empty title={strings.compareWhat} />}
      {query && !data && !error && <Skeleton rows={PLACES} height={32} />}
      {query && data && slopes.length === 0 && <Empty title={strings.noMatches(query)} />}
      {query && slopes.length > 0 && (
        <>
          <p className="compare-line" role="status">
            {moved === 0 ? strings.sameOrder : strings.movedCount(moved, formats.count(moved), formats.count(slopes.length))}
          </p>
          <SlopeGraph slopes={slopes} places={Math.min(PLACES, Math.max(data?.left.results.length ?? 0, data?.right.results.length ?? 0))} leftName={leftName} rightName={rightName} />
          <details className="compare-table">
            <summary>{strings.asTable}</summary>
            <Table
              label={strings.compareTable(leftName, rightName)}
              rows={slopes}
              keyOf={({ id }) => id}
              columns={[
                { key: 'title', title: strings.result, isHeader: true, render: ({ title }) => title },
                { key: 'left', title: leftName, isFigure: true, render: (slope) => slope.left ?? strings.beyond(formats.count(PLACES_ASKED)) },
                { key: 'right', title: rightName, isFigure: true, render: (slope) => slope.right ?? strings.beyond(formats.count(PLACES_ASKED)) },
                { key: 'moved', title: strings.moved, isFigure: true, render: ({ risen }) => (risen === null ? '' : <Moved places={risen} />) },
              ]}
            />
          </details>
        </>
      )}
    </div>
  );
}
