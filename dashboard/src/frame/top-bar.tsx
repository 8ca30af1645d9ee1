/** The thin bar on top: the page's title, the ranker that serves, whether events arrive, theme and language. */
import { useApp } from '../app-context.js';
import { ThemeIcon } from '../components/icons.js';
import { RelativeTime } from '../components/relative-time.js';
import { useWords } from '../language.js';
import { useOf, useStore } from '../store.js';

export function TopBar({ title }: { title: string }): React.JSX.Element {
  const { client, preferences, access } = useApp();
  const {
    strings: { common },
  } = useWords();
  const { theme } = useStore(preferences);
  const connection = useStore(client.connection);
  const key = useStore(access);
  const lacksKey = key === 'missing' || key === 'unknown';
  return (
    <header className="bar">
      <div className="bar-inner">
        <h1>{title}</h1>
        <RankerBadge />
        <span className="dot" data-state={lacksKey ? 'offline' : connection} role="status">
          {lacksKey ? common.noKey : common.connection[connection]}
        </span>
        <button type="button" className="bar-button" title={common.theme[theme]} aria-label={common.theme[theme]} onClick={() => preferences.nextTheme()}>
          <ThemeIcon theme={theme} />
        </button>
        <button type="button" className="bar-button" onClick={() => preferences.nextLanguage()}>
          {common.switchLanguage}
        </button>
      </div>
    </header>
  );
}

function RankerBadge(): React.JSX.Element {
  const { live } = useApp();
  const {
    strings: { common },
    formats,
  } = useWords();
  const ranker = useOf(live, (state) => state.ranker);
  const servingSince = useOf(live, (state) => state.servingSince);
  if (!ranker) return <span className="badge" aria-hidden="true" />;
  const isBase = ranker.id === 'base';
  const name = isBase ? common.baseRanker : ranker.name;
  const since = servingSince ? common.servingFor(formats.moment(servingSince)) : '';
  return (
    <span key={ranker.id} className="badge" data-base={isBase} title={[common.servesNow(name), since].filter(Boolean).join('\n')} data-testid="ranker">
      <span className="badge-name">{name}</span>
      {servingSince && <RelativeTime className="badge-age" at={servingSince} />}
    </span>
  );
}
