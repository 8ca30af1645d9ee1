/** The questions before a checkpoint is archived or deleted. */
import { useApp } from '../../app-context.js';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { Archive, DeleteCheckpoints } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import type { Outcome } from './outcome-notice.js';

interface DialogProps {
  id: string;
  bytes: number;
  onDone: (outcome: Outcome) => void;
  onClose: () => void;
}

export function ArchiveDialog({ id, onDone, onClose }: DialogProps): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { models: words },
  } = useWords();
  const confirm = async (): Promise<void> => {
    await client.request(Archive, { id });
    onDone({ text: words.archived(id), undoTo: null });
  };
  return <ConfirmDialog title={words.archiveAsk(id)} text={words.archiveWill} action={words.archive} onConfirm={confirm} onClose={onClose} />;
}

export function DeleteDialog({ id, bytes, onDone, onClose }: DialogProps): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const confirm = async (): Promise<void> => {
    await client.request(DeleteCheckpoints, { input: { ids: [id] } });
    onDone({ text: words.deleted(id), undoTo: null });
  };
  return <ConfirmDialog title={words.deleteAsk(id)} text={words.deleteWill(formats.bytes(bytes))} action={words.delete} isDangerous onConfirm={confirm} onClose={onClose} />;
}
