/** Leads to the comparison of this checkpoint with another ranker, for a query, on the Search page. */
import { useState } from 'react';
import { useApp } from '../../app-context.js';
import { Card } from '../../components/card.js';
import { useWords } from '../../language.js';
import { useFrameStore } from '../../use-frame-store.js';
import type { Detail } from './checkpoint-page.js';

export function CompareCard({ checkpoint: { id, status, trainingRun } }: { checkpoint: Detail }): React.JSX.Element {
  const { router, live } = useApp();
  const {
    strings: { models: words, common },
  } = useWords();
  const { ranker } = useFrameStore(live);
  const [query, setQuery] = useState('');
  const [other, setOther] = useState('base');
  const canServe = status === 'AVAILABLE' || status === 'ARCHIVED';
  const parent = trainingRun?.parent?.id;
  const others = [...new Set(['base', ranker?.id, parent].filter((candidate) => candidate !== undefined && candidate !== id))] as string[];
  const go = (event: React.FormEvent): void => {
    event.preventDefault();
    router.go(`/?${new URLSearchParams({ q: query.trim(), left: other, right: id }).toString()}`);
  };
  return (
    <Card title={words.compare}>
      <p className="quiet models-note">{canServe ? words.compareHow : words.compareNot}</p>
      {canServe && (
        <form className="compare-form" onSubmit={go}>
          <label className="field">
            <span>{words.compareQuery}</span>
            <input className="input" type="search" required maxLength={512} value={query} onChange={(event) => setQuery(event.target.value)} />
          </label>
          <label className="field">
            <span>{words.compareWith}</span>
            <select className="input" value={other} onChange={(event) => setOther(event.target.value)}>
              {others.map((candidate) => (
                <option key={candidate} value={candidate}>
                  {candidate === 'base' ? common.baseRanker : candidate}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" className="button">
            {words.compareDo}
          </button>
        </form>
      )}
    </Card>
  );
}
