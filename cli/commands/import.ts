/** `rankloop import FILE`: documents from a file into the catalogue. */
import { EXIT, type ExitCode } from '../exit-codes.js';
import { count, counted, duration } from '../format.js';
import { HasDocument } from '../generated/operations.js';
import { batches } from '../import/batches.js';
import { importBatches } from '../import/importer.js';
import { Journal, type Standing } from '../import/journal.js';
import { parseMapping } from '../import/mapping.js';
import { Progress } from '../import/progress.js';
import { findSource, readRows, type Format, type Source } from '../import/source.js';
import { interruptible } from '../interruption.js';
import { connectPatiently, inWords, type Request, type ServerOptions } from '../server.js';

export interface ImportOptions extends ServerOptions {
  format?: Format;
  map?: string;
  attributes?: string;
  delimiter?: string;
  restart?: boolean;
  /** Seconds. */
  wait: number;
}

/** The server indexes what it stores before it answers: a thousand long documents take it some seconds. */
const CALL_TIMEOUT_MS = 120_000;
const BEGINNING: Standing = { rows: 0, badRows: 0, bytes: 0, lastId: null };

export function importFile(name: string, options: ImportOptions): Promise<ExitCode> {
  return interruptible(async (signal) => {
    const mapping = parseMapping(options.map, options.attributes);
    const source = await findSource(name, options.format);
    const progress = new Progress(process.stderr);
    const request = connectPatiently({ ...options, waitSeconds: options.wait, timeoutMs: CALL_TIMEOUT_MS, signal, say: (line) => progress.say(line) });
    const journal = source.file && new Journal({ ...source.file, url: options.url, reading: JSON.stringify([source.format, options.delimiter ?? null, mapping]) });
    let standing = BEGINNING;
    const startedAt = performance.now();
    const figures = (): Parameters<Progress['begin']>[0] => ({ rows: standing.rows, badRows: standing.badRows, bytes: standing.bytes, totalBytes: source.file?.size });
    try {
      standing = (!options.restart && journal && (await resumable(journal, request, (line) => progress.say(line)))) || BEGINNING;
      const from = standing;
      progress.begin(figures());
      await importBatches(batches(readRows(source, mapping, options.delimiter), mapping, from.rows), {
        request,
        from,
        onFaults: (faults) => faults.forEach(({ line, reason }) => progress.say(`${source.name}:${line}: ${reason}`)),
        onStanding: async (reached) => {
          standing = reached;
          progress.update(figures());
          const failure = await journal?.write(standing);
          if (failure) progress.say(`Where it stands cannot be kept beside the file (${failure}): should it be interrupted, it begins again.`);
        },
      });
      progress.end();
      await journal?.remove();
      process.stdout.write(`${summary(source, standing, from, (performance.now() - startedAt) / 1_000)}\n`);
      return standing.badRows > 0 ? EXIT.badRows : EXIT.done;
    } catch (error) {
      progress.end();
      if (standing.rows > 0) process.stderr.write(`${whereItStands(source, standing)}\n`);
      throw inWords(error, options.url);
    }
  });
}

/** Where an interrupted import goes on; null when it has to begin: the documents it had stored may be gone with the server's data. */
async function resumable(journal: Journal, request: Request, say: (line: string) => void): Promise<Standing | null> {
  const standing = await journal.read();
  if (!standing) return null;
  const { document } = standing.lastId === null ? { document: null } : await request(HasDocument, { id: standing.lastId });
  if (!document && standing.lastId !== null) {
    say('An earlier import of this file was interrupted, but what it had stored is not there any more: it begins again.');
    return null;
  }
  say(`Going on behind ${counted(standing.rows, 'row')} that an earlier import is done with (--restart begins again).`);
  return standing;
}

function summary(source: Source, { rows, badRows }: Standing, from: Standing, seconds: number): string {
  const earlier = from.rows > 0 ? `, ${count(from.rows - from.badRows)} of them before the interruption` : '';
  const rate = seconds > 0 ? ` (${count(Math.round((rows - from.rows) / seconds))} rows/s)` : '';
  const bad = badRows === 0 ? '' : ` ${counted(badRows, 'bad row')} ${badRows === 1 ? 'was' : 'were'} left out.`;
  return `Stored ${count(rows - badRows)} of ${counted(rows, 'row')} of ${source.name}${earlier}, in ${duration(seconds)}${rate}.${bad}`;
}

function whereItStands({ file }: Source, { rows, badRows }: Standing): string {
  return `${counted(rows - badRows, 'row')} stored so far.${file ? ' The same command goes on from there.' : ''}`;
}
