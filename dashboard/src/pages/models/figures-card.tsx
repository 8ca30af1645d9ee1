/** A checkpoint's figures: how its run predicted each sample before learning it, beside how it predicted while it served. */
import { Card } from '../../components/card.js';
import { LiveMetrics, type AllFiguresFragment } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useRequest } from '../../use-request.js';
import type { Detail } from './checkpoint-page.js';

type FigureName = Exclude<keyof AllFiguresFragment, 'samples' | 'positives'>;
const FIGURES: readonly FigureName[] = ['logLoss', 'normalizedEntropy', 'auc', 'calibration', 'accuracy', 'precision', 'recall', 'f1'];

export function FiguresCard({ checkpoint: { id, whole } }: { checkpoint: Detail }): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  // Read by itself: it is worked out from stored samples when asked for, and the rest need not wait for it.
  const { data, error } = useRequest(LiveMetrics, { id });
  const live = data?.checkpoint?.liveMetrics ?? null;
  const count = (value: number | undefined): string => (value === undefined ? '–' : formats.count(value));
  const figure = (value: number | null | undefined): string => (value == null ? '–' : formats.exact(value));
  return (
    <Card title={words.figures}>
      <div className="table-frame" role="region" aria-label={words.figures} tabIndex={0}>
        <table className="small-table figures-table">
          <thead>
            <tr>
              <th scope="col">{words.figure}</th>
              <th scope="col">{words.whileLearning}</th>
              <th scope="col">{words.whileServing}</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{words.samples}</th>
              <td>{count(whole?.samples)}</td>
              <td>{count(live?.samples)}</td>
            </tr>
            <tr>
              <th scope="row">{words.clickedOfThem}</th>
              <td>{count(whole?.positives)}</td>
              <td>{count(live?.positives)}</td>
            </tr>
            {FIGURES.map((name) => (
              <tr key={name} title={words.figureHints[name]}>
                <th scope="row">{words.figureNames[name]}</th>
                <td>{figure(whole?.[name])}</td>
                <td>{figure(live?.[name])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data && !live && <p className="quiet models-note">{words.noLive}</p>}
      {error && <p className="models-note">{error.message}</p>}
    </Card>
  );
}
