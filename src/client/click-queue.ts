/** Clicks on their way: sent at once, together when many wait, again when that failed, and with what is left of the page's time when it is left. */
import { backOffMs, retryAfterOf, wait } from './back-off.js';
import { RecordClicks, type RecordClickInput, type RecordClicksMutation } from './generated/operations.js';
import { isHidden, onPage } from './page.js';
import { bodyOf } from './post.js';
import { RequestError } from './request-error.js';

export interface ClickQueueOptions {
  /** Sends one body; resolves to the answer's data, rejects with a RequestError. */
  send: (body: string, keepalive: boolean) => Promise<unknown>;
  maxQueuedClicks: number;
  giveUpClicksAfterMs: number;
  onClickLost: ((click: RecordClickInput, error: RequestError) => void) | undefined;
}

/** A click that the server has stored. */
export interface RecordedClick {
  /** By which the server tells this click from others. */
  eventId: string;
}

interface PendingClick {
  input: RecordClickInput;
  eventId: string;
  bytes: number;
  queuedAt: number;
  /** Part of a call whose answer is awaited. */
  isUnderWay: boolean;
  isOver: boolean;
  resolve: (recorded: RecordedClick) => void;
  reject: (error: RequestError) => void;
}

/** What the server takes in a call. */
export const MAX_CLICKS_A_CALL = 100;
/** Browsers let requests outlive their page whose bodies have 64 KB together; the rest is for the operation's text and for others. */
const MAX_KEPT_ALIVE_BYTES = 60_000;
const LONGEST_WAIT_MS = 30_000;

export class ClickQueue {
  readonly #options: ClickQueueOptions;
  /** In the order they happened, those under way included. */
  readonly #clicks: PendingClick[] = [];
  readonly #closing = new AbortController();
  #isRunning = false;
  #keptAliveBytes = 0;
  /** So many of the next clicks go one by one, because one among them spoiled their call. */
  #alone = 0;
  #onEmpty: (() => void)[] = [];

  constructor(options: ClickQueueOptions) {
    this.#options = options;
    const leave = (): void => this.#sendBeforeLeaving();
    const forget = [onPage('pagehide', leave), onPage('visibilitychange', () => isHidden() && leave())];
    this.#closing.signal.addEventListener('abort', () => forget.forEach((end) => end()));
  }

