/** The course of the suite: a first look without a fault, the rounds, and a last comparison of everything. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/simulation/seeded-random.js';
import { compareAll, compareEntries, searchIdFromNow, type Findings } from './comparison.js';
import { FAULTS, faultsInTurn, type Inflicted } from './faults.js';
import { Ledger } from './ledger.js';
import { CATALOGUE, Load } from './load.js';
import type { ServerUnderTest } from './server-under-test.js';
import { tryComparison } from './spoils.js';
import { endLeases, inSnapshot, type Sql } from './stored.js';

/** One that does not answer within this has not come back. */
const RECOVERY_LIMIT_MS = 30_000;
/** A run that a killed process has left is taken up after 15 s, and takes a moment. */
const RUNS_LIMIT_MS = 25_000;
/** How often everything is compared, not what the round wrote alone. */
export const WHOLE_EVERY = 10;
const LONGEST_BEFORE_MS = 1_200;
const LONGEST_AFTER_MS = 400;
const LEAST_MS = 200;
const POLL_MS = 25;

export interface RoundReport {
  round: number;
  kind: string;
  /** Until a search was answered again; null: it was not. */
  recoveredMs: number | null;
  /** Clicks that were not answered, all sent again, */
  retried: number;
  /** and those of them that had been stored. */
  stored: number;
  findings: Findings;
}

/** What was learned in all. */
export interface Trained {
  runs: number;
  promoted: number;
  /** Runs that more than one process worked at. */
  takenUp: number;
}

/** Settings under which runs follow each other without a pause, and the click memory can be recounted: nothing is drawn or interleaved. */
const SETTINGS = { trainingThreshold: 50, minSecondsBetweenRuns: 0, explorationRate: 0, proofRate: 0 };
const CONFIGURE = 'mutation($input: UpdateOnlineLearningConfigInput!) { updateOnlineLearningConfig(input: $input) { config { revision } } }';
const IMPORT = 'mutation($documents: [DocumentInput!]!) { importDocuments(input: { documents: $documents }) { imported } }';

export class ChaosSuite {
  readonly ledger = new Ledger();
  readonly load: Load;
  readonly #server: ServerUnderTest;
  readonly #random: () => number;
  readonly #kinds: Iterator<string, never>;

  constructor(server: ServerUnderTest, seed: number) {
    this.#server = server;
    this.#random = seededRandom(seed);
    this.#kinds = faultsInTurn(this.#random);
    this.load = new Load({ url: server.url, ledger: this.ledger, seed: seed + 1 });
  }

  /** Starts the server, fills it, lets it learn, and tries whether the comparison would notice what it is there for. */
  async begin(): Promise<{ tried: number; unnoticed: string[]; findings: Findings }> {
    this.#server.start();
    // The empty catalogue is no place to search.
    await this.#until(() => this.load.ask('{ __typename }').then(() => true, () => false));
    const address = await this.#server.address();
    const unsafe = await inSnapshot(address, (sql) => sql(`select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting <> 'on'`));
    if (unsafe.length > 0) throw new Error(`The database is not durable: ${JSON.stringify(unsafe)}`);
    await this.load.ask(IMPORT, { documents: CATALOGUE });
    await this.load.ask(CONFIGURE, { input: { ...SETTINGS, attributionWindowSeconds: 0 } });
    this.load.start();
    await this.#until(async () => (await this.#sql((sql) => sql(`select 1 from activation where reason = 'TRAINED'`))).length >= 3);
    await this.load.stop();
    await this.#runsEnd();
    const findings = await this.#sql((sql) => compareAll(sql, this.ledger.entries()));
    return { ...(await tryComparison(address, this.ledger.entries())), findings };
  }

