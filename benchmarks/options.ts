/** What can be said on the benchmarks' command line. */
import { parseArgs } from 'node:util';
import { userKind, type UserKind } from '../src/simulation/simulated-user.js';

export interface BenchmarkOptions {
  /** The folder with the data sets. */
  dataDirectory: string;
  /** Where the figures are written as JSON; null: nowhere. */
  jsonFile: string | null;
  /** Searches in a simulated run; null: as many as the benchmark takes by itself. */
  searches: number | null;
  /** Whole paths of each kind; null: as many as the benchmark takes by itself. */
  paths: number | null;
  /** Documents in the catalogue; null: as many as the benchmark takes by itself. */
  documents: number | null;
  /** Samples stored; null: as many as the benchmark takes by itself. */
  samples: number | null;
  /** Sockets that subscribe; null: as many as the benchmark takes by itself. */
  sockets: number | null;
  /** Seeds, a run each. */
  seeds: readonly number[];
  /** The one fold of unseen queries to run; null: each in turn. */
  fold: number | null;
  /** null: those that the benchmark takes by itself. */
  users: UserKind | null;
  /** The first session that is only predicted, not learned. */
  holdoutFrom: number;
  /** Share of searches in which a pair is drawn. */
  explorationRate: number;
  /** Share of searches interleaved with the base ranker; null: as the benchmark takes it by itself. */
  proofRate: number | null;
  /** Whether the users' taste changes half way. */
  drift: boolean;
}

export interface Command {
  names: string[];
  options: BenchmarkOptions;
}

const DEFAULT_SEEDS = [1, 2, 3];
/** The users that the ranking is made for. */
export const USUAL_USERS: UserKind = 'pbm:1';

export const USAGE =
  'npm run bench -- NAME [--json FILE] [--data DIR] [--searches N] [--paths N] [--documents N] [--samples N] [--sockets N] [--seed N] [--folds all|F] [--users pbm:E|cascade|noise|spam] ' +
  '[--holdout-from S] [--exploration-rate R] [--proof-rate R] [--drift]';

/** @throws Error that says which option is wrong */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string', default: '../shared/data' },
      json: { type: 'string' },
      searches: { type: 'string' },
      paths: { type: 'string' },
      documents: { type: 'string' },
      samples: { type: 'string' },
      sockets: { type: 'string' },
      seed: { type: 'string' },
      folds: { type: 'string', default: 'all' },
      users: { type: 'string' },
      'holdout-from': { type: 'string', default: '36145' },
      'exploration-rate': { type: 'string', default: '.5' },
      'proof-rate': { type: 'string' },
      drift: { type: 'boolean', default: false },
    },
  });
  const users = values.users === undefined ? null : userKind(values.users);
  if (values.users !== undefined && users === null) throw new Error(`--users is pbm:E (E from 0 to 10), cascade, noise or spam, not "${values.users}"`);
  return {
    names: positionals,
    options: {
      dataDirectory: values.data,
      jsonFile: values.json ?? null,
      searches: values.searches === undefined ? null : wholeNumber('searches', values.searches, 1),
      paths: values.paths === undefined ? null : wholeNumber('paths', values.paths, 1),
      documents: values.documents === undefined ? null : wholeNumber('documents', values.documents, 1),
      samples: values.samples === undefined ? null : wholeNumber('samples', values.samples, 1),
      sockets: values.sockets === undefined ? null : wholeNumber('sockets', values.sockets, 1),
      seeds: values.seed === undefined ? DEFAULT_SEEDS : [wholeNumber('seed', values.seed, 0)],
      fold: values.folds === 'all' ? null : wholeNumber('folds', values.folds, 0),
      users,
      holdoutFrom: wholeNumber('holdout-from', values['holdout-from'], 0),
      explorationRate: share('exploration-rate', values['exploration-rate']),
      proofRate: values['proof-rate'] === undefined ? null : share('proof-rate', values['proof-rate']),
      drift: values.drift,
    },
  };
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) throw new Error(`--${name} is a whole number from ${least}, not "${text}"`);
  return number;
}

function share(name: string, text: string): number {
  const number = text.trim() === '' ? NaN : Number(text);
  if (!(number >= 0 && number <= 1)) throw new Error(`--${name} is a number from 0 to 1, not "${text}"`);
  return number;
}
