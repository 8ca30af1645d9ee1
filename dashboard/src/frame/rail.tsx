/** The way to the five pages: a rail at the left, a bar at the bottom on a phone. */
import { useApp } from '../app-context.js';
import { NavigationIcon } from '../components/icons.js';
import { useWords } from '../language.js';
import { routeOf, routes } from '../routes.js';
import { useStore } from '../store.js';
import { Link } from './link.js';

export function Rail(): React.JSX.Element {
  const { strings } = useWords();
  const { router } = useApp();
  const { path } = useStore(router);
  const current = routeOf(path);
  return (
    <nav className="rail" aria-label={strings.common.navigation}>
      <Link className="brand" href="/" title="Rankloop" aria-label="Rankloop" tabIndex={-1}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <circle className="ring-track" cx="16" cy="16" r="11" />
          <path className="ring-fill" d="M16 5a11 11 0 1 1-9.5 16.5" />
        </svg>
      </Link>
      {routes.map(({ id, path: section, load }) => (
        // The page's code is on its way when the pointer arrives, before the click.
        <Link key={id} className="rail-link" href={router.hrefOf(section)} aria-current={current?.id === id ? 'page' : undefined} onPointerEnter={() => void load().catch(() => undefined)}>
          <NavigationIcon page={id} />
          <span>{strings.common.pages[id]}</span>
        </Link>
      ))}
      <span className="rail-space" />
      <a className="rail-link rail-more" href="/graphiql">
        <NavigationIcon page="playground" />
        <span>{strings.common.playground}</span>
      </a>
    </nav>
  );
}
