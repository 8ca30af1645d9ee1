/**
 * Subscribers who ask the same share one source: each event is executed and put into JSON once, whatever their number, and that text is sent
 * to each under its own id. What an event's answer says must therefore depend on nothing but the schema, the arguments and the role.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { isStartingWith, type StartingWith } from '../resolvers/subscriptions.js';
import { EventOrder } from './event-order.js';

/** As many as take some milliseconds to write to. */
const PORTION = 500;

export interface Subscriber {
  /** Those with the same key share: it holds all that an answer depends on. */
  key: string;
  /** Its socket's. */
  order: EventOrder;
  /** Sends a result, given as JSON, as this subscription's next message. It does not throw. */
  send: (json: string) => void;
}

/** A result as clients may see it, in JSON. The arguments are those of whoever of the group came first, or of the subscriber whom alone it concerns. */
type ToJson = (result: ExecutionResult, args: ExecutionArgs) => string;

export class SharedSubscriptions {
  readonly #toJson: ToJson;
  readonly #groups = new Map<string, Group>();

  constructor(toJson: ToJson) {
    this.#toJson = toJson;
  }

  /**
   * GraphQL's subscribe, but events are sent to the subscriber, past the iterator: that one yields nothing, ends or fails as the source does, and
   * ends the subscription when it is returned. What keeps the source from being opened is the result, as in GraphQL's own.
   */
  async subscribe(args: ExecutionArgs, subscriber: Subscriber): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const group = this.#groups.get(subscriber.key) ?? this.#found(args, subscriber.key);
    // Among them before anything is awaited: what comes from now on is kept until it has begun.
    const member = group.join(subscriber);
    try {
      const source = await group.opened;
      if (!(Symbol.asyncIterator in source)) return source;
      if (!isStartingWith(source)) return member.begin();
      // The state that a subscriber begins with is its own, and read after it has joined: it opens a source for that alone.
      const own = args === group.args ? source : await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in own)) {
        member.leave();
        return own;
      }
      if (!isStartingWith(own)) return member.begin();
      if (own !== source) await own.return?.();
      return member.begin(own, this.#toJson(await execute({ ...args, rootValue: own.first }), args));
    } catch (error) {
      member.leave();
      throw error;
    }
  }

  #found(args: ExecutionArgs, key: string): Group {
    const group: Group = new Group(args, this.#toJson, () => {
      if (this.#groups.get(key) === group) this.#groups.delete(key);
    });
    this.#groups.set(key, group);
    return group;
  }
}

/** All who ask the same. It ends with its source, or when the last of them leaves; whoever comes after that founds another. */
class Group {
  /** Of whoever came first: all events are executed with these. */
  readonly args: ExecutionArgs;
  /** The source, or why there is none. */
  readonly opened: Promise<AsyncIterable<unknown> | ExecutionResult>;
  readonly #toJson: ToJson;
  readonly #onEnd: () => void;
  readonly #members = new Set<Member>();
  #hasEnded = false;
  #endSource: (() => void) | undefined;

  constructor(args: ExecutionArgs, toJson: ToJson, onEnd: () => void) {
    this.args = args;
    this.#toJson = toJson;
    this.#onEnd = onEnd;
    this.opened = this.#open();
  }

  join(subscriber: Subscriber): Member {
    const member: Member = new Member(subscriber, () => {
      this.#members.delete(member);
      if (this.#members.size === 0) this.#end();
    });
    this.#members.add(member);
    return member;
  }

  async #open(): Promise<AsyncIterable<unknown> | ExecutionResult> {
    try {
      const source = await createSourceEventStream(this.args);
      if (Symbol.asyncIterator in source) void this.#follow(isStartingWith(source) ? source.changes : source);
      else this.#end();
      return source;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** One event after the other: a source keeps, or drops, what comes while an answer is put together. */
  async #follow(source: AsyncIterable<unknown>): Promise<void> {
    const events = source[Symbol.asyncIterator]();
    this.#endSource = () => void events.return?.().catch(() => undefined);
    try {
      for (let event = await events.next(); !event.done && !this.#hasEnded; event = await events.next()) await this.#share(event.value);
      for (const member of this.#members) member.end();
    } catch (error) {
      for (const member of this.#members) member.fail(error);
    }
    this.#end();
  }

  /** In portions, between which requests get their turn; each subscriber's place in its order is taken when the event begins. */
  async #share(event: unknown): Promise<void> {
    const waiting = [...this.#members].map((member) => member.expect(event));
    let json: string | null = null;
    try {
      json = this.#toJson(await execute({ ...this.args, rootValue: event }), this.args);
      while (waiting.length > PORTION) {
        for (const answer of waiting.splice(0, PORTION)) answer(json);
        await nextTurn();
      }
    } finally {
      for (const answer of waiting) answer(json);
    }
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd();
    this.#endSource?.();
  }
}

/** One subscriber's place in a group. */
class Member {
  readonly #subscriber: Subscriber;
  readonly #onLeave: () => void;
  readonly #ended: Promise<IteratorResult<ExecutionResult>>;
  #settle: { resolve: (end: IteratorResult<ExecutionResult>) => void; reject: (error: unknown) => void } | undefined;
  /** What is shared before it has begun waits here. */
  #beginning: EventOrder | null = new EventOrder();
  readonly #begun = this.#beginning?.begin();
  #follows: StartingWith<unknown>['follows'] | undefined;
  #hasLeft = false;

  constructor(subscriber: Subscriber, onLeave: () => void) {
    this.#subscriber = subscriber;
    this.#onLeave = onLeave;
    this.#ended = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever ended the subscription no longer looks.
    this.#ended.catch(() => undefined);
  }

  /** First the state it starts with, if there is one; then what came meanwhile and is newer, and from then on what comes. */
  begin(own?: StartingWith<unknown>, first?: string): AsyncIterableIterator<ExecutionResult> {
    this.#follows = own?.follows.bind(own);
    this.#subscriber.order.answer(() => {
      if (first !== undefined) this.#send(first);
      this.#begun?.answer(() => (this.#beginning = null));
    });
    const iterator: AsyncIterableIterator<ExecutionResult> = {
      next: () => this.#ended,
      return: async () => {
        this.leave();
        return END;
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** An event whose answer is being put together. @returns what must be called with it, or with null when there is none */
  expect(event: unknown): (json: string | null) => void {
    const pass = (json: string | null) => (): void => {
      if (json !== null) this.#pass(event, json);
    };
    if (this.#beginning) return (json) => this.#onceBegun(pass(json));
    const turn = this.#subscriber.order.begin();
    return (json) => turn.answer(pass(json));
  }

  /** After all that came before, as everything else. */
  end(): void {
    this.#onceBegun(() => this.leave());
  }

  fail(error: unknown): void {
    this.#onceBegun(() => {
      this.#settle?.reject(error);
      this.leave();
    });
  }

  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#settle?.resolve(END);
    this.#onLeave();
  }

  #onceBegun(handOn: () => void): void {
    const inOrder = (): void => this.#subscriber.order.answer(handOn);
    if (this.#beginning) this.#beginning.answer(inOrder);
    else inOrder();
  }

  #pass(event: unknown, json: string): void {
    if (this.#follows?.(event) ?? true) this.#send(json);
  }

  #send(json: string): void {
    if (!this.#hasLeft) this.#subscriber.send(json);
  }
}

const END: IteratorReturnResult<undefined> = { value: undefined, done: true };
