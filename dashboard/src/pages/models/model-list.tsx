/** The Models page: checkpoints, runs, and at the side what keeps learning healthy. */
import { useCallback, useState } from 'react';
import { Notice } from '../../components/notice.js';
import { ModelsState } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useReloadOnEvents } from '../../use-reload-on-events.js';
import { useRequest } from '../../use-request.js';
import { CheckpointsCard } from './checkpoints-card.js';
import { OutcomeNotice, type Outcome } from './outcome-notice.js';
import { QualityCard } from './quality-card.js';
import { RunsCard } from './runs-card.js';
import { StorageCard } from './storage-card.js';
import { TrainCard } from './train-card.js';

export function ModelList(): React.JSX.Element {
  const {
    strings: { models: words },
  } = useWords();
  const { data, error, reload } = useRequest(ModelsState, {});
  const held = useReloadOnEvents(reload);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  // Goes up with every deed: the lists read again what it changed.
  const [deeds, setDeeds] = useState(0);
  const done = useCallback(
    (what: Outcome | null) => {
      setOutcome(what);
      setDeeds((count) => count + 1);
      reload();
    },
    [reload],
  );

  return (
    <div className="models" data-testid="models">
      <div className="models-main">
        {outcome && <OutcomeNotice outcome={outcome} onDone={done} onClose={() => setOutcome(null)} />}
        {error && error.code !== 'NETWORK' && <Notice tone="error" title={words.stateFailed} text={`${error.message} ${words.stateFailedHint}`} onRetry={reload} />}
        <CheckpointsCard deeds={deeds} rollbackTarget={data?.rollbackTarget ?? null} retention={data?.onlineLearningConfig.checkpointRetention ?? null} onDone={done} />
      </div>
      <aside className="models-side" {...held}>
        <TrainCard onDone={done} />
        <StorageCard storage={data?.modelStorage ?? null} retention={data?.onlineLearningConfig.checkpointRetention ?? null} onDone={done} />
      </aside>
      <div className="models-wide">
        <QualityCard quality={data?.dataQuality ?? null} />
        <RunsCard deeds={deeds} />
      </div>
    </div>
  );
}
