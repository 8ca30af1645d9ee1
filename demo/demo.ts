/** The demo on a running server: catalogue, settings, events, crowd, in this order; and undone in reverse. */
import { Crowd } from '../src/simulation/crowd.js';
import { hiddenTaste } from '../src/simulation/hidden-taste.js';
import { queryShares } from '../src/simulation/visit.js';
import { Api } from './api.js';
import { importMissing } from './catalogue-import.js';
import { CROWD_QUERIES, emojiNames, readEmojiCatalogue, unseenQueries, type EmojiDocument } from './emoji-catalogue.js';
import { count, counted, wholePercent } from './format.js';
import { LiveEvents } from './live-events.js';
import { CLICK, CONFIGURE, OVERVIEW, SEARCH, type Overview } from './operations.js';
import type { DemoOptions } from './options.js';
import { RankingQuality } from './ranking-quality.js';
import { Story, type Quality } from './story.js';
import type { Terminal } from './terminal.js';

/** So long an ended crowd's last samples are waited for: their window, a training and its reload. */
const LAST_TRAINING_TIMEOUT_MS = 15_000;
/**
 * Nearly all clicks come within three seconds here; waiting longer would only delay the story. And whoever watches wants to
 * know within minutes whether users prefer what is learned: more searches than usual are interleaved to say so.
 */
const DEMO_SETTINGS = { attributionWindowSeconds: 3, proofRate: 0.2 };

export interface DemoSetting {
  /** Of the running server. */
  url: string;
  options: DemoOptions;
  terminal: Terminal;
}

export class Demo {
  readonly #setting: DemoSetting;
  readonly #api: Api;
  readonly #story: Story;
  #events: LiveEvents | undefined;
  #crowd: Crowd | undefined;
  #isStopped = false;
  #stopped: Promise<void> | undefined;

  constructor(setting: DemoSetting) {
    this.#setting = setting;
    this.#api = new Api(setting.url);
    this.#story = new Story(setting.terminal);
  }

  /** Resolves when the crowd is through and what it did is learned, or after stop(). */
  async run(): Promise<void> {
    const { options, terminal } = this.#setting;
    const api = this.#api;
    this.#showBanner();
    const emoji = readEmojiCatalogue();
    const before = await this.#prepareCatalogue(emoji);
    terminal.status('looking at what matches the queries of the crowd …');
    const names = emojiNames(emoji);
    const taste = hiddenTaste(options.seed, (id) => names.get(id) ?? []);
    const quality = await RankingQuality.prepare(api, CROWD_QUERIES, queryShares(CROWD_QUERIES.length), taste);
    const unseen = unseenQueries(emoji);
    const unseenQuality = await RankingQuality.prepare(api, unseen, unseen.map(() => 1 / unseen.length), taste);
    const { sampleStats, activeRanker } = await api.request<Overview>(OVERVIEW);
    terminal.status('');
    this.#story.begins(sampleStats, activeRanker.name, await figuresOf(quality), await figuresOf(unseenQuality));
    const events = (this.#events = new LiveEvents({ api, story: this.#story, quality, unseenQuality, before: sampleStats }));
    await events.start();
    if (this.#isStopped) return;
    const crowd = (this.#crowd = new Crowd({
      api: {
        search: async (input) => {
          const { search } = await api.request<{ search: { searchId: string; results: { document: { id: string } }[] } }>(SEARCH, { input });
          return { searchId: search.searchId, documentIds: search.results.map(({ document }) => document.id) };
        },
        click: async (input) => void (await api.request(CLICK, { input })),
      },
      queries: CROWD_QUERIES,
      seed: options.seed,
      taste,
      firstVisit: before.searches,
      searchesPerSecond: options.searchesPerSecond,
      searches: options.searches,
      onError: (error) => this.#story.requestFailed(error),
    }));
    await Promise.race([crowd.run(), events.lost]);
    if (this.#isStopped) return;
    // Counts are said a little late; what the last searches added must be known before it is waited for.
    events.count((await api.request<Overview>(OVERVIEW)).sampleStats);
    await Promise.race([events.quiet(LAST_TRAINING_TIMEOUT_MS), events.lost]);
  }

  /** The crowd leaves first; then the summary, if there is something to sum up. One shared promise. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    await this.#crowd?.stop();
    await this.#events?.stop();
    if (this.#crowd) this.#story.ends();
    else this.#setting.terminal.status('');
    await this.#api.close();
  }

  #showBanner(): void {
    const { url, terminal } = this.#setting;
    terminal.status('');
    terminal.line();
    terminal.line(`  ${terminal.paint('bold', 'Rankloop')}, a search engine that learns from clicks`);
    terminal.line();
    const link = (name: string, path: string, what: string): void => {
      const address = url + path;
      terminal.line(`  ${name.padEnd(10)}  ${terminal.paint('cyan', address)}${' '.repeat('/graphiql'.length - path.length)}  ${what}`);
    };
    link('page', '/', 'search for "heart", click what you like, see it rise');
    link('playground', '/graphiql', 'the whole API, with examples');
    link('API', '/graphql', 'GraphQL over HTTP and WebSocket');
    terminal.line();
  }

  /** Documents and, where nothing has happened yet, settings. */
  async #prepareCatalogue(emoji: readonly EmojiDocument[]): Promise<{ searches: number }> {
    const { terminal, options } = this.#setting;
    const { sampleStats, activeRanker, documents } = await this.#api.request<Overview>(OVERVIEW);
    const isFresh = documents.edges.length === 0 && sampleStats.searches === 0;
    const imported = await importMissing(this.#api, emoji, (done, missing) => terminal.status(`importing the catalogue: ${count(done)}/${count(missing)} documents`));
    terminal.status('');
    terminal.line(imported > 0 ? `  imported ${counted(imported, 'document', 'documents')}: emoji with English and Chinese words` : `  the catalogue is there: ${count(emoji.length)} emoji with English and Chinese words`);
    if (isFresh) {
      await this.#api.request(CONFIGURE, { input: DEMO_SETTINGS });
      terminal.line(`  settings for a demo: a search is learned from ${DEMO_SETTINGS.attributionWindowSeconds} s after it was shown (attributionWindowSeconds, usually 10),`);
      terminal.line(`  and ${wholePercent(DEMO_SETTINGS.proofRate)} of the searches show learning and the base ranker head to head (proofRate, usually .05)`);
    } else terminal.line(`  going on from ${counted(sampleStats.searches, 'search', 'searches')} stored, with ${activeRanker.name}; settings as they are`);
    terminal.line(`  a crowd asks ${CROWD_QUERIES.length} queries, about ${count(options.searchesPerSecond)} searches a second; what it likes only its clicks tell`);
    terminal.line(`  ${options.searches === Infinity ? 'Ctrl-C ends it' : `it ends after ${counted(options.searches, 'search', 'searches')}`}; the next start goes on from there`);
    terminal.line();
    return { searches: sampleStats.searches };
  }
}

async function figuresOf(quality: RankingQuality): Promise<Quality> {
  return { ndcg: await quality.measure(), base: quality.base };
}
