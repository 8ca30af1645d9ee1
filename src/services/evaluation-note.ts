/** An evaluation in words: what was compared and from what sample, or why a figure is missing. */
import { BASE_RANKER_ID } from '../database/activation-store.js';

export interface EvaluationFacts {
  rankerId: string;
  /** Samples that its predictions were scored on. */
  samples: number;
  since: Date | null;
  /** Whose click memory judged the rankings; null when there was none. */
  judgeId: string | null;
  judgedQueries: number;
  /** Whether there is an interval of the difference. */
  interval: boolean;
}

export function evaluationNote(facts: EvaluationFacts): string {
  return `${predictions(facts)} ${rankings(facts)}`;
}

function predictions({ rankerId, samples, since }: EvaluationFacts): string {
  const shown = since === null ? '' : `, of these those shown since ${since.toISOString()}`;
  if (rankerId === BASE_RANKER_ID) {
    return samples > 0
      ? `Predictions of the newest sealed samples (5,000 at most${shown}): ${samples}, each by its position and the click rate of everything shown so far, these samples among it.`
      : 'No predictions: no such sample is sealed.';
  }
  return samples > 0
    ? `Predictions of the newest sealed samples that ${rankerId} has not learned (5,000 at most${shown}): ${samples}.`
    : `No predictions: ${rankerId} has learned every such sample that is sealed. How it predicted while it served is in its liveMetrics.`;
}

function rankings({ rankerId, judgeId, judgedQueries, interval }: EvaluationFacts): string {
  if (judgeId === null) return 'No rankings: the base ranker serves, and it has no click memory to judge by.';
  if (judgedQueries === 0) return `No rankings: ${judgeId} knows no query well enough (ten looks, and a click on what it finds now).`;
  const queries = `nDCG@10 on ${judgedQueries} ${judgedQueries === 1 ? 'query' : 'queries'} that ${judgeId} knows well, by the click rates it remembers`;
  if (rankerId === BASE_RANKER_ID) return `Rankings: ${queries}; the base ranker is what others are compared with.`;
  return `Rankings: its content model alone against the base ranker, ${queries}.${interval ? '' : ' That takes 30 queries for an interval of the difference.'}`;
}
