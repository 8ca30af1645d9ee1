/** Group commit: what arrives while a transaction is under way goes into the next one, so that many requests share one COMMIT. What is read one by one is read so, too. */
import { AsyncResource } from 'node:async_hooks';
import { isDatabaseUnavailable } from './unavailable.js';

/** A group that takes longer waits for a lock that others need not wait for: the next one may begin beside it. */
const PATIENCE_MS = 100;
/** Groups under way at most. Each holds a connection. */
const MOST_GROUPS = 4;

export interface GroupLaneOptions<Item, Outcome> {
  /** Writes or reads a group in one transaction. @returns an outcome an item, in the order given */
  execute: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** Rows of an item. */
  rowsOf: (item: Item) => number;
  /** Rows of a group at most, beyond its first item. */
  groupRows: number;
}

interface Waiting<Item, Outcome> {
  item: Item;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
  /** Of the request that brought it: in traces a group belongs to the first of its own requests, not to whoever it waited for. */
  origin: AsyncResource;
}

/**
 * One transaction at a time, unless it takes longer than usual; nothing waits for company, so an idle server pays one commit. Order is
 * kept between groups, not promised within one.
 *
 * DeWitt et al., "Implementation techniques for main memory database systems", SIGMOD 1984 (group commit).
 */
export class GroupLane<Item, Outcome> {
  readonly #options: GroupLaneOptions<Item, Outcome>;
  #waiting: Waiting<Item, Outcome>[] = [];
  #underWay = 0;
  /** Of those under way, how many have used up our patience. */
  #slow = 0;

  constructor(options: GroupLaneOptions<Item, Outcome>) {
    this.#options = options;
  }

  /** Items that wait for the group under way. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves with the item's outcome after COMMIT; rejects when its group failed, for a reason that is not another item's. */
  submit(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject, origin: new AsyncResource('rankloop.group') });
      this.#begin();
    });
  }

  #begin(): void {
    while (this.#waiting.length > 0 && this.#underWay === this.#slow && this.#underWay < MOST_GROUPS) {
      const group = this.#take();
      void group[0]!.origin.runInAsyncScope(() => this.#run(group));
    }
  }

  /** The first of those that wait, as many as make a group. */
  #take(): Waiting<Item, Outcome>[] {
    const { rowsOf, groupRows } = this.#options;
    let rows = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      rows += rowsOf(item);
      if (count > 0 && rows > groupRows) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #run(group: readonly Waiting<Item, Outcome>[]): Promise<void> {
    let isSlow = false;
    this.#underWay++;
    const patience = setTimeout(() => {
      isSlow = true;
      this.#slow++;
      this.#begin();
    }, PATIENCE_MS);
    try {
      await this.#execute(group);
    } finally {
      clearTimeout(patience);
      this.#underWay--;
      if (isSlow) this.#slow--;
      this.#begin();
    }
  }

  /** Never rejects: each item hears of its own. */
  async #execute(group: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#options.execute(group.map(({ item }) => item));
      group.forEach(({ resolve }, i) => resolve(outcomes[i]!));
    } catch (error) {
      if (group.length > 1 && isFaultOfData(error)) {
        // One item that PostgreSQL cannot take must not spoil the others: each tries alone.
        for (const one of group) await this.#execute([one]);
        return;
      }
      for (const { reject } of group) reject(error);
      // Who came while the database was not reached would wait as long again: they are told now.
      if (isDatabaseUnavailable(error)) for (const { reject } of this.#waiting.splice(0)) reject(error);
    }
  }
}

/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint violation). */
function isFaultOfData(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^2[23]/.test(code);
}
