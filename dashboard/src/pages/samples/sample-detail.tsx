/** What was known of a sample when it was shown, and who saw it: below its row. */
import { Link } from '../../frame/link.js';
import { useWords } from '../../language.js';
import type { SampleRow } from './sample-table.js';

export function SampleDetail({ sample }: { sample: SampleRow }): React.JSX.Element {
  const {
    strings: { samples: words },
    formats,
  } = useWords();
  const yesNo = (value: boolean): string => (value ? words.yes : words.no);
  const when = (at: string | null): string => (at === null ? '–' : formats.moment(at));
  const facts: [string, React.ReactNode][] = [
    [words.documentId, <code key="document">{sample.documentId}</code>],
    [words.searchId, <code key="search">{sample.searchId}</code>],
    [words.basePosition, formats.count(sample.basePosition)],
    [words.score, formats.exact(sample.score)],
    [words.baseScore, formats.exact(sample.baseScore)],
    [words.propensity, sample.propensity === null ? words.propensityNone : formats.exact(sample.propensity)],
    [words.team, sample.team === null ? words.teamNone : words.teams[sample.team]],
    [words.explored, yesNo(sample.explored)],
    [words.shownAt, when(sample.shownAt)],
    [words.clickedAt, when(sample.clickedAt)],
    [words.settlesAt, `${when(sample.settlesAt)} (${sample.settled ? words.settled : words.unsettled})`],
    [words.learned, yesNo(sample.learned)],
    [words.user, sample.userId === null ? words.unknown : <code key="user">{sample.userId}</code>],
    [words.session, sample.sessionId === null ? words.unknown : <code key="session">{sample.sessionId}</code>],
  ];
  const features = Object.entries(sample.features);
  return (
    <div className="sample-detail">
      <dl className="sample-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div>
        <h3>{words.features}</h3>
        <dl className="sample-features">
          {features.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === 'number' ? formats.exact(value) : String(value)}</dd>
            </div>
          ))}
        </dl>
        <p>
          <Link href={`/?q=${encodeURIComponent(sample.query)}`}>{words.searchAgain}</Link>
        </p>
      </div>
    </div>
  );
}
