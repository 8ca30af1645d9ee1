/** `rankloop start` and `rankloop demo`: the two mains in this process, so that signals reach them. They read their settings from the environment, and their folders lie in the current one. */

export async function startServer(): Promise<void> {
  await import('../../src/main.js');
}

/** The demo reads its own arguments, where it finds them when it is called by itself. */
export async function startDemo(args: readonly string[]): Promise<void> {
  process.argv.splice(2, Infinity, ...args);
  await import('../../demo/main.js');
}
