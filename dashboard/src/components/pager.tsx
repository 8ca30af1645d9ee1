/** The way through a list that comes a page at a time, newest first. */
import { useWords } from '../language.js';
import type { CursorPages } from '../use-cursor-pages.js';

interface PagerProps {
  pages: CursorPages;
  /** null while unknown. */
  pageInfo: { hasNextPage: boolean; endCursor: string | null } | null;
  isLoading: boolean;
}

export function Pager({ pages: { cursors, turn }, pageInfo, isLoading }: PagerProps): React.JSX.Element | null {
  const {
    strings: { paging: words },
  } = useWords();
  if (cursors.length === 0 && !pageInfo?.hasNextPage) return null;
  return (
    <nav className="pager" aria-label={words.pages}>
      <button type="button" className="button" disabled={cursors.length === 0} onClick={() => turn([])}>
        {words.newest}
      </button>
      <button type="button" className="button" disabled={cursors.length === 0} onClick={() => turn(cursors.slice(0, -1))}>
        {words.newer}
      </button>
      <button type="button" className="button" disabled={!pageInfo?.hasNextPage || isLoading} onClick={() => pageInfo?.endCursor && turn([...cursors, pageInfo.endCursor])}>
        {words.older}
      </button>
    </nav>
  );
}
