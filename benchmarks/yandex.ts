/** Real result pages of a search engine, without texts: how well clicks are predicted, session by session. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { pageClickProbabilities, type ShownTotals } from '../src/learning/click-probability.js';
import { ClickScorer } from '../src/learning/click-scorer.js';
import type { ContentLearner } from '../src/learning/content-learner.js';
import type { ContentModel } from '../src/learning/content-model.js';
import { priorExamination } from '../src/learning/examination.js';
import { FEATURE_SET } from '../src/learning/feature-set.js';
import type { RankingInput } from '../src/learning/ranking.js';
import { rankCandidates } from '../src/learning/ranking.js';
import { TrafficLearner } from './traffic-learner.js';

interface Session {
  query: string;
  documentIds: string[];
  /** Clicked or not, in the order shown. */
  clicks: boolean[];
  /** The session's running number. */
  number: number;
}

export interface PredictionFigures {
  rows: number;
  logLoss: number | null;
  normalizedEntropy: number | null;
  auc: number | null;
}

export interface YandexFigures {
  /** Each session predicted by what was learned from those before. */
  progressive: PredictionFigures;
  /** The rest, predicted by what was learned until then. */
  frozen: PredictionFigures & { calibration: number | null };
}

/** The sessions in `DIR/yandex`, or the name of the file that is missing. */
export function readSessions(dataDirectory: string): Session[] | { missing: string } {
  const file = join(dataDirectory, 'yandex', 'sessions.jsonl.gz');
  if (!existsSync(file)) return { missing: file };
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { s, q, docs, clicks } = JSON.parse(line) as { s: number; q: string | number; docs: (string | number)[]; clicks: number[] };
      return { number: s, query: String(q), documentIds: docs.map(String), clicks: docs.map((_, place) => clicks.includes(place + 1)) };
    });
}

/** Learns session after session before `holdoutFrom`, all ten results predicted before any is learned; predicts the rest. */
export function predictSessions(sessions: readonly Session[], holdoutFrom: number): YandexFigures {
  const content = new QueryRates();
  const learner = new TrafficLearner({ content });
  const totals: ShownTotals = { clicks: 0, examinations: 0 };
  const progressive = new ClickScorer();
  const frozen = new ClickScorer();
  for (const { query, documentIds, clicks, number } of sessions) {
    const input = content.inputOf(query, documentIds);
    const { attractiveness } = rankCandidates(input, learner.model);
    const predicted = pageClickProbabilities(learner.model, { queryKey: query, documentIds, attractiveness, firstPosition: 1 }, totals);
    clicks.forEach((clicked, place) => (number < holdoutFrom ? progressive : frozen).add(predicted[place]!, clicked));
    if (number >= holdoutFrom) continue;
    learner.observe({ input, text: query, page: documentIds.map((_, place) => place), clicks, predicted, drawnPair: null, shownAtSeconds: number, servedByBase: learner.model === null });
    learner.learn();
  }
  return { progressive: figuresOf(progressive), frozen: { ...figuresOf(frozen), calibration: frozen.metrics().calibration } };
}

function figuresOf(scorer: ClickScorer): PredictionFigures {
  const { samples, logLoss, normalizedEntropy, auc } = scorer.metrics();
  return { rows: samples, logLoss, normalizedEntropy, auc };
}

/** Weight of the global rate in a query's own, in examinations. */
const GLOBAL_WEIGHT = 20;

/**
 * Attractiveness where there is no text: the query's own rate `g = (C_q + 20μ)/(E_q + 20)`, μ the global one, undecayed. It
 * reads the query's number and the position where the content model reads features.
 */
class QueryRates implements ContentLearner {
  readonly #numbers = new Map<string, number>();
  readonly #clicks: number[] = [];
  readonly #examinations: number[] = [];
  #allClicks = 0;
  #allExaminations = 0;

  inputOf(query: string, documentIds: readonly string[]): RankingInput {
    const number = this.#numbers.get(query) ?? this.#numbers.size;
    this.#numbers.set(query, number);
    const width = FEATURE_SET.names.length;
    const features = new Float32Array(documentIds.length * width);
    documentIds.forEach((_, place) => features.set([number, place + 1], place * width));
    return { queryKey: query, documentIds, baseScores: new Float64Array(documentIds.length), features };
  }

  attractiveness(features: Float32Array, row: number): number {
    const number = features[row * FEATURE_SET.names.length]!;
    const rate = this.#allExaminations === 0 ? 0.1 : this.#allClicks / this.#allExaminations;
    return ((this.#clicks[number] ?? 0) + GLOBAL_WEIGHT * rate) / ((this.#examinations[number] ?? 0) + GLOBAL_WEIGHT);
  }

  learn(features: Float32Array, row: number, clicked: boolean): void {
    const number = features[row * FEATURE_SET.names.length]!;
    const examination = priorExamination(features[row * FEATURE_SET.names.length + 1]!);
    const click = clicked ? 1 : 0;
    this.#clicks[number] = (this.#clicks[number] ?? 0) + click;
    this.#examinations[number] = (this.#examinations[number] ?? 0) + examination;
    this.#allClicks += click;
    this.#allExaminations += examination;
  }

  correctLateClick(): void {
    throw new Error('sessions are learned whole: there are no late clicks');
  }

  finish(): ContentModel {
    return {
      kind: 'INCREMENTAL',
      weights: new Float64Array(FEATURE_SET.names.length + 1),
      covariance: new Float64Array((FEATURE_SET.names.length + 1) ** 2),
      attractiveness: (features, row) => this.attractiveness(features, row),
      isFinite: () => Number.isFinite(this.#allClicks) && Number.isFinite(this.#allExaminations),
    };
  }
}
