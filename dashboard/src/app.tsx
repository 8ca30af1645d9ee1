/** The page: one bar on top, the search at the left, what is going on at the right (on a phone: around the results). */
import { useEffect, useMemo, useState } from 'react';
import { goTo, queryInAddress } from './address.js';
import { EmptyServer } from './components/empty-server.js';
import { EventFeed } from './components/event-feed.js';
import { Notice } from './components/notice.js';
import { ResultList } from './components/result-list.js';
import { SearchBox } from './components/search-box.js';
import { TopBar } from './components/top-bar.js';
import { TrainingCard } from './components/training-card.js';
import type { GraphqlClient } from './graphql-client.js';
import { WordsContext, wordsOf } from './language.js';
import type { LiveStore } from './live-store.js';
import type { PreferenceStore } from './preferences.js';
import type { SearchSession } from './search-session.js';
import { useStore } from './store.js';
import { loadSuggestions } from './suggestions.js';

interface AppProps {
  client: GraphqlClient;
  live: LiveStore;
  session: SearchSession;
  preferences: PreferenceStore;
}

export function App({ client, live, session, preferences }: AppProps): React.JSX.Element {
  const state = useStore(live);
  const search = useStore(session);
  const connection = useStore(client.connection);
  const { language } = useStore(preferences);
  const words = useMemo(() => wordsOf(language), [language]);
  const [suggestions, setSuggestions] = useState<readonly string[]>([]);
  const { strings } = words;

  // The address is the truth about what is asked: at the start, and when the browser goes back or forth.
  useEffect(() => {
    const follow = (): void => void session.revisit(queryInAddress());
    follow();
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, [session]);

  useEffect(() => {
    if (state.catalogueIsEmpty === false) void loadSuggestions(client).then(setSuggestions);
  }, [client, state.catalogueIsEmpty]);

  useEffect(() => {
    if (state.reloads > 0) void session.checkForChange();
  }, [session, state.reloads]);

  useEffect(() => {
    document.title = search.query ? `${search.query} – Rankloop` : 'Rankloop';
  }, [search.query]);

  const ask = (query: string): void => {
    goTo(query);
    void session.search(query);
  };
  const isAway = connection === 'offline' || (connection === 'reconnecting' && state.error !== null);

  return (
    <WordsContext.Provider value={words}>
      <TopBar connection={connection} live={state} preferences={preferences} />
      <main className="page" data-away={isAway}>
        <section className="ask">
          <SearchBox query={search.query} suggestions={suggestions} onSearch={ask} />
          {isAway && <Notice tone="warning" title={strings.serverAway} text={strings.serverAwayHint} onRetry={() => void live.refresh()} />}
          {!isAway && state.error && state.error.code !== 'NETWORK' && <Notice tone="error" title={state.error.message} text="" onRetry={() => void live.refresh()} />}
        </section>
        <section className="found" aria-busy={search.phase === 'searching'}>
          {state.catalogueIsEmpty ? <EmptyServer /> : <ResultList session={session} state={search} examination={state.examination} />}
        </section>
        <aside className="training">
          <TrainingCard live={state} isAway={isAway} />
        </aside>
        <aside className="events">
          <EventFeed feed={state.feed} />
        </aside>
      </main>
    </WordsContext.Provider>
  );
}
