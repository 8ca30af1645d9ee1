/** Whether users prefer what was learned: the interval of the win rate on a scale with one half in its middle. */
import { memo } from 'react';
import { Card } from '../../components/card.js';
import { RelativeTime } from '../../components/relative-time.js';
import type { HistoryQuery, ProofFragment } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { placeOn, proofScale } from './proof-scale.js';

/** Counts change four times a second; this does not, and is not drawn again with them. */
export const ProofCard = memo(function ProofCard({ proof }: { proof: HistoryQuery['learningProof'] | null }): React.JSX.Element {
  const {
    strings: { live: words },
  } = useWords();
  return (
    <Card title={words.proof} className="proof">
      {proof ? (
        <>
          <p className="quiet proof-how">
            {words.proofHow} {words.counting} <RelativeTime at={proof.since} />.
          </p>
          <ProofLine title={words.allSearches} figures={proof.all} isMain />
          <ProofLine title={words.coldSearches} hint={words.coldHint} figures={proof.cold} />
        </>
      ) : (
        <div className="proof-room" />
      )}
    </Card>
  );
});

function ProofLine({ title, hint, figures, isMain = false }: { title: string; hint?: string; figures: ProofFragment; isMain?: boolean }): React.JSX.Element {
  const {
    strings: { live: words },
    formats,
  } = useWords();
  const { winRate, lower, upper, wins, losses, ties, verdict } = figures;
  const scale = proofScale(lower, upper);
  const decided = wins + losses;
  const percent = (rate: number): string => `${(placeOn(scale, rate) * 100).toFixed(2)}%`;
  const hasInterval = winRate !== null && lower !== null && upper !== null;
  const sentence = hasInterval
    ? words.wins(formats.wholeShare(winRate), decided, formats.count(decided), formats.wholeShare(lower), formats.wholeShare(upper))
    : words.noneDecided;
  return (
    <div className="proof-line" data-main={isMain} data-verdict={verdict}>
      <div className="proof-words">
        <span className="proof-title" title={hint}>
          {title}
        </span>
        <span className="verdict" data-verdict={verdict}>
          {words.verdict[verdict]}
        </span>
      </div>
      <p className={isMain ? 'proof-sentence' : 'proof-sentence quiet'} data-testid={isMain ? 'proof' : undefined}>
        {sentence}
        {verdict === 'TOO_EARLY' && <span className="quiet"> {words.tooEarlyHint(Math.max(0, 30 - decided), formats.count(Math.max(0, 30 - decided)))}</span>}
        {ties > 0 && <span className="quiet"> {words.ties(ties, formats.count(ties))}</span>}
      </p>
      <div className="scale" aria-hidden="true">
        <span className="scale-track" />
        {hasInterval && <span className="scale-interval" style={{ left: percent(lower), width: `calc(${percent(upper)} - ${percent(lower)})` }} />}
        <span className="scale-half" />
        {hasInterval && <span className="scale-point" style={{ left: percent(winRate) }} />}
        {scale.ticks.map((tick) => (
          <span key={tick} className="scale-tick" style={{ left: percent(tick) }}>
            {formats.wholeShare(tick)}
          </span>
        ))}
      </div>
    </div>
  );
}
