/** The results of the search on the page, and what is to be said about them: nothing asked yet, none found, failed, changed since. */
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../language.js';
import type { SearchSession, SearchState } from '../search-session.js';
import { useGlide } from '../use-glide.js';
import { Notice } from './notice.js';
import { ResultRow } from './result-row.js';

/** A search usually answers sooner; a shape that flashes by is worse than none. */
const SHAPE_AFTER_MS = 300;
const SHAPE_ROWS = 8;

interface ResultListProps {
  session: SearchSession;
  state: SearchState;
  examination: readonly number[] | null;
}

export function ResultList({ session, state, examination }: ResultListProps): React.JSX.Element {
  const { strings, formats } = useWords();
  const rows = useRef<HTMLOListElement>(null);
  const { phase, query, list, error, hasChanged } = state;
  const isSlow = useIsSlow(phase === 'searching');
  useGlide(rows, list?.hits.map(({ document }) => document.id).join(' ') ?? '');

  if (phase === 'idle') return <FirstSteps />;
  const isOfOtherQuery = phase !== 'shown';
  const reason = error?.code === 'NETWORK' ? strings.serverAway : (error?.message ?? '');
  return (
    <>
      {phase === 'failed' && (
        <Notice tone="error" title={strings.searchFailed} text={list ? `${reason} ${strings.stillWorks}` : reason} onRetry={() => void session.search(query)} />
      )}
      <div className="found-line">
        {list && !isOfOtherQuery && (
          <span role="status">
            {strings.matches(list.totalMatches, formats.count(list.totalMatches))} · {strings.rankedBy(list.ranker.id === 'base' ? strings.baseRanker : list.ranker.name)}
            {list.explored && <span title={strings.exploredHint}> · {strings.explored}</span>}
          </span>
        )}
        {hasChanged && (
          <span className="changed" role="status">
            {strings.rankingChanged}{' '}
            <button type="button" className="link" onClick={() => void session.search(query)}>
              {strings.show}
            </button>
          </span>
        )}
      </div>
      {isSlow ? (
        <Shape />
      ) : (
        <ol className="hits" ref={rows} data-stale={isOfOtherQuery} onKeyDown={moveFocus}>
          {list?.hits.map((hit) => (
            <ResultRow
              key={hit.document.id}
              hit={hit}
              query={query}
              click={state.clicks[hit.document.id]}
              examination={examination?.[hit.position - 1] ?? null}
              onClick={() => void session.click(hit)}
            />
          ))}
        </ol>
      )}
      {phase === 'shown' && list?.hits.length === 0 && (
        <div className="hint">
          <strong>{strings.noMatches(query)}</strong>
          <p>{strings.noMatchesHint}</p>
        </div>
      )}
      {phase === 'shown' && error && <Notice tone="error" title={strings.searchFailed} text={reason} onRetry={() => void session.loadMore()} />}
      {phase === 'shown' && list && list.hits.length > 0 && list.hits.length < list.totalMatches && (
        <button type="button" className="button more" disabled={state.isLoadingMore} onClick={() => void session.loadMore()}>
          {strings.more}
        </button>
      )}
    </>
  );
}

function FirstSteps(): React.JSX.Element {
  const { strings } = useWords();
  return (
    <div className="hint">
      <strong>{strings.firstSteps}</strong>
      <p>{strings.firstStepsHint}</p>
    </div>
  );
}

function Shape(): React.JSX.Element {
  return (
    <ol className="hits shape" aria-hidden="true">
      {Array.from({ length: SHAPE_ROWS }, (_, index) => (
        <li key={index} className="hit">
          <span />
          <span />
        </li>
      ))}
    </ol>
  );
}

function useIsSlow(isWaiting: boolean): boolean {
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    setIsSlow(false);
    if (!isWaiting) return;
    const timer = setTimeout(() => setIsSlow(true), SHAPE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  return isSlow && isWaiting;
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
