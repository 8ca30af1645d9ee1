/** Judges a checkpoint on stored clicks, when asked to: what it predicts, and how its order compares with the text ranking's. */
import { useState } from 'react';
import { Card } from '../../components/card.js';
import { Evaluate, type EvaluateQuery } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useRequest } from '../../use-request.js';
import type { Detail } from './checkpoint-page.js';

export function EvaluationCard({ checkpoint: { id, status } }: { checkpoint: Detail }): React.JSX.Element {
  const {
    strings: { models: words },
  } = useWords();
  const [isAsked, setIsAsked] = useState(false);
  const { data, error, isLoading, reload } = useRequest(Evaluate, isAsked ? { rankerId: id } : null);
  const canServe = status === 'AVAILABLE' || status === 'ARCHIVED';
  return (
    <Card title={words.evaluation} testId="evaluation">
      <p className="quiet models-note">{canServe ? words.evaluationHow : words.evaluationNot}</p>
      {canServe && (
        <button type="button" className="button" disabled={isLoading} onClick={() => (isAsked ? reload() : setIsAsked(true))}>
          {isLoading ? words.evaluating : isAsked ? words.evaluateAgain : words.evaluate}
        </button>
      )}
      <div role="status">
        {error && <p className="models-note">{error.message}</p>}
        {data && <Evaluation evaluation={data.evaluateRanker} />}
      </div>
    </Card>
  );
}

function Evaluation({ evaluation: { metrics, judgedQueries, ndcg, baseNdcg, lower, upper, note } }: { evaluation: EvaluateQuery['evaluateRanker'] }): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const figure = (value: number | null | undefined): string => (value == null ? '–' : formats.exact(value));
  return (
    <>
      <dl className="facts">
        <div>
          <dt>{words.samples}</dt>
          <dd>{metrics ? formats.count(metrics.samples) : '–'}</dd>
        </div>
        <div>
          <dt>{words.logLoss}</dt>
          <dd>{figure(metrics?.logLoss)}</dd>
        </div>
        <div>
          <dt>AUC</dt>
          <dd>{figure(metrics?.auc)}</dd>
        </div>
        <div>
          <dt>{words.judgedQueries}</dt>
          <dd>{formats.count(judgedQueries)}</dd>
        </div>
        <div>
          <dt>nDCG@10</dt>
          <dd>{figure(ndcg)}</dd>
        </div>
        <div>
          <dt>{words.baseNdcg}</dt>
          <dd>{figure(baseNdcg)}</dd>
        </div>
      </dl>
      {lower !== null && upper !== null && <p className="models-note">{words.ndcgInterval(formats.signed(lower), formats.signed(upper), lower > 0 ? 'better' : upper < 0 ? 'worse' : 'open')}</p>}
      {note && (
        <p className="quiet models-note" lang="en">
          {note}
        </p>
      )}
    </>
  );
}
