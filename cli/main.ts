#!/usr/bin/env node
/** `rankloop`: the command line. What went wrong is one line on stderr, and an exit code. */
import { CommanderError } from 'commander';
import { CommandError, EXIT } from './exit-codes.js';
import { Interrupted } from './interruption.js';
import { createProgram } from './program.js';

// Whoever read it has seen enough, as `| head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // Commander has said it already; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof Interrupted) return error.exitCode;
  process.stderr.write(`rankloop: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof CommandError ? error.exitCode : EXIT.failed;
}
