/** The frame around every page: the way to the five pages, the bar on top, and what goes for all of them. */
import { useEffect, useMemo, useRef } from 'react';
import { AppContext, type AppServices } from './app-context.js';
import { Away, useIsAway } from './frame/away.js';
import { KeyNotice } from './frame/key-notice.js';
import { PageOutlet } from './frame/page-outlet.js';
import { Rail } from './frame/rail.js';
import { TopBar } from './frame/top-bar.js';
import { useWords, WordsContext, wordsOf } from './language.js';
import { routeOf } from './routes.js';
import { Notice } from './components/notice.js';
import { useOf, useStore } from './store.js';

/** The strip at the foot of the page says NETWORK, the notice about keys the others. */
const shownElsewhere: ReadonlySet<string> = new Set(['NETWORK', 'UNAUTHENTICATED', 'FORBIDDEN']);

export function App({ services }: { services: AppServices }): React.JSX.Element {
  const { language } = useStore(services.preferences);
  const words = useMemo(() => wordsOf(language), [language]);
  return (
    <AppContext.Provider value={services}>
      <WordsContext.Provider value={words}>
        <Frame services={services} />
      </WordsContext.Provider>
    </AppContext.Provider>
  );
}

function Frame({ services: { router, live } }: { services: AppServices }): React.JSX.Element {
  const {
    strings: { common },
  } = useWords();
  const { path, params } = useStore(router);
  const error = useOf(live, (state) => state.error);
  const isAway = useIsAway();
  const main = useRef<HTMLElement>(null);
  const route = routeOf(path);
  const title = route ? common.pages[route.id] : common.noSuchPage;
  const query = route?.id === 'search' ? params.get('q') : null;

  useEffect(() => {
    document.title = `${query ?? title} – Rankloop`;
  }, [query, title]);

  // Who moved to another page by keyboard or hears it read goes on at its beginning.
  const lastId = useRef(route?.id);
  useEffect(() => {
    if (lastId.current === route?.id) return;
    lastId.current = route?.id;
    main.current?.focus({ preventScroll: true });
  }, [route?.id]);

  return (
    <div className="frame" data-away={isAway}>
      <a className="skip" href="#main">
        {common.skip}
      </a>
      <Rail />
      <div className="frame-body">
        <TopBar title={title} />
        <main id="main" className="main" tabIndex={-1} ref={main}>
          <KeyNotice />
          {!isAway && error && !shownElsewhere.has(error.code) && <Notice tone="error" title={error.message} onRetry={() => void live.refresh()} />}
          <PageOutlet route={route} />
        </main>
      </div>
      <Away />
    </div>
  );
}
