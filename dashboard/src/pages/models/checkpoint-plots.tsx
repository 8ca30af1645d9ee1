/** Whether a checkpoint's probabilities can be taken at their word, and what it has learned of how far people look. */
import { useMemo } from 'react';
import { Card } from '../../components/card.js';
import { useWords } from '../../language.js';
import { Plot } from '../../plots/plot.js';
import { binCounts, calibrationData, examinationData } from './checkpoint-curves.js';
import type { Detail } from './checkpoint-page.js';

export function CheckpointPlots({ checkpoint: { calibrationBins, examination, examinationIsPrior } }: { checkpoint: Detail }): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const { calibration, counts, range, curves } = useMemo(() => {
    const drawn = calibrationData(calibrationBins, words.clickedShare);
    return {
      calibration: drawn.data,
      range: drawn.range,
      counts: binCounts(calibrationBins, words.samples),
      curves: examinationData(examination, examinationIsPrior, { learned: words.learnedCurve, prior: words.prior }),
    };
  }, [calibrationBins, examination, examinationIsPrior, words]);
  return (
    <div className="checkpoint-pair">
      <Card title={words.calibrationTitle}>
        {calibrationBins.length > 0 ? (
          <>
            <Plot
              title={words.clickedAgainstPredicted}
              note={words.calibrationNote}
              data={calibration}
              height={240}
              isTime={false}
              formatX={formats.tenthShare}
              tickX={formats.wholeShare}
              formatY={formats.tenthShare}
              tickY={formats.wholeShare}
              rangeX={range}
              rangeY={range}
              unitX=""
              hasLabels={false}
            />
            <Plot title={words.samplesPerBin} data={counts} height={112} isTime={false} formatX={words.binAround(formats.wholeShare)} tickX={formats.wholeShare} formatY={formats.whole} rangeX={range} floor={0} isFromZero unitX={words.predicted} hasLabels={false} />
          </>
        ) : (
          <p className="quiet">{words.noBins}</p>
        )}
      </Card>
      <Card title={words.examinationTitle}>
        <Plot
          title={words.examinationPlot}
          note={examinationIsPrior ? words.examinationIsPrior : words.examinationNote}
          data={curves}
          height={360}
          isTime={false}
          wholeX
          formatX={words.atPlace}
          tickX={formats.whole}
          formatY={formats.tenthShare}
          tickY={formats.wholeShare}
          rangeY={[0, 1.04]}
          unitX={words.placeInList}
          hasLabels
        />
      </Card>
    </div>
  );
}
