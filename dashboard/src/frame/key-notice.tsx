/** Says on every page that the server wants a key, or a better one, and leads to where it is entered. */
import { useApp } from '../app-context.js';
import { Notice } from '../components/notice.js';
import { useWords } from '../language.js';
import { routeOf } from '../routes.js';
import { useStore } from '../store.js';
import { Link } from './link.js';

export function KeyNotice(): React.JSX.Element | null {
  const {
    strings: { common },
  } = useWords();
  const { access, router } = useApp();
  const state = useStore(access);
  const { path } = useStore(router);
  if (state === 'open') return null;
  const isAtForm = routeOf(path)?.id === 'settings';
  return (
    <Notice tone={state === 'public' ? 'info' : 'warning'} title={common.access[state]} text={common.accessHint[state]}>
      {!isAtForm && (
        <Link className="button" href="/settings">
          {common.enterKey}
        </Link>
      )}
    </Notice>
  );
}
