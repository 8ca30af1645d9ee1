/** Log loss, AUC and click rate of one run after another: the challenger's beside those of what served on the same samples. */
import { memo, useMemo, useState } from 'react';
import { Card } from '../../components/card.js';
import { Choice } from '../../components/choice.js';
import type { HistoryQuery, TrainingMode } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { Plot } from '../../plots/plot.js';
import { qualityPlots } from './quality-plots.js';

const HEIGHT = 220;

/** Counts change four times a second; this does not, and is not drawn again with them. */
export const QualityCards = memo(function QualityCards({ history }: { history: HistoryQuery | null }): React.JSX.Element {
  const {
    strings: { live: words, common },
    formats,
  } = useWords();
  const [mode, setMode] = useState<TrainingMode>('ONLINE');
  const hasOffline = history?.metricsHistory.some((point) => point.mode === 'OFFLINE') ?? false;
  const plots = useMemo(
    () =>
      history &&
      qualityPlots(history, mode, {
        challenger: words.challenger,
        served: words.served,
        clickRate: words.clicked,
        backTo: (id) => words.backTo(id === 'base' ? common.baseRanker : id),
      }),
    [history, mode, words, common],
  );
  const time = (seconds: number): string => formats.moment(new Date(seconds * 1_000).toISOString());
  const shared = { height: HEIGHT, isTime: true, formatX: time, unitX: '', hasLabels: true, floor: 0 };
  const choice = hasOffline && (
    <Choice
      label={words.mode}
      value={mode}
      onChange={setMode}
      options={[
        { value: 'ONLINE', label: words.modes.ONLINE },
        { value: 'OFFLINE', label: words.modes.OFFLINE },
      ]}
    />
  );
  return (
    <Card title={words.quality} actions={choice} className="quality">
      {plots && plots.runs > 0 ? (
        <>
          <p className="quiet quality-how">{words.qualityHow} {plots.runsPerPoint > 1 && words.runsPerPoint(formats.count(plots.runsPerPoint))}</p>
          <div className="quality-plots">
            <Plot title={words.logLoss} note={words.logLossNote} data={plots.logLoss} formatY={formats.exact} tickY={formats.tick} {...shared} />
            <Plot title="AUC" note={words.aucNote} data={plots.auc} formatY={formats.exact} tickY={formats.tick} ceiling={1} {...shared} />
            <Plot title={words.clickRate} note={words.clickRateNote} data={plots.clickRate} formatY={formats.tenthShare} tickY={formats.tenthShare} ceiling={1} {...shared} />
          </div>
        </>
      ) : (
        <div className="quality-room quiet">{plots && words.noRuns}</div>
      )}
    </Card>
  );
});
