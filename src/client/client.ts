/** The client: typed requests over HTTP that try again where that is safe, and clicks that are not lost on the way. */
import { backOffMs, retryAfterOf, wait } from './back-off.js';
import { ClickQueue, MAX_CLICKS_A_CALL, type RecordedClick } from './click-queue.js';
import { graphqlUrl, type EndpointOptions } from './endpoint.js';
import {
  PreviewRanking,
  RecordClicks,
  Search,
  type PreviewRankingQuery,
  type PreviewRankingQueryVariables,
  type RecordClickInput,
  type RecordClicksMutation,
  type SearchInput,
  type SearchMutation,
} from './generated/operations.js';
import { newId } from './new-id.js';
import type { Operation } from './operation.js';
import { bodyOf, post } from './post.js';
import { RequestError } from './request-error.js';

export interface ClientOptions extends EndpointOptions {
  /** How long to wait for an answer, per attempt, in milliseconds. Default 15,000. */
  timeoutMs?: number;
  /** How often to try again what may be repeated, after the first attempt. Default 3, which takes about two seconds. Clicks have a rule of their own, see `recordClick`. */
  retries?: number;
  /** Clicks that may wait for the server, offline mostly; when one more comes the oldest is given up. Default 1,000, about 150 KB of memory. */
  maxQueuedClicks?: number;
  /** How long a click may wait, in milliseconds. Default 86,400,000: a day, after which the server takes no click of that search. */
  giveUpClicksAfterMs?: number;
  /** Told of each click that will not be recorded, and why: the same as the rejection of `recordClick`, for those who do not wait for it. */
  onClickLost?: (click: RecordClickInput, error: RequestError) => void;
}

export interface RequestOptions {
  /** Stops waiting, for instance for an answer that the next keystroke makes worthless; the promise rejects with its reason. */
  signal?: AbortSignal;
  /** As the client's `timeoutMs`, for this request. */
  timeoutMs?: number;
  /** As the client's `retries`, for this request; left out, a mutation is tried once, because nobody can know whether one whose answer was lost took effect. */
  retries?: number;
}

/** What a search gives: the `searchId` that its clicks need, and the results in order. */
export type SearchResult = SearchMutation['search'];
export type RankingPreview = PreviewRankingQuery['previewRanking'];
export type PreviewInput = PreviewRankingQueryVariables;
export type RecordedClicks = RecordClicksMutation['recordClicks'];

/** No longer wait than this between two attempts of a request that somebody waits for. */
const LONGEST_WAIT_MS = 5_000;

export interface RankloopClient {
  /**
   * Sends any operation. Resolves to its data; rejects with a RequestError, also when a part of the data is there.
   * Queries are repeated after failures that pass by themselves: not reached, 502, 503, 504, UNAVAILABLE, RATE_LIMITED (after what Retry-After says, unless that is more than the timeout).
   */
  request<Result, Variables>(operation: Operation<Result, Variables>, variables: Variables, options?: RequestOptions): Promise<Result>;
  /**
   * Searches; each result counts as shown. Repeated like a query: if only the answer was lost, the search counts twice, as it does when a user reloads the page.
   */
  search(input: SearchInput, options?: RequestOptions): Promise<SearchResult>;
  /** The ranking that a search would give, without recording that anything was shown: for suggestions while typing. */
  previewRanking(input: PreviewInput, options?: RequestOptions): Promise<RankingPreview>;
  /**
   * Says that a result was clicked. It may be called and forgotten, also in the moment in which a link leaves the page: the request outlives the page.
   *
   * The promise resolves once the server has stored the click. While the server is not reached, or has no time, the click waits and is sent again, less and less often
   * (up to every 30 seconds), at once when the browser is back online: so the promise may be pending for long. It rejects with a RequestError when the server refuses the
   * click (NOT_FOUND: that search did not show this document; FAILED_PRECONDITION: the search is older than a day; UNAUTHENTICATED …), when newer ones pushed it out of the
   * queue (QUEUE_FULL), when it waited longer than `giveUpClicksAfterMs` (with the last failure's code), or when the client is closed (CLOSED). A rejection that nobody
   * handles makes no noise.
   *
   * Each call is a click of its own: it gets an `eventId`, which all its attempts keep, so however often it reaches the server it counts once. Waiting clicks are kept in
   * memory: a page that is closed while there is no network takes them along.
   */
  recordClick(click: RecordClickInput): Promise<RecordedClick>;
  /** Records clicks that were collected elsewhere, in calls of 100; each is judged by itself. Repeated like a query: the clicks' `eventId`s make that safe. */
  recordClicks(clicks: readonly RecordClickInput[], options?: RequestOptions): Promise<RecordedClicks>;
  /** Resolves when no click of `recordClick` waits any more, stored or not: before a script ends. */
  flush(): Promise<void>;
  /** Gives up the clicks that wait, and the page's events. Requests under way end by themselves. */
  close(): void;
}

