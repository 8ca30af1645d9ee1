/** A steady stream of searches and clicks, as many a second as asked for. */
import { click, search } from '../loop/api.js';
import { QUERIES } from '../loop/catalogue.js';

export interface Load {
  /** Requests answered so far. */
  done(): number;
  /** Resolves when what is under way is answered. */
  stop(): Promise<void>;
}

/** Beyond so many visits under way the machine is what is measured: then none is begun until one has ended. */
const MOST_UNDER_WAY = 100;

/** Half searches, half clicks on what they found: by the clock, as long as answers keep up. */
export function startLoad(url: string, eventsPerSecond: number): Load {
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let begun = 0;
  let done = 0;
  let failure: unknown;
  const visit = async (turn: number): Promise<void> => {
    const { searchId, documentIds } = await search(url, QUERIES[turn % QUERIES.length] ?? '');
    done += 1;
    // The first place more often than those below it, as people do.
    const documentId = documentIds[Math.floor(documentIds.length * Math.random() ** 3)];
    if (documentId !== undefined) await click(url, searchId, documentId);
    done += 1;
  };
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * (eventsPerSecond / 2);
    for (; begun < due && underWay.size < MOST_UNDER_WAY; begun += 1) {
      const one: Promise<void> = visit(begun)
        .catch((error: unknown) => void (failure ??= error))
        .finally(() => underWay.delete(one));
      underWay.add(one);
    }
  }, 10);
  return {
    done: () => done,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      if (failure) throw failure instanceof Error ? failure : new Error(String(failure));
    },
  };
}
