/** The thin bar on top: the name, the ranker that serves, whether events arrive, theme and language. */
import type { Connection } from '../graphql-client.js';
import { useWords } from '../language.js';
import type { LiveState } from '../live-store.js';
import type { PreferenceStore } from '../preferences.js';
import { useStore } from '../store.js';
import { useNow } from '../use-now.js';
import { ThemeIcon } from './icons.js';

interface TopBarProps {
  connection: Connection;
  live: LiveState;
  preferences: PreferenceStore;
}

export function TopBar({ connection, live, preferences }: TopBarProps): React.JSX.Element {
  const { strings } = useWords();
  const { theme } = useStore(preferences);
  return (
    <header className="bar">
      <div className="bar-inner">
        <a className="brand" href="/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <circle className="ring-track" cx="16" cy="16" r="11" />
            <path className="ring-fill" d="M16 5a11 11 0 1 1-9.5 16.5" />
          </svg>
          Rankloop
        </a>
        <span className="tagline">{strings.tagline}</span>
        <span className="bar-space" />
        <RankerBadge live={live} />
        <span className="dot" data-state={connection} role="status">
          {strings.connection[connection]}
        </span>
        <a className="bar-link" href="/graphiql">
          {strings.playground}
        </a>
        <button type="button" className="bar-button" title={strings.theme[theme]} aria-label={strings.theme[theme]} onClick={() => preferences.nextTheme()}>
          <ThemeIcon theme={theme} />
        </button>
        <button type="button" className="bar-button" onClick={() => preferences.nextLanguage()}>
          {strings.switchLanguage}
        </button>
      </div>
    </header>
  );
}

function RankerBadge({ live: { ranker, servingSince } }: { live: LiveState }): React.JSX.Element {
  const { strings, formats } = useWords();
  const now = useNow();
  if (!ranker) return <span className="badge" aria-hidden="true" />;
  const isBase = ranker.id === 'base';
  const name = isBase ? strings.baseRanker : ranker.name;
  const since = servingSince ? strings.servingFor(formats.moment(servingSince)) : '';
  return (
    <span key={ranker.id} className="badge" data-base={isBase} title={[strings.servesNow(name), since].filter(Boolean).join('\n')} data-testid="ranker">
      <span className="badge-name">{name}</span>
      {servingSince && <span className="badge-age">{formats.age(servingSince, now)}</span>}
    </span>
  );
}
