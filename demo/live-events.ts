/** Listens to the server's events and has them told in order: run, saved, reloaded, how good it is now, removed. */
import type { Api } from './api.js';
import {
  ACTIVATIONS,
  CHECKPOINT,
  FINISHED_EVENTS,
  PROOF,
  RELOAD_EVENTS,
  REMOVAL_EVENTS,
  STARTED_EVENTS,
  STATS_EVENTS,
  type Activation,
  type CheckpointFacts,
  type FinishedRun,
  type ProofFigures,
  type Reload,
  type SampleStats,
  type StartedRun,
} from './operations.js';
import type { RankingQuality } from './ranking-quality.js';
import type { Story } from './story.js';

/** Many queries are asked for it: not after every training of a quick crowd. */
const UNSEEN_INTERVAL_MS = 3_000;

export interface LiveEventsOptions {
  api: Api;
  story: Story;
  /** On what the crowd asks. */
  quality: RankingQuality;
  /** On what it never asks. */
  unseenQuality: RankingQuality;
  /** The counts before anything is listened to. */
  before: SampleStats;
}

export class LiveEvents {
  readonly #options: LiveEventsOptions;
  readonly #openRuns = new Set<string>();
  /** Rejects when the events do not come any more. */
  readonly lost: Promise<never>;
  #lose: (error: Error) => void = () => undefined;
  /** What is still to be told; some of it needs an answer first. */
  #telling: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isStopped = false;
  #unseenMeasuredAt = -Infinity;
  #stats: SampleStats;
  /** Samples sealed by the runs that were heard of; the counts may know of a run before its event comes. */
  #sealed: number;
  /** The checkpoint that is about to serve, as far as is known, and when its run ended. */
  #coming: { checkpointId: string; since: number } | null = null;
  #onChange: () => void = () => undefined;

  constructor(options: LiveEventsOptions) {
    this.#options = options;
    this.#stats = options.before;
    this.#sealed = options.before.lastTrainingTotal;
    this.lost = new Promise((_, reject) => (this.#lose = reject));
    // Whoever runs the demo waits for it; until then it is nobody's failure.
    this.lost.catch(() => undefined);
  }

  /** Resolves when the server has taken all subscriptions. */
  async start(): Promise<void> {
    const { story } = this.#options;
    this.#on<{ sampleStats: SampleStats }>(STATS_EVENTS, ({ sampleStats }) => this.count(sampleStats));
    this.#on<{ trainingStarted: StartedRun }>(STARTED_EVENTS, ({ trainingStarted: run }) => {
      this.#openRuns.add(run.id);
      this.#sealed += run.newSamples;
      this.#tell(() => story.trainingStarted(run));
    });
    this.#on<{ trainingFinished: FinishedRun }>(FINISHED_EVENTS, ({ trainingFinished: run }) => this.#finished(run));
    this.#on<{ modelReloaded: Reload }>(RELOAD_EVENTS, ({ modelReloaded }) => this.#reloaded(modelReloaded));
    this.#on<{ checkpointRemoved: { name: string } }>(REMOVAL_EVENTS, ({ checkpointRemoved }) => this.#tell(() => story.checkpointRemoved(checkpointRemoved.name)));
    await Promise.race([this.#options.api.subscribed(), this.lost]);
  }

  /** Takes note of newer counts. */
  count(stats: SampleStats): void {
    this.#stats = stats;
    this.#options.story.stats(stats);
    this.#onChange();
  }

  /** Resolves when everything shown is settled, no run is due or open, and all is told; or after the time given, or after stop(). */
  quiet(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onChange = () => {
        if (!this.#isStopped && this.#isBusy()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#onChange();
    });
  }

  /** Nothing more is told after this resolves. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#onChange();
    await this.#telling;
  }

  #isBusy(): boolean {
    const { unsettled, untilTrigger, lastTrainingTotal } = this.#stats;
    const isLearning = this.#openRuns.size > 0 || this.#coming !== null || this.#waiting > 0;
    return isLearning || unsettled > 0 || untilTrigger === 0 || lastTrainingTotal > this.#sealed;
  }

  #finished(run: FinishedRun): void {
    const { api, story } = this.#options;
    this.#openRuns.delete(run.id);
    const checkpointId = run.checkpoint?.id ?? null;
    if (run.status === 'SUCCEEDED' && checkpointId !== null) this.#coming = { checkpointId, since: performance.now() };
    this.#tell(async () => {
      const answer = checkpointId === null ? null : await api.request<{ checkpoint: CheckpointFacts | null }>(CHECKPOINT, { id: checkpointId });
      // A run may succeed and yet not serve, and one whose model serves may have something to say: its reason tells neither.
      if (answer?.checkpoint?.activations.edges.length === 0 && this.#coming?.checkpointId === checkpointId) this.#coming = null;
      story.trainingFinished(run, answer?.checkpoint?.path ?? null);
    });
  }

  #reloaded(reload: Reload): void {
    const tookMs = reload.reason === 'TRAINED' && this.#coming?.checkpointId === reload.ranker.id ? performance.now() - this.#coming.since : null;
    this.#coming = null;
    this.#tell(async () => {
      const { api, story, quality, unseenQuality } = this.#options;
      story.modelReloaded(reload, tookMs, reload.reason === 'AUTO_ROLLED_BACK' ? await this.#evidence() : null);
      const isDue = performance.now() - this.#unseenMeasuredAt > UNSEEN_INTERVAL_MS;
      if (isDue) this.#unseenMeasuredAt = performance.now();
      const [ndcg, unseen, { learningProof }] = await Promise.all([quality.measure(), isDue ? unseenQuality.measure() : null, api.request<{ learningProof: { all: ProofFigures } }>(PROOF)]);
      story.qualityMeasured(ndcg, unseen, learningProof.all);
    });
  }

  /** Of the newest automatic rollback: the event itself does not hold it. */
  async #evidence(): Promise<string | null> {
    const { activations } = await this.#options.api.request<{ activations: { edges: { node: Activation }[] } }>(ACTIVATIONS);
    return activations.edges.find(({ node }) => node.reason === 'AUTO_ROLLED_BACK')?.node.evidence ?? null;
  }

  #on<Data>(query: string, listener: (data: Data) => void): void {
    this.#options.api.subscribe<Data>(
      query,
      (data) => {
        if (!this.#isStopped) listener(data);
      },
      (error) => this.#lose(new Error(`The server's events do not come any more: ${error instanceof Error ? error.message : JSON.stringify(error)}`)),
    );
  }

  #tell(what: () => void | Promise<void>): void {
    this.#waiting++;
    this.#telling = this.#telling
      .then(what)
      .catch((error: unknown) => this.#options.story.requestFailed(error))
      .then(() => {
        this.#waiting--;
        this.#onChange();
      });
  }
}
