/** Search, and see it learn: the box and the results at the left, what is going on at the right (on a phone: around the results). */
import { useEffect, useState } from 'react';
import { useApp, useParam } from '../../app-context.js';
import { EventFeed } from '../../components/event-feed.js';
import { TrainingCard } from '../../components/training-card.js';
import { useIsAway } from '../../frame/away.js';
import { useWords } from '../../language.js';
import { useOf, useStore } from '../../store.js';
import { useFrameStore } from '../../use-frame-store.js';
import { ACTIVE, CompareView } from './compare/compare-view.js';
import { EmptyServer } from './empty-server.js';
import { ResultList } from './result-list.js';
import { SearchBox } from './search-box.js';
import { loadSuggestions } from './suggestions.js';
import './search-page.css';
import './compare/compare.css';

export function SearchPage(): React.JSX.Element {
  const { client, live, session, router } = useApp();
  const catalogueIsEmpty = useOf(live, (state) => state.catalogueIsEmpty);
  const reloads = useOf(live, (state) => state.reloads);
  const feed = useOf(live, (state) => state.feed);
  const search = useStore(session);
  const { path } = useStore(router);
  const {
    strings: { search: strings },
  } = useWords();
  const [query, setQuery] = useParam('q');
  const [left] = useParam('left');
  const [right] = useParam('right');
  const isComparing = left !== '' || right !== '';
  const [suggestions, setSuggestions] = useState<readonly string[]>([]);
  // While another page's code is on its way, this one is still seen under that one's address.
  const asked = path === '/' ? query : null;

  // The address is the truth about what is asked: at the start, and when the browser goes back or forth.
  useEffect(() => {
    // A comparison is of previews: nothing is recorded for it.
    if (asked !== null && !isComparing && asked.trim() !== session.get().query) void session.revisit(asked);
  }, [session, asked, isComparing]);

  useEffect(() => {
    if (catalogueIsEmpty === false) void loadSuggestions(client).then(setSuggestions);
  }, [client, catalogueIsEmpty]);

  useEffect(() => {
    if (reloads > 0) void session.checkForChange();
  }, [session, reloads]);

  const ask = (text: string): void => {
    // Searched before the address changes, so that what is asked anew is not answered from what was shown before.
    if (!isComparing) void session.search(text);
    setQuery(text.trim());
  };

  return (
    <div className="search-page">
      <section className="ask">
        <SearchBox query={isComparing ? query : search.query} suggestions={suggestions} onSearch={ask} />
        {catalogueIsEmpty === false && (
          <button type="button" className="link compare-switch" onClick={() => router.change(isComparing ? { left: null, right: null } : { left: 'base', right: ACTIVE })}>
            {isComparing ? strings.compareEnd : strings.compare}
          </button>
        )}
      </section>
      <section className="found" aria-busy={search.phase === 'searching'}>
        {catalogueIsEmpty ? <EmptyServer /> : isComparing ? <CompareView query={query.trim()} /> : <ResultList session={session} state={search} />}
      </section>
      <aside className="training">
        <NextTraining />
      </aside>
      <aside className="events">
        <EventFeed feed={feed} />
      </aside>
    </div>
  );
}

/** By itself, so that the results are not drawn again with every count. */
function NextTraining(): React.JSX.Element {
  const { live } = useApp();
  return <TrainingCard live={useFrameStore(live)} isAway={useIsAway()} />;
}