  async round(round: number): Promise<RoundReport> {
    this.ledger.round = round;
    const from = searchIdFromNow();
    const kind = this.#kinds.next().value;
    await this.load.ask(CONFIGURE, { input: { attributionWindowSeconds: this.#random() < 0.5 ? 0 : 1 } });
    this.load.start();
    await sleep(LEAST_MS + this.#random() * LONGEST_BEFORE_MS);
    const inflicted = await FAULTS[kind]!(this.#server, this.#random);
    const recoveredMs = await this.#recovery(inflicted);
    await sleep(LEAST_MS + this.#random() * LONGEST_AFTER_MS);
    await this.load.stop();
    if (recoveredMs === null) {
      return { round, kind, recoveredMs, retried: 0, stored: 0, findings: { lost: [], duplicated: [], wrong: [...inflicted.faults, `no search was answered within ${RECOVERY_LIMIT_MS} ms`] } };
    }
    const retries = await this.load.settle();
    const { oldPostmaster, serverKilledAt } = inflicted;
    if (serverKilledAt !== undefined) await endLeases(await this.#server.address(), serverKilledAt);
    // This process has outlived its database, and its runs must have, too.
    else if (oldPostmaster !== undefined) await this.#runsEnd(RUNS_LIMIT_MS).catch(() => inflicted.faults.push(`a training run did not end within ${RUNS_LIMIT_MS} ms`));
    const findings = await this.#sql((sql) => (round % WHOLE_EVERY === 0 ? compareAll(sql, this.ledger.entries()) : compareEntries(sql, this.ledger.entries(round), from)));
    findings.wrong.push(...inflicted.faults, ...this.#surprises(), ...(await this.#serving()));
    return { round, kind, recoveredMs, ...retries, findings };
  }

  /** Learns what is left, compares everything, and stops the server. */
  async end(): Promise<Findings & Trained> {
    await this.load.ask(CONFIGURE, { input: { attributionWindowSeconds: 0 } });
    await this.#learnTheRest();
    const findings = await this.#sql((sql) => compareAll(sql, this.ledger.entries()));
    const [trained] = await this.#sql((sql) =>
      sql(`select count(*)::int as runs, (select count(*)::int from activation) as promoted, (count(*) filter (where attempts > 1))::int as "takenUp" from training_run`),
    );
    findings.wrong.push(...this.#surprises(), ...(await this.#serving()), ...(await this.#server.terminate()));
    return { ...findings, ...trained };
  }

  /** Milliseconds from the fault until a search was answered by what had to be started; null when that took too long. */
  async #recovery({ at, oldPostmaster, faults }: Inflicted): Promise<number | null> {
    const isOver = (): boolean => performance.now() - at > RECOVERY_LIMIT_MS;
    for (let postmaster; oldPostmaster !== undefined; await sleep(POLL_MS)) {
      postmaster = await this.#server.postmaster();
      if (postmaster && postmaster.pid !== oldPostmaster) break;
      if (!this.#server.runs || isOver()) break;
    }
    for (; !isOver(); await sleep(POLL_MS)) {
      if (!this.#server.runs) {
        faults.push(`the server ended by itself:\n${await this.#server.logTail()}`);
        this.#server.start();
      }
      if (await this.load.probe()) return performance.now() - at;
    }
    return null;
  }

  /** What serves is what is in force. The comparison says whether that is as it should be. */
  async #serving(): Promise<string[]> {
    let served = '';
    let inForce = '';
    const isSo = async (): Promise<boolean> => {
      served = (await this.load.ask('{ activeRanker { id } }')).activeRanker.id;
      inForce = (await this.#sql((sql) => sql('select ranker_id as id from activation order by id desc limit 1')))[0]?.id ?? 'base';
      return served === inForce;
    };
    return this.#until(isSo, 5_000).then(
      () => [],
      () => [`${served} serves, and ${inForce} is in force`],
    );
  }

  async #learnTheRest(): Promise<void> {
    await this.#until(async () => {
      await this.#runsEnd();
      try {
        await this.load.ask('mutation { trainModel(input: { mode: ONLINE }) { run { id } } }');
        return false;
      } catch (error) {
        // A run that has just opened by itself is waited for; with nothing left to learn there is none.
        const { trainingRuns } = await this.load.ask('{ trainingRuns(first: 1) { edges { node { status } } } }');
        const isOpen = ['QUEUED', 'RUNNING'].includes(trainingRuns.edges[0]?.node.status);
        if (!isOpen && !/nothing|no /i.test(String(error))) throw error;
        return !isOpen;
      }
    });
  }

  #runsEnd(limitMs?: number): Promise<void> {
    return this.#until(async () => (await this.#sql((sql) => sql(`select 1 from training_run where status in ('QUEUED', 'RUNNING')`))).length === 0, limitMs);
  }

  async #sql<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return inSnapshot(await this.#server.address(), work);
  }

  #surprises(): string[] {
    const surprises = [...this.load.surprises].map((surprise) => `an unexpected answer: ${surprise}`);
    this.load.surprises.clear();
    return surprises;
  }

  async #until(isSo: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
    for (const deadline = performance.now() + limitMs; !(await isSo()); await sleep(POLL_MS)) {
      if (performance.now() > deadline) throw new Error('What was waited for did not come.');
    }
  }
}

