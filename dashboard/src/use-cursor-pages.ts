/** Paging by cursor: the cursors of the pages passed are the way back to newer ones. Another list begins at its newest. */
import { useCallback, useState } from 'react';

export interface CursorPages {
  /** Of the pages before this one, the first page's end first. */
  cursors: readonly string[];
  /** For the request; null on the first page. */
  after: string | null;
  turn: (cursors: readonly string[]) => void;
}

/** @param listKey names what is paged: filters and the like */
export function useCursorPages(listKey: string): CursorPages {
  const [passed, setPassed] = useState<{ listKey: string; cursors: readonly string[] }>({ listKey, cursors: [] });
  const cursors = passed.listKey === listKey ? passed.cursors : [];
  const turn = useCallback((next: readonly string[]) => setPassed({ listKey, cursors: next }), [listKey]);
  return { cursors, after: cursors.at(-1) ?? null, turn };
}
