/** The results of the search on the page, and what is to be said about them: nothing asked yet, none found, failed, changed since. */
import { useRef } from 'react';
import { Empty } from '../../components/empty.js';
import { Skeleton } from '../../components/skeleton.js';
import { useWords } from '../../language.js';
import type { SearchSession, SearchState } from '../../search-session.js';
import { useGlide } from './use-glide.js';
import { Notice } from '../../components/notice.js';
import { ResultRow } from './result-row.js';

const SHAPE_ROWS = 8;

interface ResultListProps {
  session: SearchSession;
  state: SearchState;
}

export function ResultList({ session, state }: ResultListProps): React.JSX.Element {
  const { strings, formats } = useWords();
  const rows = useRef<HTMLOListElement>(null);
  const { phase, query, list, error, hasChanged } = state;
  useGlide(rows, list?.hits.map(({ document }) => document.id).join(' ') ?? '');

  if (phase === 'idle') {
    return (
      <Empty title={strings.search.firstSteps}>
        <p>{strings.search.firstStepsHint}</p>
      </Empty>
    );
  }
  const isOfOtherQuery = phase !== 'shown';
  const reason = error?.code === 'NETWORK' ? strings.common.serverAway : (error?.message ?? '');
  return (
    <>
      {phase === 'failed' && (
        <Notice tone="error" title={strings.search.failed} text={list ? `${reason} ${strings.search.stillWorks}` : reason} onRetry={() => void session.search(query)} />
      )}
      <div className="found-line">
        {list && !isOfOtherQuery && (
          <span role="status">
            {strings.search.matches(list.totalMatches, formats.count(list.totalMatches))} · {strings.search.rankedBy(list.ranker.id === 'base' ? strings.common.baseRanker : list.ranker.name)}
            {list.explored && <span title={strings.search.exploredHint}> · {strings.search.explored}</span>}
            {list.interleaved && <span title={strings.search.interleavedHint}> · {strings.search.interleaved}</span>}
          </span>
        )}
        {hasChanged && (
          <span className="changed" role="status">
            {strings.search.rankingChanged}{' '}
            <button type="button" className="link" onClick={() => void session.search(query)}>
              {strings.search.show}
            </button>
          </span>
        )}
      </div>
      {phase === 'searching' && !list ? (
        <Skeleton rows={SHAPE_ROWS} height={72} />
      ) : (
        <ol className="hits" ref={rows} data-stale={isOfOtherQuery} onKeyDown={moveFocus}>
          {list?.hits.map((hit) => (
            <ResultRow
              key={hit.document.id}
              hit={hit}
              query={query}
              click={state.clicks[hit.document.id]}
              ranker={list.ranker}
              onClick={() => void session.click(hit)}
            />
          ))}
        </ol>
      )}
      {phase === 'shown' && list?.hits.length === 0 && (
        <Empty title={strings.search.noMatches(query)}>
          <p>{strings.search.noMatchesHint}</p>
        </Empty>
      )}
      {phase === 'shown' && error && <Notice tone="error" title={strings.search.failed} text={reason} onRetry={() => void session.loadMore()} />}
      {phase === 'shown' && list && list.hits.length > 0 && list.hits.length < list.totalMatches && (
        <button type="button" className="button more" disabled={state.isLoadingMore} onClick={() => void session.loadMore()}>
          {strings.search.more}
        </button>
      )}
    </>
  );
}

/** Arrow keys go from title to title, and from the first back into the box. */
function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const titles = [...event.currentTarget.querySelectorAll<HTMLElement>('.hit-title')];
  const index = titles.indexOf(document.activeElement as HTMLElement);
  if (index < 0) return;
  event.preventDefault();
  const next = event.key === 'ArrowDown' ? titles[index + 1] : (titles[index - 1] ?? document.querySelector<HTMLElement>('.box input'));
  next?.focus();
}
