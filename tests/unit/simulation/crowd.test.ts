/** The crowd: its visits follow from the seed, and it asks of a search engine what it was told to. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { Crowd, type CrowdApi, type CrowdOptions } from '../../../src/simulation/crowd.js';
import { hiddenTaste } from '../../../src/simulation/hidden-taste.js';
import { JudgedQuery } from '../../../src/simulation/judged-query.js';
import { queryShares, Visit } from '../../../src/simulation/visit.js';

const QUERIES = ['heart', 'face', 'cat', 'hand'];
const DOCUMENTS = Array.from({ length: 30 }, (_, number) => `document ${number}`);

/** Of documents without names: all chance. */
const taste = hiddenTaste(1, () => []);

const visits = (seed: number, count: number): Visit[] => Array.from({ length: count }, (_, number) => new Visit({ seed, taste: hiddenTaste(seed, () => []), number, queries: QUERIES }));

describe('a visit', () => {
  test('is the same again with the same seed and number', () => {
    const facts = (seed: number): unknown[] => visits(seed, 20).map((visit) => [visit.userId, visit.sessionId, visit.query, visit.clicks(DOCUMENTS, 0), visit.turnsPage(), visit.pauseMs()]);
    expect(facts(1)).toEqual(facts(1));
    expect(facts(1)).not.toEqual(facts(2));
  });

  test('asks some queries more often than others, in the shares it claims', () => {
    const shares = queryShares(QUERIES.length);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    const asked = visits(1, 4_000).map(({ query }) => query);
    QUERIES.forEach((query, rank) => expect(Math.abs(asked.filter((other) => other === query).length / 4_000 - shares[rank]!)).toBeLessThan(0.03));
  });

  test('clicks what the crowd likes more often, what stands higher more often, and never surely', () => {
    const liked = DOCUMENTS.find((id) => taste('heart', id) === 4)!;
    const disliked = DOCUMENTS.find((id) => taste('heart', id) === 0)!;
    const rate = (documentId: string, offset: number): number => {
      const asking = visits(1, 6_000).filter(({ query }) => query === 'heart');
      return asking.filter((visit) => visit.clicks([documentId], offset).length > 0).length / asking.length;
    };
    expect(rate(liked, 0)).toBeGreaterThan(0.7);
    expect(rate(liked, 0)).toBeLessThan(0.9);
    expect(rate(disliked, 0)).toBeGreaterThan(0.02);
    expect(rate(disliked, 0)).toBeLessThan(0.1);
    expect(rate(liked, 5)).toBeLessThan(0.3);
  });

  test('pauses for some time, never for long', () => {
    const pauses = visits(1, 500).map((visit) => visit.pauseMs());
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(150);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1_500);
  });
});

describe('a judged query', () => {
  test('gives 1 to the best order, less to others, 0 to what nobody likes', () => {
    const judged = new JudgedQuery('heart', taste, DOCUMENTS);
    const best = [...DOCUMENTS].sort((a, b) => taste('heart', b) - taste('heart', a));
    expect(judged.ndcg(best.slice(0, 10))).toBe(1);
    expect(judged.ndcg(best.slice(1, 11))).toBeLessThan(1);
    expect(judged.ndcg(best.slice(-5))).toBe(0);
  });
});

/** A search engine of thirty documents that answers in its own time and remembers what it was asked. */
class Engine implements CrowdApi {
  readonly shown = new Map<string, { query: string; userId: string; documentIds: string[] }>();
  readonly clicked: { searchId: string; documentId: string; eventId: string }[] = [];
  unanswered = 0;
  mostUnanswered = 0;

  async search({ query, userId, limit, offset }: Parameters<CrowdApi['search']>[0]): Promise<{ searchId: string; documentIds: string[] }> {
    this.mostUnanswered = Math.max(this.mostUnanswered, ++this.unanswered);
    await turn();
    this.unanswered--;
    const searchId = `search ${this.shown.size}`;
    const documentIds = DOCUMENTS.slice(offset, offset + limit);
    this.shown.set(searchId, { query, userId, documentIds });
    return { searchId, documentIds };
  }

  async click(input: { searchId: string; documentId: string; eventId: string }): Promise<void> {
    await turn();
    this.clicked.push(input);
  }
}

function crowd(api: CrowdApi, more: Partial<CrowdOptions> = {}): Crowd {
  return new Crowd({
    api,
    queries: QUERIES,
    seed: 1,
    taste,
    firstVisit: 0,
    searchesPerSecond: 1_000_000,
    searches: 150,
    onError: (error) => {
      throw error;
    },
    ...more,
  });
}

describe('a crowd', () => {
  test('makes as many searches as it was told to, and clicks once on what it was shown', async () => {
    const engine = new Engine();
    await crowd(engine).run();
    expect(engine.shown.size).toBe(150);
    expect(engine.clicked.length).toBeGreaterThan(50);
    for (const { searchId, documentId } of engine.clicked) expect(engine.shown.get(searchId)!.documentIds).toContain(documentId);
    expect(new Set(engine.clicked.map(({ searchId, documentId }) => `${searchId} ${documentId}`)).size).toBe(engine.clicked.length);
    expect(new Set([...engine.shown.values()].map(({ userId }) => userId)).size).toBeGreaterThan(50);
  });

  test('turns the page now and then, when nothing on the first was to its taste', async () => {
    const engine = new Engine();
    await crowd(engine, { searchesPerSecond: 100, searches: 200 }).run();
    const second = [...engine.shown].filter(([, { documentIds }]) => documentIds[0] === DOCUMENTS[10]);
    expect(second.length).toBeGreaterThan(0);
    expect(second.length).toBeLessThan(30);
  });

  test('never has more than 64 searches unanswered', async () => {
    const engine = new Engine();
    await crowd(engine).run();
    expect(engine.mostUnanswered).toBeLessThanOrEqual(64);
    expect(engine.mostUnanswered).toBeGreaterThan(1);
  });

  test('goes on after a failed request, and says so', async () => {
    const engine = new Engine();
    const errors: unknown[] = [];
    let searches = 0;
    const failing: CrowdApi = { search: (input) => (++searches % 3 === 0 ? Promise.reject(new Error('busy')) : engine.search(input)), click: (input) => engine.click(input) };
    await crowd(failing, { searches: 30, onError: (error) => errors.push(error) }).run();
    expect([engine.shown.size, errors.length]).toEqual([20, 10]);
  });

  test('stops when told to: pauses are cut short, and nothing is asked afterwards', async () => {
    const engine = new Engine();
    const visiting = crowd(engine, { searches: Infinity });
    const through = visiting.run();
    while (engine.shown.size < 50) await turn();
    await visiting.stop();
    await through;
    const [shown, clicked] = [engine.shown.size, engine.clicked.length];
    await turn();
    expect([engine.shown.size, engine.clicked.length, engine.unanswered]).toEqual([shown, clicked, 0]);
  });
});
