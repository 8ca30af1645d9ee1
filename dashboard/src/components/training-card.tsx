/** How far it is to the next training, why it waits, and the run in progress. */
import { useWords } from '../language.js';
import type { LiveState } from '../live-store.js';
import { useOfNow } from '../use-now.js';
import { Card } from './card.js';
import { ProgressRing } from './progress-ring.js';

export function TrainingCard({ live: { stats, run }, isAway }: { live: LiveState; isAway: boolean }): React.JSX.Element {
  const { strings, formats } = useWords();
  const age = useOfNow((nowMs) => (stats ? formats.age(stats.updatedAt, nowMs) : ''));
  const settled = stats?.sinceLastTraining ?? 0;
  const threshold = stats?.threshold ?? 0;
  const label = strings.common.newSamples(formats.count(settled), formats.count(threshold));
  const going = !run ? strings.common.noTraining : run.mode === 'OFFLINE' ? strings.common.trainingAll : strings.common.trainingNow(run.newSamples, formats.count(run.newSamples));
  return (
    <Card title={strings.common.intoTraining} testId="training">
      <div className="ring-row">
        <ProgressRing share={threshold > 0 ? settled / threshold : 0} label={label} isBusy={run !== null}>
          <b data-testid="new-samples">{stats ? formats.count(settled) : '–'}</b>
          <span>/ {stats ? formats.count(threshold) : '–'}</span>
        </ProgressRing>
        <div className="ring-words">
          {stats && (
            <p>
              {stats.untilTrigger > 0 ? strings.common.untilTraining(stats.untilTrigger, formats.count(stats.untilTrigger)) : strings.common.isDue}
              {stats.unsettled > 0 && <span className="quiet"> · {strings.common.settling(stats.unsettled, formats.count(stats.unsettled))}</span>}
            </p>
          )}
          {stats?.waitingReason && <p className="waiting">{strings.common.waiting(stats.waitingReason)}</p>}
        </div>
      </div>
      <div className="run" data-open={run !== null}>
        <span>{going}</span>
        <progress max={1} value={run?.progress ?? 0} aria-label={going} />
      </div>
      {stats && (
        <p className="quiet totals">
          {strings.common.totals(formats.count(stats.searches), formats.count(stats.positive), formats.share(stats.clickRate))}
          {isAway && <> · {strings.common.lastKnown(age)}</>}
        </p>
      )}
    </Card>
  );
}
