/** The key for a server that needs one. */
import { useEffect, useId, useRef, useState } from 'react';
import { createClient, RequestError } from '../../../../src/client/index.js';
import { useApp } from '../../app-context.js';
import { Card } from '../../components/card.js';
import { PublicOverview } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useStore } from '../../store.js';

export function KeyEntry(): React.JSX.Element {
  const {
    strings: { settings, common },
  } = useWords();
  const { access } = useApp();
  const state = useStore(access);
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const isWanted = state !== 'open';

  useEffect(() => {
    if (isWanted) input.current?.focus();
  }, [isWanted]);

  const take = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const key = text.trim();
    if (key === '') return;
    setIsBusy(true);
    setFault(null);
    try {
      // Tried on its own first: a mistyped key must not take the place of one that works.
      await createClient({ url: location.origin, key }).request(PublicOverview, {});
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      setFault(error.code === 'UNAUTHENTICATED' ? common.access.unknown : error.code === 'NETWORK' ? common.serverAway : error.message);
      setIsBusy(false);
      return;
    }
    access.use(key);
    // Everything begins again with it: what was refused, and the socket.
    location.reload();
  };

  const forget = (): void => {
    access.use(null);
    location.reload();
  };

  return (
    <Card title={settings.accessKey}>
      <form className="key-form" onSubmit={(event) => void take(event)}>
        <label htmlFor={id}>{access.key() === null ? settings.keyLabel : settings.keyInUse}</label>
        <input ref={input} id={id} className="input" type="password" autoComplete="off" spellCheck={false} value={text} aria-describedby={`${id}-help`} aria-invalid={fault !== null} onChange={(event) => setText(event.target.value)} />
        <button type="submit" className="button" data-kind="primary" disabled={isBusy || text.trim() === ''}>
          {settings.useKey}
        </button>
        {access.key() !== null && (
          <button type="button" className="button" onClick={forget}>
            {settings.forgetKey}
          </button>
        )}
      </form>
      {fault && (
        <p className="setting-fault" role="alert">
          ! {fault}
        </p>
      )}
      <p className="quiet setting-help" id={`${id}-help`}>
        {settings.keyHelp}
      </p>
    </Card>
  );
}
