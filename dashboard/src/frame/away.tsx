/** Says over the page that the server is away, since when its figures stand still, and that it tries again. */
import { useApp } from '../app-context.js';
import { Notice } from '../components/notice.js';
import { useWords } from '../language.js';
import { useOf, useStore } from '../store.js';

/** Whether what the page shows is of the past. */
export function useIsAway(): boolean {
  const { client, live, access } = useApp();
  const key = useStore(access);
  const connection = useStore(client.connection);
  const error = useOf(live, (state) => state.error);
  // A socket that was closed for want of a key is no server that is away.
  if (key === 'missing' || key === 'unknown') return false;
  return connection === 'offline' || (connection === 'reconnecting' && error !== null);
}

export function Away(): React.JSX.Element | null {
  const { live } = useApp();
  const {
    strings: { common },
    formats,
  } = useWords();
  const isAway = useIsAway();
  const updatedAt = useOf(live, ({ stats }) => (isAway ? (stats?.updatedAt ?? null) : null));
  if (!isAway) return null;
  return (
    <div className="away">
      <Notice tone="warning" title={common.serverAway} text={updatedAt ? common.serverAwayHint(formats.moment(updatedAt)) : ''} onRetry={() => void live.refresh()} />
    </div>
  );
}
