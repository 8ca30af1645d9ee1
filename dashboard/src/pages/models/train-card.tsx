/** A training on everything stored, started by hand: its choices, its progress, and the way to stop it. */
import { useState } from 'react';
import { useApp } from '../../app-context.js';
import { Card } from '../../components/card.js';
import { Choice } from '../../components/choice.js';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { Notice } from '../../components/notice.js';
import { CancelTraining, TrainOffline, type ModelType, type RunFragment } from '../../generated/operations.js';
import { RequestError } from '../../graphql-client.js';
import { useWords } from '../../language.js';
import type { LiveState } from '../../live-store.js';
import { useFrameStore } from '../../use-frame-store.js';
import type { Outcome } from './outcome-notice.js';

export function TrainCard({ onDone }: { onDone: (outcome: Outcome | null) => void }): React.JSX.Element {
  const { client, live } = useApp();
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const state = useFrameStore(live);
  const [isAsking, setIsAsking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [cancelledId, setCancelledId] = useState<string | null>(null);
  const run = openOffline(state);

  const cancel = async (runId: string): Promise<void> => {
    setFailure(null);
    setCancelledId(runId);
    try {
      await client.request(CancelTraining, { runId });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      setCancelledId(null);
      setFailure(error.message);
    }
  };

  return (
    <Card title={words.trainOffline} testId="train">
      <p className="quiet models-note">{words.trainHow}</p>
      {run ? (
        <div className="train-run" role="status">
          <span>{words.training(formats.wholeShare(run.progress))}</span>
          <progress max={1} value={run.progress} aria-label={words.trainOffline} />
          <button type="button" className="button" disabled={cancelledId === run.id} onClick={() => void cancel(run.id)}>
            {cancelledId === run.id ? words.cancelling : words.cancelTraining}
          </button>
        </div>
      ) : (
        <button type="button" className="button" data-kind="primary" disabled={state.stats?.total === 0} onClick={() => setIsAsking(true)}>
          {words.trainNow}
        </button>
      )}
      {state.stats?.total === 0 && <p className="quiet models-note">{words.nothingToLearn}</p>}
      {failure && <Notice tone="error" title={failure} />}
      {isAsking && <TrainDialog onDone={onDone} onClose={() => setIsAsking(false)} />}
    </Card>
  );
}

function TrainDialog({ onDone, onClose }: { onDone: (outcome: Outcome | null) => void; onClose: () => void }): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { models: words },
  } = useWords();
  const [modelType, setModelType] = useState<ModelType>('LOGISTIC');
  const [activate, setActivate] = useState(true);
  const confirm = async (): Promise<void> => {
    await client.request(TrainOffline, { modelType, activate });
    onDone(null);
  };
  return (
    <ConfirmDialog title={words.trainAsk} text={activate ? words.trainWillServe : words.trainWillKeep} action={words.trainNow} onConfirm={confirm} onClose={onClose}>
      <Choice
        label={words.modelType}
        value={modelType}
        onChange={setModelType}
        options={[
          { value: 'LOGISTIC', label: words.modelTypes.LOGISTIC },
          { value: 'INCREMENTAL', label: words.modelTypes.INCREMENTAL },
        ]}
      />
      <label className="check">
        <input type="checkbox" checked={activate} onChange={(event) => setActivate(event.target.checked)} /> {words.serveIfGood}
      </label>
    </ConfirmDialog>
  );
}

/** Online runs come and go meanwhile: the offline one is found among what happened. */
function openOffline({ run, feed }: LiveState): RunFragment | null {
  if (run?.mode === 'OFFLINE') return run;
  const entry = feed.find((other) => other.kind === 'run' && other.run.mode === 'OFFLINE' && (other.run.status === 'RUNNING' || other.run.status === 'QUEUED'));
  return entry?.kind === 'run' ? entry.run : null;
}
