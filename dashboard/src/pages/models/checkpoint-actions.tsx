/** What can be done with a checkpoint, as its state allows; each asks first. */
import { useState } from 'react';
import { useWords } from '../../language.js';
import { ArchiveDialog, DeleteDialog } from './checkpoint-dialogs.js';
import type { Detail } from './checkpoint-page.js';
import type { Outcome } from './outcome-notice.js';
import { ActivateDialog } from './ranker-dialogs.js';

type Deed = 'activate' | 'archive' | 'delete';

export function CheckpointActions({ checkpoint: { id, bytes, status, active }, onDone }: { checkpoint: Detail; onDone: (outcome: Outcome) => void }): React.JSX.Element {
  const {
    strings: { models: words },
  } = useWords();
  const [asking, setAsking] = useState<Deed | null>(null);
  const close = (): void => setAsking(null);
  const shared = { id, bytes, onDone, onClose: close };
  return (
    <div className="actions">
      {!active && (status === 'AVAILABLE' || status === 'ARCHIVED') && (
        <button type="button" className="button" data-kind="primary" onClick={() => setAsking('activate')}>
          {words.activate}
        </button>
      )}
      {status === 'AVAILABLE' && (
        <button type="button" className="button" onClick={() => setAsking('archive')}>
          {words.archive}
        </button>
      )}
      {!active && status !== 'REMOVED' && (
        <button type="button" className="button" data-kind="danger" onClick={() => setAsking('delete')}>
          {words.delete}
        </button>
      )}
      {asking === 'activate' && <ActivateDialog targetId={id} onDone={onDone} onClose={close} />}
      {asking === 'archive' && <ArchiveDialog {...shared} />}
      {asking === 'delete' && <DeleteDialog {...shared} />}
    </div>
  );
}
