/** What the command line ends with, and the errors that carry it: scripts go by these numbers, docs/cli.md states them. */

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  /** An import that stored the good rows and reported others. */
  badRows: 4,
  /** A training run that ended without a new model. */
  rejected: 5,
  runFailed: 6,
  runCancelled: 7,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What ends a command: a message for whoever typed it, without a stack, and the exit code. */
export class CommandError extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
    this.name = 'CommandError';
  }
}
