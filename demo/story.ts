/** Tells what happens in the server, from its events: what a training took and gave, what serves, what went, how good the ranking is. */
import { bar, count, counted, decimal, elapsed, milliseconds, percent, sparkline } from './format.js';
import { History } from './history.js';
import type { FinishedRun, ProofFigures, Reload, SampleStats, StartedRun } from './operations.js';
import { proofText } from './proof-text.js';
import { shortReason } from './short-reason.js';
import type { Terminal } from './terminal.js';

/** A run that is due this long and has not begun: worth saying why. */
const WAITING_IS_NEWS_MS = 5_000;
const RELOADED_BECAUSE: Readonly<Record<Reload['reason'], string>> = {
  STARTUP: ' at the start',
  TRAINED: '',
  ACTIVATED: ': somebody activated it',
  ROLLED_BACK: ': somebody rolled back',
  AUTO_ROLLED_BACK: ': rolled back by itself',
  RELOADED: ': somebody asked for it',
};

/** nDCG@10 of what serves, and of the base ranker on the same queries. */
export interface Quality {
  ndcg: number;
  base: number;
}

export class Story {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #quality = new History();
  #baseQuality: number | null = null;
  #unseen: Quality | null = null;
  #proof: ProofFigures | null = null;
  #toldOfLearning = '';
  #stats: SampleStats | null = null;
  #statsBefore: SampleStats | null = null;
  #dueSince: number | null = null;
  #trainings = 0;
  #unsuccessful = 0;
  #removals = 0;
  #failures = 0;
  #failure = '';
  #serving = '';