/**
 * Makes a client; nothing is sent until it is asked for something.
 *
 * @example
 * const client = createClient({ url: 'http://localhost:4000' });
 * const { searchId, results } = await client.search({ query: 'heart' });
 * void client.recordClick({ searchId, documentId: results[0].document.id });
 */
export function createClient(options: ClientOptions): RankloopClient {
  const { key, timeoutMs: usualTimeoutMs = 15_000, retries: usualRetries = 3, maxQueuedClicks = 1_000, giveUpClicksAfterMs = 86_400_000, onClickLost } = options;
  const url = graphqlUrl(options.url);
  const send = (body: string, keepalive: boolean): Promise<unknown> => post(body, { url, key, timeoutMs: usualTimeoutMs, keepalive });
  const queue = new ClickQueue({ send, maxQueuedClicks, giveUpClicksAfterMs, onClickLost });

  const request: RankloopClient['request'] = async (operation, variables, { signal, timeoutMs = usualTimeoutMs, retries } = {}) => {
    const body = bodyOf(operation, variables);
    const more = retries ?? (/^\s*(query\b|\{)/.test(operation.text) ? usualRetries : 0);
    for (let failures = 1; ; failures++) {
      try {
        return (await post(body, { url, key, timeoutMs, signal })) as never;
      } catch (error) {
        const asked = retryAfterOf(error);
        if (!(error instanceof RequestError && error.mayPass) || failures > more || asked > timeoutMs) throw error;
        await wait(Math.max(asked, backOffMs(failures, LONGEST_WAIT_MS)), asked === 0, signal);
        signal?.throwIfAborted();
      }
    }
  };
  return {
    request,
    search: async (input, more) => (await request(Search, { input }, { retries: usualRetries, ...more })).search,
    previewRanking: async (input, more) => (await request(PreviewRanking, input, more)).previewRanking,
    recordClick: (click) => queue.add(identified(click)),
    recordClicks: async (clicks, more) => {
      const identifiedClicks = clicks.map(identified);
      const total: RecordedClicks = { recorded: 0, duplicates: 0, errors: [] };
      for (let from = 0; from < identifiedClicks.length; from += MAX_CLICKS_A_CALL) {
        const input = { clicks: identifiedClicks.slice(from, from + MAX_CLICKS_A_CALL) };
        const { recordClicks } = await request(RecordClicks, { input }, { retries: usualRetries, ...more });
        total.recorded += recordClicks.recorded;
        total.duplicates += recordClicks.duplicates;
        total.errors.push(...recordClicks.errors.map((error) => ({ ...error, index: from + error.index })));
      }
      return total;
    },
    flush: () => queue.flush(),
    close: () => queue.close(),
  };
}

function identified(click: RecordClickInput): RecordClickInput & { eventId: string } {
  return { ...click, eventId: click.eventId ?? newId() };
}
