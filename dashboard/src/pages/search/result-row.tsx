/** One result: its place and how learning moved it, the title that records a click, the snippet, how attractive it is, and why. */
import { useState } from 'react';
import { useWords } from '../../language.js';
import type { ClickState, ShownHit } from '../../search-session.js';
import { Explanation } from './explanation.js';
import { markWords } from './marks.js';
import { Moved } from './moved.js';

interface ResultRowProps {
  hit: ShownHit;
  query: string;
  ranker: { id: string; name: string };
  click: ClickState | undefined;
  onClick: () => void;
}

export function ResultRow({ hit, query, ranker, click, onClick }: ResultRowProps): React.JSX.Element {
  const {
    strings: { search: strings },
    formats,
  } = useWords();
  const [isExplained, setIsExplained] = useState(false);
  const { position, basePosition, document } = hit;
  const isLearned = hit.attractiveness !== null;
  return (
    <li className="hit" data-key={document.id} data-clicked={click === 'recorded' || click === 'sending'}>
      <div className="hit-place">
        <span className="hit-position">{position}</span>
        <Moved places={basePosition - position} />
      </div>
      <div className="hit-body">
        <button type="button" className="hit-title" title={strings.clickHint} onClick={onClick}>
          {document.title}
        </button>
        <span className="hit-click" data-state={click} role="status">
          {click && (click === 'failed' ? `! ${strings.clickFailed}` : `✓ ${strings.clicked}`)}
        </span>
        {hit.snippet && <Snippet text={hit.snippet} query={query} />}
        <p className="hit-figures">
          <span title={isLearned ? strings.scoreHint : strings.baseScoreHint}>{strings.score(formats.fine(hit.score))}</span>
          {isLearned && <span title={strings.basePlaceHint(formats.fine(hit.baseScore))}>{strings.basePlace(formats.count(basePosition))}</span>}
          <button type="button" className="link hit-why" aria-expanded={isExplained} aria-label={strings.whyOf(document.title)} onClick={() => setIsExplained(!isExplained)}>
            {strings.why}
          </button>
        </p>
      </div>
      <Attractiveness hit={hit} />
      {isExplained && <Explanation query={query} documentId={document.id} ranker={ranker} position={position} />}
    </li>
  );
}

function Snippet({ text, query }: { text: string; query: string }): React.JSX.Element {
  const { strings } = useWords();
  return (
    <p className="hit-snippet">
      {markWords(text, query, strings.locale).map((part, index) => (part.isMarked ? <mark key={index}>{part.text}</mark> : part.text))}
    </p>
  );
}

/** Nothing while the base ranker serves: it knows no probabilities. The tick is where the text alone would put it. */
function Attractiveness({ hit: { attractiveness, contentAttractiveness, clickProbability } }: { hit: ShownHit }): React.JSX.Element {
  const {
    strings: { search: strings },
    formats,
  } = useWords();
  if (attractiveness === null || contentAttractiveness === null) return <div className="hit-chance" />;
  const [share, byText] = [formats.share(attractiveness), formats.share(contentAttractiveness)];
  return (
    <div className="hit-chance" title={strings.chanceHint(share, formats.share(clickProbability), byText)}>
      <span aria-hidden="true">{share}</span>
      <span className="gauge" role="meter" aria-label={strings.chance(share, byText)} aria-valuemin={0} aria-valuemax={1} aria-valuenow={attractiveness}>
        <span className="gauge-fill" style={{ width: `${100 * attractiveness}%` }} />
        <span className="gauge-tick" style={{ left: `${100 * contentAttractiveness}%` }} />
      </span>
    </div>
  );
}
