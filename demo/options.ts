/** What can be said on the demo's command line. */
import { parseArgs } from 'node:util';

export interface DemoOptions {
  help: boolean;
  /** Searches after which the demo ends by itself; Infinity: it goes on until Ctrl-C. */
  searches: number;
  /** The crowd's taste and behaviour follow from it. */
  seed: number;
  searchesPerSecond: number;
}

const DEFAULT_SEED = 1;
const DEFAULT_SPEED = 6;
const MOST_SPEED = 1_000;

export const HELP = `Usage: rankloop demo [OPTIONS], or in a clone: npm run demo -- [OPTIONS]

Starts Rankloop on an embedded PostgreSQL, loads 1,949 emoji with English and Chinese words, and lets a crowd
of simulated users search and click. Nobody tells the server what the crowd likes: it learns that from clicks,
and this terminal says how well. A second start goes on from where the first ended.

Options:
  --searches N   end by itself after N searches, with a summary (default: go on until Ctrl-C)
  --seed N       another crowd with another taste (default ${DEFAULT_SEED}); on a second start with another seed you see
                 the ranking unlearn the old taste and learn the new one
  --speed N      searches a second, on average (default ${DEFAULT_SPEED}, at most ${MOST_SPEED.toLocaleString('en-US')})
  --help         this text

Reading along:
  nDCG@10        how good the first ten results are by the crowd's hidden taste: 1 is the best order there is;
                 the mean over what the crowd asks, the queries asked most counting most. "base" is the same
                 figure for the text ranking alone.
  never searched the same on 92 queries that the crowd never asks (every word that finds 20 to 200 documents): nothing
                 is known of what they find but its text, and learning must not make them worse than the text alone.
  head-to-heads  searches that showed the results of both, the learned ranking and the base ranker, by turns: the
                 one whose results were clicked more wins, and ties do not count. Behind it the interval
                 that holds the true share with 95 % confidence, however often one looks: above 50 %, users prefer
                 what was learned.
  log loss, AUC  how well clicks were predicted before the model had seen them; "served" is what was in service.
  the bar        samples that are ready to learn from, then (lighter) those still waiting for clicks, up to the
                 number that triggers a training.

Environment (the README has the whole table):
  PORT                 4000 unless set
  RANKLOOP_DATA_DIR    where PostgreSQL keeps its data (.rankloop); remove it to start afresh
  RANKLOOP_MODELS_DIR  where checkpoints go (models)
  DATABASE_URL         a PostgreSQL of your own instead of the embedded one
  LOG_LEVEL            the server's own log: only warnings unless set (debug, error, …)
`;

/** @throws Error that says which option is wrong, and where to read about them */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parse(args);
  return {
    help: values.help ?? false,
    searches: values.searches === undefined ? Infinity : wholeNumber('searches', values.searches, 1),
    seed: values.seed === undefined ? DEFAULT_SEED : wholeNumber('seed', values.seed, 0),
    searchesPerSecond: values.speed === undefined ? DEFAULT_SPEED : speed(values.speed),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' }, searches: { type: 'string' }, seed: { type: 'string' }, speed: { type: 'string' } },
    });
  } catch (error) {
    // Node's own advice on how to pass such a thing as a file name helps nobody here.
    const [fault] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new Error(`${fault}. --help lists the options.`);
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${name} must be a whole number from ${least}, not "${text}".`);
}

function speed(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number > 0 && number <= MOST_SPEED) return number;
  throw new Error(`--speed must be a number of searches a second above 0, at most ${MOST_SPEED.toLocaleString('en-US')}, not "${text}".`);
}
