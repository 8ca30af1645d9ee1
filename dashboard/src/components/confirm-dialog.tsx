/** Asks before something is done that matters, says what will happen, and stays open with the reason when it fails. */
import { useEffect, useId, useRef, useState } from 'react';
import { RequestError } from '../graphql-client.js';
import { useWords } from '../language.js';
import { Notice } from './notice.js';

interface ConfirmDialogProps {
  title: string;
  /** What will happen, and whether it can be undone. */
  text: string;
  /** What the button says: the deed, not "OK". */
  action: string;
  isDangerous?: boolean;
  /** Done when it resolves; a RequestError is shown. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
  /** Choices that go with it. */
  children?: React.ReactNode;
}

/** Is there while it is asked: `{isAsking && <ConfirmDialog … />}`. */
export function ConfirmDialog({ title, text, action, isDangerous = false, onConfirm, onClose, children }: ConfirmDialogProps): React.JSX.Element {
  const {
    strings: { common },
  } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);

  useEffect(() => dialog.current?.showModal(), []);

  const confirm = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    setError(null);
    try {
      await onConfirm();
      dialog.current?.close();
    } catch (fault) {
      if (!(fault instanceof RequestError)) throw fault;
      setError(fault);
      setIsBusy(false);
    }
  };

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={titleId} onClose={onClose}>
      <form onSubmit={(event) => void confirm(event)}>
        <h2 id={titleId}>{title}</h2>
        <p>{text}</p>
        {children}
        {error && <Notice tone="error" title={error.code === 'NETWORK' ? common.serverAway : error.message} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            {common.cancel}
          </button>
          <button type="submit" className="button" data-kind={isDangerous ? 'danger' : 'primary'} disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
