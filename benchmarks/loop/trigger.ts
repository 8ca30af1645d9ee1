/** How long a run takes after the sample that makes it due. */
import { hiddenTaste } from '../../src/simulation/hidden-taste.js';
import { seededRandom } from '../../src/simulation/seeded-random.js';
import { simulatedUser } from '../../src/simulation/simulated-user.js';
import { click, configure, onEvent, request, search } from './api.js';

// Clicks as people make them, of a taste that stays: what no prediction could foresee would be refused.
const visit = simulatedUser('pbm:1', seededRandom(1));
const taste = hiddenTaste(1, () => []);

/** What one visitor clicks of a list. */
export function clickedOf(query: string, documentIds: readonly string[]): string[] {
  const clicks = visit(documentIds.map((id) => taste(query, id)));
  return documentIds.filter((_, place) => clicks[place]);
}

/** Waits until no run is open. */
export async function settled(url: string): Promise<void> {
  for (;;) {
    const { trainingRuns } = await request<{ trainingRuns: { edges: unknown[] } }>(url, '{ trainingRuns(first: 1, status: RUNNING) { edges { cursor } } }');
    if (trainingRuns.edges.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * From the answer of the search whose samples reach the threshold, to the event that says the new model serves: of each of
 * so many runs over 100 samples, in ms.
 */
export async function measureTrigger(url: string, runs: number): Promise<number[]> {
  let arrived: (at: number) => void = () => undefined;
  let refused: (error: Error) => void = () => undefined;
  const end = await onEvent(url, 'subscription { modelReloaded { ranker { id } } }', (at) => arrived(at));
  const endOfRuns = await onEvent(url, 'subscription { trainingFinished { status reason } }', (_at, event) => {
    if (!JSON.stringify(event).includes('SUCCEEDED')) refused(new Error(`A run did not come to serve: ${JSON.stringify(event)}`));
  });
  await configure(url, { enabled: true, trainingThreshold: 100, attributionWindowSeconds: 0, minSecondsBetweenRuns: 0 });
  const timings: number[] = [];
  for (let run = 0; run < runs; run++) {
    const reloaded = new Promise<number>((resolve, reject) => {
      arrived = resolve;
      refused = reject;
    });
    let missing = await untilTrigger(url);
    let reachedAt = performance.now();
    while (missing > 0) {
      const { searchId, documentIds } = await search(url, 'heart');
      reachedAt = performance.now();
      missing -= documentIds.length;
      if (missing > 0) for (const clicked of clickedOf('heart', documentIds)) await click(url, searchId, clicked);
    }
    timings.push((await reloaded) - reachedAt);
    await settled(url);
  }
  await configure(url, { enabled: false });
  await Promise.all([end(), endOfRuns()]);
  return timings;
}

async function untilTrigger(url: string): Promise<number> {
  return (await request<{ sampleStats: { untilTrigger: number } }>(url, '{ sampleStats { untilTrigger } }')).sampleStats.untilTrigger;
}
