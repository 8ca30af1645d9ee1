/** Chooses a ranker: what serves, the base ranker, or any model that is kept, from a list that filters as one types and is read page by page. */
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { useApp } from '../../../app-context.js';
import { Notice } from '../../../components/notice.js';
import { RelativeTime } from '../../../components/relative-time.js';
import { RankerChoices, type CheckpointStatus, type RankerChoicesQuery } from '../../../generated/operations.js';
import { RequestError } from '../../../graphql-client.js';
import { useWords } from '../../../language.js';

const PAGE_SIZE = 50;

interface RankerPickerProps {
  label: string;
  /** "active", "base" or a checkpoint's id. */
  chosen: string;
  /** What that is, as the server says. */
  name: string;
  onChoose: (choice: string) => void;
}

export function RankerPicker({ label, chosen, name, onChoose }: RankerPickerProps): React.JSX.Element {
  const {
    strings: { search: strings },
  } = useWords();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div className="picker">
      <span className="quiet">{label}</span>
      <button type="button" className="button picker-button" aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        <span>{name || '…'}</span>
        {chosen === 'active' && <span className="quiet">{strings.servesNow}</span>}
      </button>
      {isOpen && <Choices label={label} chosen={chosen} onChoose={onChoose} onClose={() => setIsOpen(false)} />}
    </div>
  );
}

type Checkpoint = RankerChoicesQuery['checkpoints']['edges'][number]['node'];

/** Where the reading of the list stands: first the models that are kept, then the archived ones. */
interface Reading {
  found: readonly Checkpoint[];
  next: { status: CheckpointStatus; after: string | null } | null;
}

function Choices({ label, chosen, onChoose, onClose }: Pick<RankerPickerProps, 'label' | 'chosen' | 'onChoose'> & { onClose: () => void }): React.JSX.Element {
  const {
    strings: { search: strings, common },
  } = useWords();
  const { client } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [filter, setFilter] = useState('');
  const [{ found, next }, setReading] = useState<Reading>({ found: [], next: { status: 'AVAILABLE', after: null } });
  const [error, setError] = useState<RequestError | null>(null);
  const wanted = filter.trim().toLowerCase();
  const matching = found.filter(({ name }) => name.toLowerCase().includes(wanted));
  // Reads on by itself only as long as nothing fits what was typed.
  const readsOn = next !== null && error === null && matching.length === 0;

  const readPage = useCallback(async (): Promise<void> => {
    if (!next) return;
    try {
      const { checkpoints } = await client.request(RankerChoices, { first: PAGE_SIZE, after: next.after, status: next.status });
      const { hasNextPage, endCursor } = checkpoints.pageInfo;
      const following = hasNextPage ? { status: next.status, after: endCursor } : next.status === 'AVAILABLE' ? { status: 'ARCHIVED' as const, after: null } : null;
      setReading(({ found: before, next: asked }) => (asked === next ? { found: [...before, ...checkpoints.edges.map(({ node }) => node)], next: following } : { found: before, next: asked }));
    } catch (fault) {
      if (!(fault instanceof RequestError)) throw fault;
      setError(fault);
    }
  }, [client, next]);

  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    if (readsOn) void readPage();
  }, [readsOn, readPage]);

  const choose = (choice: string): void => {
    onChoose(choice);
    dialog.current?.close();
  };
  return (
    <dialog ref={dialog} className="dialog picker-dialog" aria-labelledby={titleId} onClose={onClose}>
      <h2 id={titleId}>{label}</h2>
      <input className="input" type="search" value={filter} placeholder={strings.findModel} aria-label={strings.findModel} onChange={(event) => setFilter(event.target.value)} />
      <ul className="picker-list" tabIndex={-1}>
        <Choice isChosen={chosen === 'active'} name={strings.activeOne} onChoose={() => choose('active')} />
        <Choice isChosen={chosen === 'base'} name={common.baseRanker} onChoose={() => choose('base')} />
        {matching.map(({ id, name, createdAt, active }) => (
          <Choice key={id} isChosen={chosen === id} name={name} onChoose={() => choose(id)}>
            {active ? strings.servesNow : <RelativeTime at={createdAt} />}
          </Choice>
        ))}
        {next === null && matching.length === 0 && <li className="quiet">{wanted ? strings.noSuchModel : strings.noModels}</li>}
      </ul>
      {error && <Notice tone="error" title={error.code === 'NETWORK' ? common.serverAway : error.message} onRetry={() => setError(null)} />}
      <div className="dialog-actions">
        {next !== null && matching.length > 0 && (
          <button type="button" className="button" onClick={() => void readPage()}>
            {strings.moreModels}
          </button>
        )}
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          {common.cancel}
        </button>
      </div>
    </dialog>
  );
}

function Choice({ isChosen, name, onChoose, children }: { isChosen: boolean; name: string; onChoose: () => void; children?: React.ReactNode }): React.JSX.Element {
  return (
    <li>
      <button type="button" aria-pressed={isChosen} onClick={onChoose}>
        <span>{name}</span>
        <span className="quiet">{children}</span>
      </button>
    </li>
  );
}
