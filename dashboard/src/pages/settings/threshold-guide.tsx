/** Which threshold suits which traffic, and how often a training would come at the present rate. */
import { useApp } from '../../app-context.js';
import { RecentRuns } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useStore } from '../../store.js';
import { useOfNow } from '../../use-now.js';
import { useRequest } from '../../use-request.js';
import { shownText, type SettingsDraft } from './settings-draft.js';
import { paceMs, samplesPerMinute } from './training-pace.js';

const suggestions = [
  { threshold: 20, traffic: 'few' },
  { threshold: 100, traffic: 'usual' },
  { threshold: 1_000, traffic: 'busy' },
] as const;

export function ThresholdGuide({ draft, onChoose }: { draft: SettingsDraft; onChoose: (threshold: number) => void }): React.JSX.Element {
  const {
    strings: { settings },
    formats,
  } = useWords();
  const { live } = useApp();
  const { stats } = useStore(live);
  const { data } = useRequest(RecentRuns, {});
  const typed = Number(shownText(draft, 'trainingThreshold'));
  const pause = Number(shownText(draft, 'minSecondsBetweenRuns'));
  const runs = data?.trainingRuns.edges.map(({ node }) => node) ?? [];
  const pace = useOfNow((nowMs) => {
    const rate = stats && samplesPerMinute(runs, stats.sinceLastTraining, nowMs);
    if (!rate) return settings.noPace;
    const every = Number.isFinite(typed) && typed >= 1 ? formats.pace(paceMs(typed, rate, Number.isFinite(pause) ? pause : 0)) : '–';
    return settings.pace(formats.about(rate), every);
  });
  return (
    <div className="threshold-guide">
      <ul>
        {suggestions.map(({ threshold, traffic }) => (
          <li key={threshold}>
            <button type="button" className="chip" aria-pressed={typed === threshold} onClick={() => onChoose(threshold)}>
              {formats.count(threshold)}
            </button>
            <span className="quiet">{settings.traffic[traffic]}</span>
          </li>
        ))}
      </ul>
      <p className="setting-help">{pace}</p>
    </div>
  );
}
