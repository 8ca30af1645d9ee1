/** Learning as the server does it: challenger by challenger, each judged by the rules of promotion, with the proof on users beside. */
import type { Departure } from '../../src/learning/batch-check.js';
import { comparisonOf } from '../../src/learning/interleaving.js';
import { ROW_KIND, type LearningBatch } from '../../src/learning/learning-batch.js';
import { Learner } from '../../src/learning/learner.js';
import { judgeByMemory, type GuardEvidence } from '../../src/learning/memory-guard.js';
import { decidePromotion, type PromotionEvidence } from '../../src/learning/promotion.js';
import { coldAlarmAfter, isColdAlarm, proofFigures, shouldRollBack, withComparison, type ProofCounts, type ProofVerdict } from '../../src/learning/proof.js';
import type { RankerModel } from '../../src/learning/ranker-model.js';
import type { RankingInput } from '../../src/learning/ranking.js';
import { batchOf, type NumberedPage } from '../traffic-batch.js';
import type { ShownPage } from '../traffic-page.js';
import { refusingStep, type Step } from './refusal.js';

/** Newest learned samples that champion and challenger are compared on. */
const ANCHOR_WINDOW = 2_000;
/** The guard asks at most so many queries, each looked at so often. */
const JUDGED_QUERIES = 100;
const LEAST_EXAMINATIONS = 10;

/** What became of one run. */
export interface RunOutcome {
  /** The step that refused the challenger; null: it serves. */
  refusedBy: Step | null;
  departure: Departure | null;
  /** It departed, and was taken for a real change. */
  takenForChange: boolean;
  /** It started its content model anew: the answer to the alarm on cold searches. */
  contentReset: boolean;
  /** Users preferred the base ranker: that serves from now on. */
  rolledBack: boolean;
  /** Of all comparisons of what serves, this run's included. */
  verdict: ProofVerdict;
  /** Whether the guard judged the challenger: it skips runs. */
  guarded: boolean;
}

export interface GuardedLearnerOptions {
  /** Query texts to their candidates: what the guard ranks. */
  candidatesOf: (text: string) => RankingInput;
  /** The guard judges every so many runs: on a server a run may come too soon after the last judgment, too. */
  guardEvery: number;
}

const NO_COMPARISONS: ProofCounts = { wins: 0, losses: 0, ties: 0 };

/**
 * The server's rules in memory: what was refused is offered again together with what is new; of two runs refused in a row the
 * first one's samples are set aside; an alarm on cold searches starts the content model anew; a rollback starts from nothing.
 */
export class GuardedLearner {
  /** What serves; null: the base ranker. */
  champion: RankerModel | null = null;
  /** Comparisons of what has served since it began. */
  counts: ProofCounts = NO_COMPARISONS;
  readonly #options: GuardedLearnerOptions;
  #coldAlarm = 1;
  #shown: (NumberedPage & ShownPage)[] = [];
  /** Sealed and not learned, a batch for each run that has found it. */
  #onOffer: LearningBatch[] = [];
  /** The newest samples learned, as they are replayed. */
  #learned: LearningBatch[] = [];
  /** Of the runs before, newest first. */
  #departures: (Departure | null)[] = [];
  #refusedBefore = false;
  #pages = 0;
  #runs = 0;

  constructor(options: GuardedLearnerOptions) {
    this.#options = options;
  }

  observe(page: ShownPage): void {
    this.#shown.push({ ...page, number: this.#pages++ });
  }

  /** One run, of all that is on offer. */
  run(): RunOutcome {
    const fresh = batchOf(this.#shown, ROW_KIND.newSample);
    this.#countComparisons();
    this.#shown = [];
    this.#onOffer.push(fresh);
    const contentReset = this.champion !== null && isColdAlarm(this.#coldAlarm);
    const { model, evidence } = this.#challenge(contentReset);
    const decision = decidePromotion(evidence);
    const rolledBack = this.champion !== null && shouldRollBack(this.counts);
    const verdict = proofFigures(this.counts).verdict;

    if (rolledBack) this.#startAgain();
    else if (decision.accepted) this.#promote(model, contentReset);
    else if (this.#refusedBefore) this.#onOffer = [fresh];
    this.#refusedBefore = !decision.accepted && !rolledBack;
    this.#departures = [decision.departure, ...this.#departures].slice(0, 2);
    return {
      refusedBy: decision.accepted ? null : refusingStep(evidence),
      departure: decision.departure,
      takenForChange: decision.accepted && decision.note !== null,
      contentReset: contentReset && decision.accepted && !rolledBack,
      rolledBack,
      verdict,
      guarded: evidence.guard !== null,
    };
  }

  #challenge(resetContent: boolean): { model: RankerModel; evidence: PromotionEvidence } {
    const learner = new Learner(this.champion, { modelType: 'INCREMENTAL', mode: 'ONLINE', resetContent });
    for (const batch of this.#learned) learner.learn(batch);
    for (const batch of this.#onOffer) learner.learn(batch);
    const { model, finite, batchEvidence, anchorEvidence } = learner.finish();
    const guard = this.#runs++ % this.#options.guardEvery === 0 ? guardOf(model, this.#options.candidatesOf) : null;
    return { model, evidence: { finite, batch: batchEvidence, previousDepartures: this.#departures, anchor: anchorEvidence, guard } };
  }

  #promote(model: RankerModel, contentReset: boolean): void {
    this.champion = model;
    if (contentReset) this.#coldAlarm = 1;
    this.#learned.push(...this.#onOffer.map(asReplayed));
    let samples = this.#learned.reduce((sum, { kind }) => sum + kind.length, 0);
    while (samples - this.#learned[0]!.kind.length >= ANCHOR_WINDOW) samples -= this.#learned.shift()!.kind.length;
    this.#onOffer = [];
  }

  #startAgain(): void {
    this.champion = null;
    this.counts = NO_COMPARISONS;
    this.#coldAlarm = 1;
    this.#learned = [];
    this.#onOffer = [];
  }

  #countComparisons(): void {
    for (const { teams, clicks, cold } of this.#shown) {
      if (teams === null) continue;
      const outcome = comparisonOf(teams, clicks);
      this.counts = withComparison(this.counts, outcome);
      if (cold) this.#coldAlarm = coldAlarmAfter(this.#coldAlarm, outcome);
    }
  }
}

/** The guard's judgment of a model, on the queries it knows best. */
export function guardOf(model: RankerModel, candidatesOf: (text: string) => RankingInput): GuardEvidence {
  return judgeByMemory(model, model.knownQueries.top(JUDGED_QUERIES, LEAST_EXAMINATIONS).map(({ text }) => candidatesOf(text)));
}

function asReplayed(batch: LearningBatch): LearningBatch {
  return { ...batch, kind: new Uint8Array(batch.kind.length).fill(ROW_KIND.replayedSample) };
}
