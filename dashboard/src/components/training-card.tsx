/** How far it is to the next training, why it waits, and the run in progress. */
import { useWords } from '../language.js';
import type { LiveState } from '../live-store.js';
import { useNow } from '../use-now.js';
import { ProgressRing } from './progress-ring.js';

export function TrainingCard({ live: { stats, run }, isAway }: { live: LiveState; isAway: boolean }): React.JSX.Element {
  const { strings, formats } = useWords();
  const now = useNow();
  const settled = stats?.sinceLastTraining ?? 0;
  const threshold = stats?.threshold ?? 0;
  const label = strings.newSamples(formats.count(settled), formats.count(threshold));
  return (
    <div className="card" data-testid="training">
      <h2>{strings.intoTraining}</h2>
      <div className="ring-row">
        <ProgressRing share={threshold > 0 ? settled / threshold : 0} label={label} isBusy={run !== null}>
          <b data-testid="new-samples">{stats ? formats.count(settled) : '–'}</b>
          <span>/ {stats ? formats.count(threshold) : '–'}</span>
        </ProgressRing>
        <div className="ring-words">
          {stats && (
            <p>
              {stats.untilTrigger > 0 ? strings.untilTraining(stats.untilTrigger, formats.count(stats.untilTrigger)) : strings.isDue}
              {stats.unsettled > 0 && <span className="quiet"> · {strings.settling(stats.unsettled, formats.count(stats.unsettled))}</span>}
            </p>
          )}
          {stats?.waitingReason && <p className="waiting">{strings.waiting(stats.waitingReason)}</p>}
        </div>
      </div>
      <div className="run" data-open={run !== null}>
        <span>{run ? `${strings.trainingNow(run.newSamples, formats.count(run.newSamples))}${run.mode === 'OFFLINE' ? ` (${strings.offlineRun})` : ''}` : strings.noTraining}</span>
        <progress max={1} value={run?.progress ?? 0} aria-label={run ? strings.trainingNow(run.newSamples, formats.count(run.newSamples)) : strings.noTraining} />
      </div>
      {stats && (
        <p className="quiet totals">
          {strings.totals(formats.count(stats.searches), formats.count(stats.positive), formats.share(stats.clickRate))}
          {isAway && <> · {strings.lastKnown(formats.age(stats.updatedAt, now))}</>}
        </p>
      )}
    </div>
  );
}
