/** Why a result stands where it does: what adds up to its score as bars, and the same in a sentence. */
import { useState } from 'react';
import { Notice } from '../../components/notice.js';
import { Skeleton } from '../../components/skeleton.js';
import { Explain, type ExplainQuery } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useRequest } from '../../use-request.js';
import { contentPartsOf, scorePartsOf, type Part } from './score-parts.js';

interface ExplanationProps {
  query: string;
  documentId: string;
  /** What ranked the list. */
  ranker: { id: string; name: string };
  /** Where the list has it. */
  position: number;
}

type Explained = ExplainQuery['explainRanking'];

export function Explanation({ query, documentId, ranker, position }: ExplanationProps): React.JSX.Element {
  const {
    strings: { search: strings, common },
  } = useWords();
  const asked = useRequest(Explain, { query, documentId, rankerId: ranker.id });
  // The model of an old list may no longer be kept: then what serves now explains it, and it is said.
  const isGone = asked.error?.code === 'NOT_FOUND' || asked.error?.code === 'FAILED_PRECONDITION';
  const current = useRequest(Explain, isGone ? { query, documentId, rankerId: null } : null);
  const { data, error, reload } = isGone ? current : asked;
  return (
    <div className="why">
      {error && <Notice tone="error" title={error.code === 'NETWORK' ? common.serverAway : error.message} onRetry={reload} />}
      {!data && !error && <Skeleton rows={4} height={24} />}
      {data && (
        <>
          {isGone && <p className="quiet">{strings.rankerGone(ranker.name, data.explainRanking.ranker.id === 'base' ? common.baseRanker : data.explainRanking.ranker.name)}</p>}
          {!isGone && data.explainRanking.position !== position && <p className="quiet">{strings.shownElsewhere(position, data.explainRanking.position)}</p>}
          <Figures explained={data.explainRanking} />
        </>
      )}
    </div>
  );
}

function Figures({ explained }: { explained: Explained }): React.JSX.Element {
  const {
    strings: { search: strings },
    formats,
  } = useWords();
  const [isDetailed, setIsDetailed] = useState(false);
  const summary = <p className="why-sentence">{strings.summary(explained.summary, explained)}</p>;
  if (explained.attractiveness === null) return summary;
  const looks = formats.about(explained.memoryExaminations);
  const notes: Record<string, string> = {
    memory:
      explained.memoryExaminations > 0
        ? strings.memoryNote(looks, formats.about(explained.memoryClicks), formats.share(explained.memoryWeight ?? 0))
        : strings.nothingRemembered,
    content: strings.contentNote(formats.share(explained.contentAttractiveness ?? 0), formats.share(explained.contentWeight ?? 0)),
    optimism: strings.optimismNote,
  };
  const scoreParts = scorePartsOf(explained);
  const contentParts = contentPartsOf(explained.contributions);
  return (
    <>
      {summary}
      <Bars label={strings.scoreBars} parts={scoreParts} nameOf={(name) => strings.scoreParts[name as keyof typeof strings.scoreParts] ?? name} noteOf={(name) => notes[name] ?? ''} />
      <button type="button" className="link why-more" aria-expanded={isDetailed} onClick={() => setIsDetailed(!isDetailed)}>
        {strings.contentDetail}
      </button>
      {isDetailed && (
        <>
          <p className="quiet">{strings.contentDetailHint(formats.share(explained.contentAttractiveness ?? 0))}</p>
          <Bars
            label={strings.contentDetail}
            parts={contentParts}
            nameOf={(name) => strings.features[name as keyof typeof strings.features] ?? name}
            noteOf={(name) => {
              const contribution = explained.contributions.find(({ feature }) => feature === name);
              return contribution && name !== 'intercept' ? strings.featureNote(name, formats.signed(contribution.value), formats.signed(contribution.weight)) : '';
            }}
          />
        </>
      )}
    </>
  );
}

interface BarsProps {
  label: string;
  parts: readonly Part[];
  nameOf: (name: string) => string;
  noteOf: (name: string) => string;
}

/** Each bar begins where the one before ended, and the last is the sum. */
function Bars({ label, parts, nameOf, noteOf }: BarsProps): React.JSX.Element {
  const { formats } = useWords();
  const ends = parts.flatMap(({ from, to }) => [from, to]);
  const least = Math.min(0, ...ends);
  const most = Math.max(0, ...ends);
  const span = most - least || 1;
  const percent = (value: number): string => `${(100 * value) / span}%`;
  return (
    <table className="bars" aria-label={label}>
      <tbody>
        {parts.map(({ name, from, to, isSum }) => (
          <tr key={name} data-sum={isSum}>
            <th scope="row">
              {nameOf(name)}
              {noteOf(name) && <span className="quiet">{noteOf(name)}</span>}
            </th>
            <td className="bar-cell">
              <span className="bar-room">
                <span className="bar-zero" style={{ left: percent(-least) }} />
                <span className="bar-part" data-sign={isSum ? 'sum' : Math.sign(to - from)} style={{ left: percent(Math.min(from, to) - least), width: percent(Math.abs(to - from)) }} />
              </span>
            </td>
            <td className="bar-figure">{isSum ? `= ${formats.fine(to - from)}` : formats.signed(to - from)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
