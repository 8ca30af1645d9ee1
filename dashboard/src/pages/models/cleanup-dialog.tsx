/** Clears away old checkpoints by number or age, and says before what would go. */
import { useEffect, useState } from 'react';
import { useApp } from '../../app-context.js';
import { Choice } from '../../components/choice.js';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { DeleteCheckpoints, type DeleteCheckpointsInput, type DeleteCheckpointsMutation } from '../../generated/operations.js';
import { RequestError } from '../../graphql-client.js';
import { useWords } from '../../language.js';
import type { Outcome } from './outcome-notice.js';

type Mode = 'ANY' | 'ONLINE' | 'OFFLINE';
type Deleted = DeleteCheckpointsMutation['deleteCheckpoints']['deleted'];

const DAY_MS = 86_400_000;
const DEBOUNCE_MS = 250;
/** Names listed before "and so many more". */
const NAMED = 5;

interface CleanupDialogProps {
  /** A number to begin with. */
  keepNewest: number;
  onDone: (outcome: Outcome) => void;
  onClose: () => void;
}

export function CleanupDialog({ keepNewest, onDone, onClose }: CleanupDialogProps): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const [mode, setMode] = useState<Mode>('ANY');
  const [keep, setKeep] = useState(String(keepNewest));
  const [days, setDays] = useState('');
  const input = inputOf(mode, keep, days);
  const asked = JSON.stringify(input);
  const [preview, setPreview] = useState<{ asked: string; deleted: Deleted; failure: string | null } | null>(null);

  useEffect(() => {
    if (asked === 'null') return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      client.request(DeleteCheckpoints, { input: { ...(JSON.parse(asked) as DeleteCheckpointsInput), dryRun: true } }).then(
        ({ deleteCheckpoints }) => isCurrent && setPreview({ asked, deleted: deleteCheckpoints.deleted, failure: null }),
        (error: unknown) => {
          if (!(error instanceof RequestError)) throw error;
          if (isCurrent) setPreview({ asked, deleted: [], failure: error.message });
        },
      );
    }, DEBOUNCE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [client, asked]);

  const current = preview?.asked === asked ? preview : null;
  const found = current?.deleted ?? [];
  const bytes = found.reduce((sum, checkpoint) => sum + checkpoint.bytes, 0);
  const confirm = async (): Promise<void> => {
    if (!input || found.length === 0) return;
    const { deleteCheckpoints } = await client.request(DeleteCheckpoints, { input });
    const count = deleteCheckpoints.deleted.length;
    onDone({ text: words.cleaned(count, formats.count(count)), undoTo: null });
  };
  const names = found.slice(0, NAMED).map(({ name }) => name);
  const more = found.length - names.length;

  return (
    <ConfirmDialog title={words.cleanup} text={words.cleanupHow} action={words.cleanupDo(found.length, formats.count(found.length))} isDangerous onConfirm={confirm} onClose={onClose}>
      <Choice
        label={words.mode}
        value={mode}
        onChange={setMode}
        options={[
          { value: 'ANY', label: words.modes.ANY },
          { value: 'ONLINE', label: words.modes.ONLINE },
          { value: 'OFFLINE', label: words.modes.OFFLINE },
        ]}
      />
      <div className="fields">
        <label className="field">
          <span>{words.keepNewest}</span>
          <input className="input" type="number" min={0} max={1_000_000} step={1} value={keep} onChange={(event) => setKeep(event.target.value)} />
        </label>
        <label className="field">
          <span>{words.olderThanDays}</span>
          <input className="input" type="number" min={0} max={36_500} step={1} value={days} onChange={(event) => setDays(event.target.value)} />
        </label>
      </div>
      <p className="cleanup-preview" role="status">
        {input === null ? words.cleanupNothingAsked : !current ? words.cleanupLooking : (current.failure ?? (found.length === 0 ? words.cleanupNone : words.cleanupWould(found.length, formats.count(found.length), formats.bytes(bytes))))}
        {names.length > 0 && (
          <span className="quiet">
            {' '}
            {names.join(', ')}
            {more > 0 && ` ${words.andMore(more, formats.count(more))}`}
          </span>
        )}
      </p>
    </ConfirmDialog>
  );
}

/** null: neither a number nor an age is given. */
function inputOf(mode: Mode, keep: string, days: string): DeleteCheckpointsInput | null {
  const keepNewest = numberIn(keep);
  const olderThanDays = numberIn(days);
  if (keepNewest === null && olderThanDays === null) return null;
  return {
    ...(mode === 'ANY' ? {} : { mode }),
    ...(keepNewest === null ? {} : { keepNewest }),
    // To the minute: else it would be another question at every rendering.
    ...(olderThanDays === null ? {} : { olderThan: new Date(Math.floor(Date.now() / 60_000) * 60_000 - olderThanDays * DAY_MS).toISOString() }),
  };
}

function numberIn(text: string): number | null {
  const number = Number(text);
  return text.trim() !== '' && Number.isInteger(number) && number >= 0 ? number : null;
}
