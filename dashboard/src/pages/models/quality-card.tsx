/** Whether what comes in is good to learn from: four figures against their recommendations, and what to do. */
import { Card } from '../../components/card.js';
import { Skeleton } from '../../components/skeleton.js';
import type { ModelsStateQuery, Verdict } from '../../generated/operations.js';
import { useWords } from '../../language.js';

export function QualityCard({ quality }: { quality: ModelsStateQuery['dataQuality'] | null }): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  if (!quality) {
    return (
      <Card title={words.quality} testId="quality">
        <Skeleton rows={5} height={40} />
      </Card>
    );
  }
  const { samples, clicks, distinctQueries, distinctDocuments, newestAgeSeconds } = quality;
  const lines: { name: string; verdict: Verdict; figure: string; wanted: string }[] = [
    { name: words.volume, verdict: quality.volume, figure: words.volumeFigure(samples, formats.count(samples), formats.count(clicks)), wanted: words.volumeWanted },
    { name: words.balance, verdict: quality.balance, figure: samples > 0 ? words.balanceFigure(formats.share(clicks / samples)) : '–', wanted: words.balanceWanted },
    {
      name: words.diversity,
      verdict: quality.diversity,
      figure: words.diversityFigure(distinctQueries, formats.count(distinctQueries), distinctDocuments, formats.count(distinctDocuments)),
      wanted: words.diversityWanted,
    },
    { name: words.freshness, verdict: quality.freshness, figure: newestAgeSeconds === null ? '–' : words.freshnessFigure(formats.span(newestAgeSeconds * 1_000)), wanted: words.freshnessWanted },
  ];
  return (
    <Card title={words.quality} testId="quality">
      <p className="quiet models-note">{words.qualityHow}</p>
      <ul className="quality-lines">
        {lines.map(({ name, verdict, figure, wanted }) => (
          <li key={name} data-verdict={verdict} title={wanted}>
            <span className="quality-sign" aria-hidden="true">
              {verdict === 'OK' ? '✓' : '!'}
            </span>
            <span>
              <strong>{name}</strong> <span className="quality-word">{words.verdicts[verdict]}</span>
              <span className="quiet quality-figure">{figure}</span>
            </span>
          </li>
        ))}
      </ul>
      {quality.advice.length > 0 && (
        <ul className="advice" lang="en">
          {quality.advice.map((advice) => (
            <li key={advice}>{advice}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}
