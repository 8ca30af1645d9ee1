/** What can be said on the chaos suite's command line. */
import { parseArgs } from 'node:util';

export interface ChaosOptions {
  rounds: number;
  /** The same seed gives the same kinds of faults, and the same moments for them, in the same order. */
  seed: number;
  /** Where the figures are written as JSON; null: nowhere. */
  jsonFile: string | null;
}

export const USAGE = 'npm run test:chaos -- [--rounds N] [--seed S] [--json FILE]';

const DEFAULT_ROUNDS = 8;

/** @throws Error that says which option is wrong */
export function parseOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string' }, seed: { type: 'string' }, json: { type: 'string' } } });
  return {
    rounds: wholeNumber('rounds', values.rounds, 1) ?? DEFAULT_ROUNDS,
    seed: wholeNumber('seed', values.seed, 0) ?? Math.floor(Math.random() * 1_000_000),
    jsonFile: values.json ?? null,
  };
}

function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least) throw new Error(`--${name} is a whole number from ${least}, not "${text}"`);
  return number;
}
