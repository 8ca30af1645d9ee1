/** One result: its place and how learning moved it, the title that records a click, the snippet, and how attractive it is. */
import { useState } from 'react';
import { useWords } from '../language.js';
import { markWords } from '../marks.js';
import type { ClickState, ShownHit } from '../search-session.js';

interface ResultRowProps {
  hit: ShownHit;
  query: string;
  click: ClickState | undefined;
  /** The probability that a user looks at this place; null while the base ranker serves. */
  examination: number | null;
  onClick: () => void;
}

export function ResultRow({ hit, query, click, examination, onClick }: ResultRowProps): React.JSX.Element {
  const { strings } = useWords();
  const [isExplained, setIsExplained] = useState(false);
  const { position, basePosition, document } = hit;
  const why = position === basePosition ? strings.unmovedWhy : strings.movedWhy(basePosition, position);
  return (
    <li className="hit" data-key={document.id} data-clicked={click === 'recorded' || click === 'sending'}>
      <div className="hit-place">
        <span className="hit-position">{position}</span>
        <Moved places={basePosition - position} isOpen={isExplained} onToggle={() => setIsExplained(!isExplained)} />
      </div>
      <div className="hit-body">
        <button type="button" className="hit-title" title={strings.clickHint} onClick={onClick}>
          {document.title}
        </button>
        {click && (
          <span className="hit-click" data-state={click} role="status">
            {click === 'failed' ? `! ${strings.clickFailed}` : `✓ ${strings.clicked}`}
          </span>
        )}
        {hit.snippet && <Snippet text={hit.snippet} query={query} />}
        {isExplained && <p className="hit-why">{why}</p>}
      </div>
      <Attractiveness chance={hit.clickProbability} examination={examination} />
    </li>
  );
}

function Moved({ places, isOpen, onToggle }: { places: number; isOpen: boolean; onToggle: () => void }): React.JSX.Element {
  const { strings, formats } = useWords();
  const direction = Math.sign(places);
  const words = direction > 0 ? strings.risen(places) : direction < 0 ? strings.fallen(-places) : strings.unmoved;
  const sign = direction > 0 ? `▲ ${formats.count(places)}` : direction < 0 ? `▼ ${formats.count(-places)}` : '–';
  return (
    <button type="button" className="moved" data-direction={direction} title={words} aria-label={words} aria-expanded={isOpen} onClick={onToggle}>
      {sign}
    </button>
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

/** Nothing while the base ranker serves: it knows no probabilities. */
function Attractiveness({ chance, examination }: { chance: number; examination: number | null }): React.JSX.Element {
  const { strings, formats } = useWords();
  if (examination === null || examination <= 0) return <div className="hit-chance" />;
  const attractiveness = Math.min(1, chance / examination);
  const share = formats.share(attractiveness);
  return (
    <div className="hit-chance" title={strings.chanceHint(share, formats.share(chance))}>
      <span aria-hidden="true">{share}</span>
      <span className="gauge" role="meter" aria-label={strings.chance(share)} aria-valuemin={0} aria-valuemax={1} aria-valuenow={attractiveness}>
        <span style={{ width: `${100 * attractiveness}%` }} />
      </span>
    </div>
  );
}
