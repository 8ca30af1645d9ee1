/** Half of all clicks come from one actor, all on one document: what that moves, and what the honest still teach. */
import { afterEach, expect, test } from '@jest/globals';
import { priorExamination } from '../../src/learning/examination.js';
import { PositionBasedUser } from '../../src/simulation/position-based-user.js';
import { seededRandom } from '../../src/simulation/seeded-random.js';
import { simulatedUser } from '../../src/simulation/simulated-user.js';
import type { Answer } from '../support/api-client.js';
import { searches } from '../support/operations.js';
import type { RunningApp } from '../support/running-app.js';
import { startHearts, train, watch } from '../support/training.js';

const ROUNDS = 3;
const USERS = 25;
const SEARCHES_PER_USER = 4;
/** What users like: white, which is spammed, nobody. */
const GRADES: Readonly<Record<string, number>> = { blue: 3, green: 2, red: 1, black: 0, white: 0 };
const AT_ONCE = 20;
const RECORD_CLICKS = 'mutation($clicks: [RecordClickInput!]!) { recordClicks(input: { clicks: $clicks }) { recorded errors { message } } }';

let running: RunningApp;

afterEach(async () => {
  await running.stop();
});

async function recordClicks(clicks: readonly object[]): Promise<void> {
  for (let done = 0; done < clicks.length; done += 100) expect((await running.client.query(RECORD_CLICKS, { clicks: clicks.slice(done, done + 100) })).recordClicks.errors).toEqual([]);
}

/** What the users of one round click. */
async function honestRound(round: number): Promise<object[]> {
  const clicks: object[] = [];
  for (let user = 1; user <= USERS; user++) {
    const behaviour = new PositionBasedUser({ steepness: 0.7, random: seededRandom(1_000 * round + user) });
    for (const { searchId, results } of await searches(running.client, SEARCHES_PER_USER, 'heart', { userId: `user-${user}` })) {
      const clicked = behaviour.clicks(results.map(({ document }: Answer) => GRADES[document.id]!));
      results.forEach(({ document }: Answer, place: number) => clicked[place] && clicks.push({ searchId, documentId: document.id }));
    }
  }
  return clicks;
}

/** As many clicks as the honest make, on one document, each in a search of its own. */
async function spamRound(count: number, userOf: (nth: number) => string): Promise<object[]> {
  const spam = simulatedUser('spam', seededRandom(1));
  const clicks: object[] = [];
  for (let done = 0; done < count; done += AT_ONCE) {
    const lists = await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, nth) => searches(running.client, 1, 'heart', { userId: userOf(done + nth) })));
    for (const { searchId } of lists.flat()) if (spam([0])[0]) clicks.push({ searchId, documentId: 'white' });
  }
  return clicks;
}

async function learnedFrom(spammerOf: ((nth: number) => string) | null): Promise<{ order: string[]; attractiveness: Record<string, number>; runs: Answer[] }> {
  running = await startHearts();
  const log = await watch(running.client);
  const runs: Answer[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const honest = await honestRound(round);
    const spam = spammerOf ? await spamRound(honest.length, spammerOf) : [];
    await recordClicks([...honest, ...spam]);
    runs.push(await train(running.client, log));
  }
  const { previewRanking } = await running.client.query('{ previewRanking(query: "heart") { results { attractiveness document { id } } } }');
  return {
    order: previewRanking.results.map(({ document }: Answer) => document.id),
    attractiveness: Object.fromEntries(previewRanking.results.map(({ document, attractiveness }: Answer) => [document.id, attractiveness])),
    runs,
  };
}

const HONEST_SEARCHES = USERS * SEARCHES_PER_USER;

test('from one actor it moves the document by no more than its share of what is learned can, and what users like stays in their order', async () => {
  const honest = await learnedFrom(null);
  await running.stop();
  const spammed = await learnedFrom(() => 'one');

  for (const { status, newSamples, samples } of spammed.runs) {
    // Of twice as many searches or more the one teaches with a twentieth.
    expect(status).toBe('SUCCEEDED');
    expect(samples / 5).toBe(HONEST_SEARCHES + Math.floor(newSamples / 5 / 20));
  }
  const share = Math.max(...spammed.runs.map(({ samples }) => 1 - HONEST_SEARCHES / (samples / 5)));
  expect(share).toBeLessThan(0.1);
  // A click weighs as much more as its place is looked at less; white was shown at the fourth place or the fifth.
  expect(spammed.attractiveness.white! - honest.attractiveness.white!).toBeLessThan(share / priorExamination(5));
  expect(spammed.order.slice(0, 2)).toEqual(['blue', 'green']);
  for (const liked of ['blue', 'green', 'red']) expect(Math.abs(spammed.attractiveness[liked]! - honest.attractiveness[liked]!)).toBeLessThan(share + 0.02);
}, 90_000);

test('the same from as many users, whom nothing tells from honest ones, puts the document first', async () => {
  const { order, attractiveness } = await learnedFrom((nth) => `paid-${nth}`);
  expect(order[0]).toBe('white');
  expect(attractiveness.white).toBeGreaterThan(0.9);
}, 90_000);