  /** The request leaves before this returns, unless others are waiting: a link followed in the same moment does not stop it. */
  add(input: RecordClickInput & { eventId: string }): Promise<RecordedClick> {
    const recorded = new Promise<RecordedClick>((resolve, reject) => {
      const click: PendingClick = { input, eventId: input.eventId, bytes: sizeOf(input), queuedAt: Date.now(), isUnderWay: false, isOver: false, resolve, reject };
      if (this.#closing.signal.aborted) return this.#lose(click, new RequestError('CLOSED', 'The client was closed.'));
      if (this.#clicks.length >= this.#options.maxQueuedClicks) {
        const oldest = this.#clicks.find(({ isUnderWay }) => !isUnderWay);
        this.#lose(oldest ?? click, new RequestError('QUEUE_FULL', `More than ${this.#options.maxQueuedClicks} clicks wait for the server.`));
        if (!oldest) return;
      }
      this.#clicks.push(click);
      void this.#run();
    });
    // Clicks are mostly sent without waiting for them: a rejection that nobody handles would end a Node process.
    recorded.catch(() => undefined);
    return recorded;
  }

  /** Resolves when no click waits any more. */
  flush(): Promise<void> {
    return this.#clicks.length === 0 ? Promise.resolve() : new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  close(): void {
    this.#closing.abort();
    for (const click of [...this.#clicks]) this.#lose(click, new RequestError('CLOSED', 'The client was closed before the server had the click.'));
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    let failures = 0;
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      const failure = await this.#deliver(batch);
      if (!failure) {
        failures = 0;
        continue;
      }
      failures++;
      const asked = retryAfterOf(failure);
      const latest = Date.now() - this.#options.giveUpClicksAfterMs;
      for (const click of this.#clicks.filter(({ queuedAt, isUnderWay }) => queuedAt <= latest && !isUnderWay)) this.#lose(click, failure);
      if (this.#clicks.length > 0) await wait(Math.max(asked, backOffMs(failures, LONGEST_WAIT_MS)), asked === 0, this.#closing.signal);
    }
    this.#isRunning = false;
  }

  /** The oldest that are not under way, as many as fit into a call. */
  #nextBatch(maxBytes = MAX_KEPT_ALIVE_BYTES): PendingClick[] {
    const waiting = this.#clicks.filter(({ isUnderWay }) => !isUnderWay).slice(0, this.#alone > 0 ? 1 : MAX_CLICKS_A_CALL);
    let bytes = 0;
    const tooMany = waiting.findIndex((click) => (bytes += click.bytes) > maxBytes);
    return tooMany === -1 ? waiting : waiting.slice(0, Math.max(1, tooMany));
  }

  /** Settles every click of the batch, or resolves to the failure after which it may be sent again. */
  async #deliver(batch: readonly PendingClick[]): Promise<RequestError | null> {
    const bytes = batch.reduce((sum, click) => sum + click.bytes, 0);
    const keepalive = this.#keptAliveBytes + bytes <= MAX_KEPT_ALIVE_BYTES;
    if (keepalive) this.#keptAliveBytes += bytes;
    for (const click of batch) click.isUnderWay = true;
    try {
      const { recordClicks } = (await this.#options.send(bodyOf(RecordClicks, { input: { clicks: batch.map(({ input }) => input) } }), keepalive)) as RecordClicksMutation;
      const faults = new Map(recordClicks.errors.map(({ index, code, message }) => [index, new RequestError(code, message)]));
      batch.forEach((click, index) => this.#settle(click, faults.get(index)));
      this.#alone = Math.max(0, this.#alone - batch.length);
      return null;
    } catch (error) {
      const refusal = error instanceof RequestError ? error : new RequestError('UNKNOWN', String(error));
      if (refusal.mayPass) return refusal;
      // A value of the wrong type makes the server refuse the call, not the click.
      if (refusal.code === 'BAD_USER_INPUT' && batch.length > 1) this.#alone = batch.length;
      else {
        this.#alone = Math.max(0, this.#alone - batch.length);
        for (const click of batch) this.#lose(click, refusal);
      }
      return null;
    } finally {
      for (const click of batch) click.isUnderWay = false;
      if (keepalive) this.#keptAliveBytes -= bytes;
    }
  }

  /** The page may never run again: whatever waits goes now, in calls that outlive it, as far as the browser's allowance reaches. */
  #sendBeforeLeaving(): void {
    for (;;) {
      const room = MAX_KEPT_ALIVE_BYTES - this.#keptAliveBytes;
      const batch = this.#nextBatch(room);
      if (batch.length === 0 || batch.reduce((sum, { bytes }) => sum + bytes, 0) > room) return;
      // A page that was only hidden goes on: what failed waits its turn again.
      void this.#deliver(batch).then(() => this.#run());
    }
  }

  #settle(click: PendingClick, error: RequestError | undefined): void {
    if (error) return this.#lose(click, error);
    if (!this.#end(click)) return;
    click.resolve({ eventId: click.eventId });
  }

  #lose(click: PendingClick, error: RequestError): void {
    if (!this.#end(click)) return;
    click.reject(error);
    this.#options.onClickLost?.(click.input, error);
  }

  /** Takes a click out; false if that was done already: a click may be in two calls, or be closed while in one. */
  #end(click: PendingClick): boolean {
    if (click.isOver) return false;
    click.isOver = true;
    const index = this.#clicks.indexOf(click);
    if (index >= 0) this.#clicks.splice(index, 1);
    if (this.#clicks.length === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
    return true;
  }
}

function sizeOf(input: RecordClickInput): number {
  return new TextEncoder().encode(JSON.stringify(input)).length + 1;
}
