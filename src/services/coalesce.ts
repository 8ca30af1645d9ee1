/** Work that brings something up to date: calls that overlap share a pass, and calls during a pass share the one after it. */

/**
 * @returns a function whose promise settles with the first pass that began after the call: with that one alone, so that an earlier pass' failure
 * is not this caller's, and a crowd of later callers does not make it wait
 */
export function coalesce(pass: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    // A pass begins after the call that asked for it has returned: a pass that calls back finds itself running.
    await Promise.resolve();
    try {
      await pass();
    } finally {
      running = following;
      following = undefined;
    }
  };
  return () => {
    if (running === undefined) return (running = begin());
    return (following ??= running.then(begin, begin));
  };
}
