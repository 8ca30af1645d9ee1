/** Work that brings something up to date: calls that overlap share a pass, and a call during a pass makes one more. */

/** @returns a function whose promise resolves when a pass that began after the call has ended */
export function coalesce(pass: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const loop = async (): Promise<void> => {
    do {
      again = false;
      await pass();
    } while (again);
  };
  return () => {
    if (running) again = true;
    else running = loop().finally(() => (running = undefined));
    return running;
  };
}
