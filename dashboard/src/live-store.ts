/** What is going on in the server, as the page knows it: the counts, what serves, the run in progress, and the last events. */
import {
  CheckpointRemoved,
  ModelReloaded,
  Overview,
  PublicOverview,
  SampleStatsChanged,
  TrainingFinished,
  TrainingProgressed,
  TrainingStarted,
  type ModelReloadedSubscription,
  type OverviewQuery,
  type PublicOverviewQuery,
  type ReloadReason,
  type RunFragment,
  type StatsFragment,
} from './generated/operations.js';
import { RequestError, type GraphqlClient } from './graphql-client.js';
import { Store } from './store.js';

export interface RankerName {
  id: string;
  name: string;
}

/** An event of the feed. A run has one entry, which changes when the run ends. */
export type FeedEntry =
  | { kind: 'run'; key: string; at: string; run: RunFragment }
  | { kind: 'serving'; key: string; at: string; ranker: RankerName; reason: ReloadReason }
  | { kind: 'removed'; key: string; at: string; name: string };

export interface LiveState {
  /** null until the first answer. */
  stats: StatsFragment | null;
  ranker: RankerName | null;
  /** Since when it serves; null while that is not known. */
  servingSince: string | null;
  /** The probability that a user looks at place 1, 2, …, as the serving model has it. */
  examination: readonly number[] | null;
  run: RunFragment | null;
  feed: readonly FeedEntry[];
  /** null until known. */
  catalogueIsEmpty: boolean | null;
  /** Why the overview could not be read. */
  error: RequestError | null;
  /** Counts the models that came into service while the page is open. */
  reloads: number;
}

const FEED_LENGTH = 40;
/** A reload is seen a moment after the activation it follows from; nearer than this they are one event. */
const SAME_EVENT_MS = 5_000;
/** How often an empty catalogue is looked at again. */
const EMPTY_CHECK_MS = 3_000;

export class LiveStore extends Store<LiveState> {
  readonly #client: GraphqlClient;
  #emptyCheck: ReturnType<typeof setTimeout> | undefined;

  constructor(client: GraphqlClient) {
    super({ stats: null, ranker: null, servingSince: null, examination: null, run: null, feed: [], catalogueIsEmpty: null, error: null, reloads: 0 });
    this.#client = client;
  }

  /** Listens from now on; what was missed while the socket was down is read again when it is back. */
  start(): void {
    const client = this.#client;
    client.subscribe(SampleStatsChanged, ({ sampleStats }) => this.noteStats(sampleStats));
    client.subscribe(TrainingStarted, ({ trainingStarted }) => this.#noteRun(trainingStarted));
    client.subscribe(TrainingProgressed, ({ trainingProgress: { run, progress } }) => this.#noteRun({ ...run, progress }));
    client.subscribe(TrainingFinished, ({ trainingFinished }) => this.#noteRun(trainingFinished));
    client.subscribe(ModelReloaded, ({ modelReloaded }) => this.#noteReload(modelReloaded));
    client.subscribe(CheckpointRemoved, ({ checkpointRemoved: { id, name } }) =>
      this.#add([{ kind: 'removed', key: `removed ${id}`, at: new Date().toISOString(), name }]),
    );
    client.connectedTimes.subscribe(() => void this.refresh());
    void this.refresh();
  }

  async refresh(): Promise<void> {
    try {
      this.#noteOverview(await this.#client.request(Overview, {}));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.code === 'FORBIDDEN') await this.#refreshPublic();
      else this.patch({ error });
    }
  }

  /** What a public key may know. */
  async #refreshPublic(): Promise<void> {
    try {
      this.#notePublic(await this.#client.request(PublicOverview, {}));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.patch({ error });
    }
  }

  /** Newer counts win: an answer and an event may cross. */
  noteStats(stats: StatsFragment): void {
    const known = this.get().stats;
    if (!known || Date.parse(stats.updatedAt) >= Date.parse(known.updatedAt)) this.patch({ stats });
  }

  #noteOverview(overview: OverviewQuery): void {
    const runs = overview.trainingRuns.edges.map(({ node }) => node);
    const [latest] = overview.activations.edges;
    this.noteStats(overview.sampleStats);
    this.#notePublic(overview);
    this.patch({
      servingSince: latest?.node.ranker.id === overview.activeRanker.id ? latest.node.at : null,
      examination: overview.activeCheckpoint?.examination ?? null,
      run: runs.find(isOpen) ?? null,
    });
    const activations = overview.activations.edges.map(({ node: { at, ranker, reason } }): FeedEntry => ({ kind: 'serving', key: `serving ${ranker.id} ${at}`, at, ranker, reason }));
    this.#add([...runs.map(runEntry), ...activations]);
  }

  #notePublic({ activeRanker, documents }: PublicOverviewQuery): void {
    const isEmpty = documents.edges.length === 0;
    this.patch({ error: null, ranker: activeRanker, catalogueIsEmpty: isEmpty });
    clearTimeout(this.#emptyCheck);
    if (isEmpty) this.#emptyCheck = setTimeout(() => void this.refresh(), EMPTY_CHECK_MS);
  }

  #noteRun(run: RunFragment): void {
    const known = this.get().run;
    if (isOpen(run)) this.patch({ run });
    else if (known?.id === run.id) this.patch({ run: null });
    this.#add([runEntry(run)]);
  }

  #noteReload({ at, ranker, reason, checkpoint }: ModelReloadedSubscription['modelReloaded']): void {
    this.patch({ ranker, servingSince: at, examination: checkpoint?.examination ?? null, reloads: this.get().reloads + 1 });
    this.#add([{ kind: 'serving', key: `serving ${ranker.id} ${at}`, at, ranker, reason }]);
  }

  #add(entries: readonly FeedEntry[]): void {
    this.patch({ feed: mergeFeed(this.get().feed, entries) });
  }
}

function isOpen(run: RunFragment): boolean {
  return run.status === 'QUEUED' || run.status === 'RUNNING';
}

function runEntry(run: RunFragment): FeedEntry {
  return { kind: 'run', key: `run ${run.id}`, at: run.finishedAt ?? run.queuedAt, run };
}

/** The feed with new entries in their places, newest first: an entry replaces that of the same thing, a run that has ended stays ended. */
export function mergeFeed(feed: readonly FeedEntry[], entries: readonly FeedEntry[]): readonly FeedEntry[] {
  const merged = [...feed];
  for (const entry of entries) {
    const index = merged.findIndex((other) => isSameEvent(other, entry));
    const other = merged[index];
    if (!other) merged.push(entry);
    else if (other.kind === 'run' && entry.kind === 'run' && !(isOpen(entry.run) && !isOpen(other.run))) merged[index] = entry;
  }
  return merged.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, FEED_LENGTH);
}

function isSameEvent(a: FeedEntry, b: FeedEntry): boolean {
  if (a.kind === 'serving' && b.kind === 'serving') return a.ranker.id === b.ranker.id && Math.abs(Date.parse(a.at) - Date.parse(b.at)) < SAME_EVENT_MS;
  return a.key === b.key;
}
