/** The commands, their options and their help: what can be typed, and nothing of what it does. */
import { existsSync, readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { EXPORT_FORMATS, exportRows, type ExportOptions, type SampleExportOptions } from './commands/export.js';
import { importFile, type ImportOptions } from './commands/import.js';
import { rollback, type RollbackOptions } from './commands/rollback.js';
import { startDemo, startServer } from './commands/start.js';
import { status, type StatusOptions } from './commands/status.js';
import { train, type TrainOptions } from './commands/train.js';
import * as help from './help.js';
import { FORMATS } from './import/source.js';

const DEFAULT_URL = 'http://localhost:4000';
const DEFAULT_WAIT_SECONDS = 60;

export function createProgram(): Command {
  const program = new Command('rankloop')
    .description('Search ranking that learns from clicks: the server, and what one does with it from a terminal.')
    .version(version(), '-V, --version', 'the version')
    .helpOption('-h, --help', 'this text; after a command, that command’s')
    .exitOverride()
    .showHelpAfterError('(add --help for what can be said here)')
    .addHelpText('after', help.OVERVIEW);

  program
    .command('start')
    .summary('run the server')
    .description('Runs the server in this terminal until Ctrl-C: page, playground and API on one port, PostgreSQL included.')
    .addHelpText('after', help.START)
    .action(() => startServer());

  program
    .command('demo')
    .summary('run the server with a catalogue and simulated users')
    .description('Runs the server with 1,949 emoji and a crowd that searches and clicks; `rankloop demo --help` lists its options.')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_options: unknown, command: Command) => startDemo(command.args));

  onServer(program.command('import'))
    .summary('put documents from a file into the catalogue')
    .description('Inserts or replaces documents by id from JSON Lines, CSV with a header, or a JSON array; a file of any size.')
    .argument('<file>', 'the file, or - for standard input')
    .addOption(new Option('--format <format>', 'instead of the one the extension tells').choices(FORMATS))
    .option('--map <field=column,…>', 'which columns are id, title and body, where they have other names')
    .option('--attributes <columns>', 'the columns kept as attributes, comma-separated; all others unless given')
    .option('--delimiter <character>', 'what separates CSV columns (, unless given; a tab for tsv)', oneCharacter)
    .option('--restart', 'begin again, also where an earlier import was interrupted')
    .addOption(waitOption())
    .addHelpText('after', help.IMPORT)
    .action(async (file: string, options: ImportOptions) => exitWith(await importFile(file, options)));

  const exports = program.command('export').summary('write what is stored to a file or a pipe').description('Writes samples or documents as JSON Lines or CSV.').addHelpText('after', help.EXPORT);
  exported(exports.command('documents'))
    .summary('the catalogue, by id')
    .description('Writes the catalogue, by id: what `import` reads.')
    .action(async (options: ExportOptions) => exitWith(await exportRows('documents', options)));
  exported(exports.command('samples'))
    .summary('results shown, and whether they were clicked')
    .description('Writes the stored samples, newest search first: each result shown, with what was known then and what came of it.')
    .option('--clicked', 'only what was clicked')
    .option('--not-clicked', 'only what was not')
    .option('--query <text>', 'only queries with this part in them, in either case')
    .option('--document <id>', 'only this document')
    .option('--search <id>', 'only this search')
    .option('--after <time>', 'only what was shown at or after, as 2026-11-24 or 2026-11-24T08:00:00Z (UTC unless it says otherwise)', time)
    .option('--before <time>', 'only what was shown before', time)
    .action(async (options: SampleExportOptions) => exitWith(await exportRows('samples', options)));

  onServer(program.command('train'))
    .summary('train a model now')
    .description('Starts a training run, waits for it, and says what came of it.')
    .addOption(new Option('--mode <mode>', 'offline: from everything stored, beside the automatic runs; online: as the automatic runs do').choices(['offline', 'online']).default('offline'))
    .addOption(new Option('--model <type>', 'the content model (logistic offline, else as in the settings)').choices(['logistic', 'incremental']))
    .option('--no-activate', 'keep the new model without serving it')
    .option('--no-wait', 'return as soon as the run has begun')
    .addHelpText('after', help.TRAIN)
    .action(async (options: Omit<TrainOptions, 'mode' | 'model'> & { mode: string; model?: string }) =>
      exitWith(await train({ ...options, mode: options.mode.toUpperCase() as TrainOptions['mode'], model: options.model?.toUpperCase() as TrainOptions['model'] })),
    );

  onServer(program.command('rollback'))
    .summary('serve with what served before')
    .description('Goes one step back in the history of what served; called again, one step further, in the end to the text ranking.')
    .option('--reason <text>', 'kept in the history')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', help.ROLLBACK)
    .action(async (options: RollbackOptions) => exitWith(await rollback(options)));

  onServer(program.command('status'))
    .summary('what serves, and how far the next training is')
    .description('Says whether the server is there, what serves since when, how far the next training is, and how learning does.')
    .option('--json', 'the same figures, for programs')
    .addHelpText('after', help.STATUS)
    .action(async (options: StatusOptions) => exitWith(await status(options)));

  return program;
}

/** A command of a running server. */
function onServer(command: Command): Command {
  return command
    .addOption(new Option('--url <address>', 'of the server').env('RANKLOOP_URL').default(DEFAULT_URL).argParser(address))
    .addOption(new Option('--key <key>', 'the admin key, where the server has keys; in the environment other users of the machine do not see it').env('RANKLOOP_KEY'));
}

function exported(command: Command): Command {
  return onServer(command)
    .option('--out <file>', 'a file instead of standard output; it appears when it is whole')
    .addOption(new Option('--format <format>', 'jsonl unless given, or the file ends in .csv').choices(EXPORT_FORMATS))
    .option('--limit <number>', 'at most so many rows', wholeNumber)
    .addOption(waitOption());
}

function waitOption(): Option {
  return new Option('--wait <seconds>', 'how long to wait for a server that is away').default(DEFAULT_WAIT_SECONDS).argParser(wholeNumber);
}

function exitWith(code: number): void {
  process.exitCode = code;
}

function address(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new InvalidArgumentError('It must be an address like http://localhost:4000.');
  return text.replace(/\/+$/, '');
}

function oneCharacter(text: string): string {
  const character = text === '\\t' ? '\t' : text;
  if (character.length !== 1 || /["\r\n]/.test(character)) throw new InvalidArgumentError('It must be one character, and no quote.');
  return character;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function time(text: string): Date {
  // Without a time zone JavaScript takes a date for UTC, but a date with a time for local.
  const moment = new Date(/T.*(Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(moment.getTime())) throw new InvalidArgumentError('It must be a date or a time like 2026-11-24 or 2026-11-24T08:00:00Z.');
  return moment;
}

/** From cli/ as from dist/cli/. */
function version(): string {
  const [manifest] = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url)).filter((url) => existsSync(url));
  if (!manifest) throw new Error('package.json is missing beside the program.');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
