/** `rankloop rollback`: one step back in what served. */
import { createInterface } from 'node:readline/promises';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import { ActiveRanker, RollbackRanker } from '../generated/operations.js';
import { interruptible } from '../interruption.js';
import { connect, type ServerOptions } from '../server.js';

export interface RollbackOptions extends ServerOptions {
  reason?: string;
  yes?: boolean;
}

export function rollback(options: RollbackOptions): Promise<ExitCode> {
  return interruptible(async (signal) => {
    const isAsked = !options.yes;
    if (isAsked && !(process.stdin.isTTY && process.stdout.isTTY)) {
      throw new CommandError(EXIT.usage, 'Nobody can be asked here (not a terminal): --yes says that it is meant.');
    }
    const request = connect(options);
    const { activeRanker } = await request(ActiveRanker, {}, { signal });
    if (isAsked && !(await confirm(`${activeRanker.name} serves. Go back to what served before it? [y/N] `, signal))) {
      process.stdout.write('Nothing was changed.\n');
      return EXIT.failed;
    }
    const { activation } = (await request(RollbackRanker, { input: { reason: options.reason ?? null } }, { signal })).rollbackRanker;
    process.stdout.write(`${activation.previous?.name ?? activeRanker.name} served; ${activation.ranker.name} serves now.\n`);
    return EXIT.done;
  });
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // In its own raw mode a terminal sends no signal.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return /^y(es)?$/i.test((await lines.question(question, { signal })).trim());
  } finally {
    lines.close();
  }
}