  /** @param now milliseconds from any start */
  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
    this.#startedAt = now();
  }

  /**
   * What serves, and how good it is, before anything happens.
   * @param unseen on the queries that the crowd never asks
   */
  begins(stats: SampleStats, serving: string, quality: Quality, unseen: Quality): void {
    this.#stats = this.#statsBefore = stats;
    this.#serving = serving;
    this.#baseQuality = quality.base;
    this.#unseen = unseen;
    this.#quality.add(quality.ndcg);
    this.#event(`nDCG@10 ${decimal(quality.ndcg)} with ${serving}${quality.ndcg === quality.base ? '' : `, base ${decimal(quality.base)}`}`);
  }

  stats(stats: SampleStats): void {
    this.#stats = stats;
    this.#dueSince = stats.waitingReason === null ? null : (this.#dueSince ?? this.#now());
    this.#showStatus();
  }

  trainingStarted({ mode, trigger, newSamples }: StartedRun): void {
    const online = mode === 'ONLINE' ? 'training' : 'offline training';
    const cause = trigger === 'THRESHOLD' ? `triggered by ${counted(newSamples, 'new sample', 'new samples')}` : `started by hand, with ${counted(newSamples, 'new sample', 'new samples')}`;
    this.#event(this.#terminal.paint('bold', `${online} ${cause}`));
  }

  /** @param path of the checkpoint's file */
  trainingFinished({ status, reason, metrics, servedMetrics }: FinishedRun, path: string | null): void {
    this.#trainings++;
    if (path !== null && metrics && status === 'SUCCEEDED') {
      const served = servedMetrics ? `; served ${decimal(servedMetrics.logLoss)}, ${decimal(servedMetrics.auc)}` : '';
      this.#event(`saved ${path} (log loss ${decimal(metrics.logLoss)}, AUC ${decimal(metrics.auc)}${served})`);
    } else if (status === 'SUCCEEDED') this.#event(`training succeeded${path === null ? '' : `, saved ${path}`}`);
    if (status !== 'SUCCEEDED') {
      this.#unsuccessful++;
      this.#event(this.#terminal.paint('yellow', `training ${status.toLowerCase()}${reason === null ? '' : `: ${status === 'REJECTED' ? shortReason(reason) : reason}`}`));
    } else if (reason !== null) this.#event(reason);
  }

  /**
   * @param tookMs from the end of the run that made the model; null when no run did
   * @param evidence for an automatic rollback
   */
  modelReloaded({ ranker, reason }: Reload, tookMs: number | null, evidence: string | null): void {
    this.#serving = ranker.name;
    const why = RELOADED_BECAUSE[reason] + (evidence === null ? '' : `, since ${evidence}`);
    const what = tookMs === null ? `model reloaded, ${ranker.name} serves${why}` : `model reloaded in ${milliseconds(tookMs)}`;
    this.#event(reason === 'AUTO_ROLLED_BACK' ? this.#terminal.paint('yellow', what) : what);
  }

  checkpointRemoved(name: string): void {
    this.#removals++;
    this.#event(this.#terminal.paint('dim', `removed ${name}`));
  }

  /** @param unseen nDCG@10 on the queries that the crowd never asks; null: not measured again */
  qualityMeasured(ndcg: number, unseen: number | null, proof: ProofFigures): void {
    this.#quality.add(ndcg);
    if (this.#unseen && unseen !== null) this.#unseen = { ...this.#unseen, ndcg: unseen };
    const isNews = proof.verdict === 'BETTER' && this.#proof?.verdict !== 'BETTER';
    this.#proof = proof;
    this.#event(this.#terminal.paint('green', this.#qualityText()));
    const learning = this.#learningText();
    if (learning !== this.#toldOfLearning) this.#event(isNews ? this.#terminal.paint(['bold', 'green'], learning) : learning);
    this.#toldOfLearning = learning;
    this.#showStatus();
  }

  /** A request of the crowd failed: the first is told at once, the others are counted. */
  requestFailed(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    if (++this.#failures === 1) this.#event(this.#terminal.paint('yellow', `a request failed: ${this.#failure}`));
  }

  ends(): void {
    const terminal = this.#terminal;
    terminal.status('');
    terminal.line();
    terminal.line(terminal.paint('bold', `In ${elapsed(this.#now() - this.#startedAt)}:`));
    if (this.#stats && this.#statsBefore) {
      const [now, before] = [this.#stats, this.#statsBefore];
      const [samples, clicked] = [now.total - before.total, now.positive - before.positive];
      terminal.line(`  ${counted(now.searches - before.searches, 'search', 'searches')}, ${counted(samples, 'sample', 'samples')}, ${count(clicked)} clicked (CTR ${samples > 0 ? percent(clicked / samples) : '–'})`);
    }
    const unsuccessful = this.#unsuccessful > 0 ? ` (${count(this.#unsuccessful)} without a new model)` : '';
    terminal.line(`  ${counted(this.#trainings, 'training', 'trainings')}${unsuccessful}, ${counted(this.#removals, 'removal', 'removals')} by retention`);
    if (this.#quality.newest !== null) terminal.line(terminal.paint('green', `  ${this.#qualityText()}`));
    if (this.#proof !== null) terminal.line(`  ${this.#learningText()}`);
    if (this.#failures > 1) terminal.line(terminal.paint('yellow', `  ${count(this.#failures)} requests failed, the last because: ${this.#failure}`));
    terminal.line(`  ${this.#serving} serves; the next start goes on from here.`);
  }

  #qualityText(): string {
    return `nDCG@10 ${decimal(this.#quality.first)} → ${decimal(this.#quality.newest)}, base ${decimal(this.#baseQuality)}  ${sparkline(this.#quality.points)}`;
  }

  /** How it does on queries never asked, and whether users prefer it. */
  #learningText(): string {
    const unseen = this.#unseen && `never searched: ${decimal(this.#unseen.ndcg)}, text alone ${decimal(this.#unseen.base)}`;
    return [unseen, this.#proof && proofText(this.#proof)].filter((part) => part !== null).join(' · ');
  }

  #showStatus(): void {
    if (!this.#stats) return;
    const { sinceLastTraining, unsettled, threshold, searches, positive, clickRate, waitingReason } = this.#stats;
    const figures = [
      `${bar(sinceLastTraining, unsettled, threshold)} ${count(sinceLastTraining)}/${count(threshold)} samples`,
      counted(searches, 'search', 'searches'),
      counted(positive, 'click', 'clicks'),
      `CTR ${percent(clickRate)}`,
    ];
    if (this.#dueSince !== null && waitingReason !== null && this.#now() - this.#dueSince >= WAITING_IS_NEWS_MS) figures.splice(1, 0, waitingReason);
    if (this.#quality.newest !== null) figures.push(`nDCG ${decimal(this.#quality.newest)} ${sparkline(this.#quality.points)}`);
    this.#terminal.status(figures.join(' · '));
  }

  #event(text: string): void {
    this.#terminal.line(`${this.#terminal.paint('dim', elapsed(this.#now() - this.#startedAt).padStart(6))}  ${text}`);
  }
}
