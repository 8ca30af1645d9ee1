/** What can be said on the benchmarks' command line. */
import { parseArgs } from 'node:util';
import { USER_KINDS, type UserKind } from './simulated-users.js';

export interface BenchmarkOptions {
  /** The folder with the data sets. */
  dataDirectory: string;
  /** Where the figures are written as JSON; null: nowhere. */
  jsonFile: string | null;
  /** Searches in a simulated run. */
  searches: number;
  /** Seeds, a run each. */
  seeds: readonly number[];
  /** The one fold of unseen queries to run; null: each in turn. */
  fold: number | null;
  users: UserKind;
}

export interface Command {
  names: string[];
  options: BenchmarkOptions;
}

const DEFAULT_SEEDS = [1, 2, 3];

export const USAGE = `npm run bench -- NAME [--json FILE] [--data DIR] [--searches N] [--seed N] [--folds all|F] [--users ${USER_KINDS.join('|')}]`;

/** @throws Error that says which option is wrong */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string', default: '../shared/data' },
      json: { type: 'string' },
      searches: { type: 'string', default: '5000' },
      seed: { type: 'string' },
      folds: { type: 'string', default: 'all' },
      users: { type: 'string', default: 'pbm:1' },
    },
  });
  const users = USER_KINDS.find((kind) => kind === values.users);
  if (users === undefined) throw new Error(`--users is one of ${USER_KINDS.join(', ')}, not "${values.users}"`);
  return {
    names: positionals,
    options: {
      dataDirectory: values.data,
      jsonFile: values.json ?? null,
      searches: wholeNumber('searches', values.searches, 1),
      seeds: values.seed === undefined ? DEFAULT_SEEDS : [wholeNumber('seed', values.seed, 0)],
      fold: values.folds === 'all' ? null : wholeNumber('folds', values.folds, 0),
      users,
    },
  };
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) throw new Error(`--${name} is a whole number from ${least}, not "${text}"`);
  return number;
}
