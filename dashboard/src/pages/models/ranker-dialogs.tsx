/** The questions before another ranker serves: what comes of learning, and how it can be undone. */
import { useEffect, useState } from 'react';
import { useApp } from '../../app-context.js';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { Activate, RollBack } from '../../generated/operations.js';
import { RequestError } from '../../graphql-client.js';
import { useWords } from '../../language.js';
import { useFrameStore } from '../../use-frame-store.js';
import { loadLine, numbersAsText, setAsideBetween } from './ancestors.js';
import type { Outcome } from './outcome-notice.js';

interface DialogProps {
  /** The ranker that will serve. */
  targetId: string;
  onDone: (outcome: Outcome) => void;
  onClose: () => void;
}

export function ActivateDialog({ targetId, onDone, onClose }: DialogProps): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { models: words, common },
  } = useWords();
  const name = targetId === 'base' ? common.baseRanker : targetId;
  const { servingName, consequence } = useConsequence(targetId);
  const confirm = async (): Promise<void> => {
    const { activateRanker } = await client.request(Activate, { rankerId: targetId });
    onDone({ text: words.activated(name), undoTo: activateRanker.activation.previous?.id ?? null });
  };
  return (
    <ConfirmDialog title={words.activateAsk(name)} text={`${consequence} ${words.canUndo(servingName)}`} action={words.activate} onConfirm={confirm} onClose={onClose} />
  );
}

export function RollBackDialog({ targetId, onDone, onClose }: DialogProps): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { models: words, common },
  } = useWords();
  const [reason, setReason] = useState('');
  const nameOf = (id: string): string => (id === 'base' ? common.baseRanker : id);
  const { servingName, consequence } = useConsequence(targetId);
  const confirm = async (): Promise<void> => {
    const { rollbackRanker } = await client.request(RollBack, { reason: reason.trim() || null });
    const { ranker, previous } = rollbackRanker.activation;
    onDone({ text: words.rolledBack(nameOf(ranker.id)), undoTo: previous?.id ?? null });
  };
  return (
    <ConfirmDialog title={words.rollBackAsk(nameOf(targetId))} text={`${consequence} ${words.canUndo(servingName)}`} action={words.rollBack} onConfirm={confirm} onClose={onClose}>
      <label className="field">
        <span>{words.reason}</span>
        <input className="input" value={reason} maxLength={1_000} placeholder={words.reasonHint} onChange={(event) => setReason(event.target.value)} />
      </label>
    </ConfirmDialog>
  );
}

/** "Learning goes on from 037 with new clicks; what 038–041 learned is set aside." */
function useConsequence(targetId: string): { servingName: string; consequence: string } {
  const { client, live } = useApp();
  const {
    strings: { models: words, common },
  } = useWords();
  const { ranker } = useFrameStore(live);
  const servingId = ranker?.id ?? 'base';
  const [aside, setAside] = useState<readonly number[] | null>(null);

  useEffect(() => {
    if (servingId === 'base') return;
    let isCurrent = true;
    loadLine(client, servingId, { until: targetId, requests: 8 }).then(
      (line) => isCurrent && setAside(setAsideBetween({ id: servingId, number: numberOf(servingId), status: null }, line, targetId)),
      (error: unknown) => {
        // Without the line the sentence says less; it is still true.
        if (!(error instanceof RequestError)) throw error;
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [client, servingId, targetId]);

  const target = targetId === 'base' ? common.baseRanker : targetId;
  const goesOn = targetId === 'base' ? words.learningAnew : words.learningGoesOn(target);
  const isSetAside = aside && aside.length > 0 ? words.setAside(numbersAsText(aside)) : servingId === 'base' ? '' : words.setAsideSince;
  return { servingName: servingId === 'base' ? common.baseRanker : servingId, consequence: [goesOn, isSetAside].filter(Boolean).join(' ') };
}

/** The number at the end of a checkpoint's name. */
function numberOf(id: string): number | null {
  const digits = /(\d+)$/.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}
