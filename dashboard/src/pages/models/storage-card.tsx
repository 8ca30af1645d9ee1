/** What checkpoints take on disk, with a warning when it gets short, and the way to clear some away. */
import { useState } from 'react';
import { Card } from '../../components/card.js';
import { Notice } from '../../components/notice.js';
import { Skeleton } from '../../components/skeleton.js';
import type { ModelsStateQuery } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { CleanupDialog } from './cleanup-dialog.js';
import type { Outcome } from './outcome-notice.js';

const PLACES = ['online', 'offline', 'archived', 'rejected'] as const;

interface StorageCardProps {
  storage: ModelsStateQuery['modelStorage'] | null;
  retention: number | null;
  onDone: (outcome: Outcome) => void;
}

export function StorageCard({ storage, retention, onDone }: StorageCardProps): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const [isCleaning, setIsCleaning] = useState(false);
  return (
    <Card title={words.storage} testId="storage">
      {storage ? (
        <>
          {storage.warning && <Notice tone="warning" title={words.diskShort} text={storage.warning} />}
          <table className="small-table">
            <thead>
              <tr>
                <th scope="col">{words.place}</th>
                <th scope="col">{words.number}</th>
                <th scope="col">{words.size}</th>
              </tr>
            </thead>
            <tbody>
              {PLACES.map((place) => (
                <tr key={place} title={storage[place].path}>
                  <th scope="row">{words.places[place]}</th>
                  <td>{formats.count(storage[place].checkpoints)}</td>
                  <td>{formats.bytes(storage[place].bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="quiet models-note">{words.diskFree(formats.bytes(storage.freeDiskBytes))}</p>
        </>
      ) : (
        <Skeleton rows={5} height={28} />
      )}
      <button type="button" className="button" onClick={() => setIsCleaning(true)}>
        {words.cleanup}…
      </button>
      {isCleaning && <CleanupDialog keepNewest={retention ?? 5} onDone={onDone} onClose={() => setIsCleaning(false)} />}
    </Card>
  );
}
