/** The benchmark "poisoning": what one user, or a script with many sessions, can do to the ranking of a server that learns from a crowd. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Api } from '../../demo/api.js';
import { importMissing } from '../../demo/catalogue-import.js';
import { CROWD_QUERIES, emojiNames, readEmojiCatalogue } from '../../demo/emoji-catalogue.js';
import { RankingQuality } from '../../demo/ranking-quality.js';
import { Crowd } from '../../src/simulation/crowd.js';
import { hiddenTaste, type Taste } from '../../src/simulation/hidden-taste.js';
import { queryShares } from '../../src/simulation/visit.js';
import { createBenchDatabase } from '../bench-database.js';
import { mean } from '../cranfield-queries.js';
import { configure, request } from '../loop/api.js';
import { buildServer, machineName, startServer } from '../loop/processes.js';
import type { BenchmarkOptions } from '../options.js';
import { Attacker, type AttackerOptions } from './attacker.js';

const SEARCHES = 2_000;
const SEARCHES_PER_SECOND = 80;
/** Of all clicks. */
const ATTACK_SHARE = 0.2;
const SESSIONS = 50;
const USERS = 100;
/** A run then holds some forty lists, and so more than the twenty actors from which on the cap counts. */
const SETTINGS = { trainingThreshold: 400, attributionWindowSeconds: 3, minSecondsBetweenRuns: 0 };

/**
 * One user who clicks on everything, as the simulation's spam does; one who of each page clicks what its users like least; and a script that clicks
 * one document, far down, under the names of many sessions.
 */
const ATTACKS = ['none', 'a user who clicks all', 'a user who clicks the worst', 'a script'] as const;
type Attack = (typeof ATTACKS)[number];

interface Outcome {
  ndcg: number;
  base: number;
  /** Of all clicks. */
  attackShare: number;
  /** Of the first query's ranking, from 1: where the document that the script wants up stands; 0: not among the first 100. */
  targetPlace: { base: number; served: number };
  runs: number;
  rejected: number;
  samples: number;
  /** Of them, those of searches beyond what one actor can teach. */
  capped: number;
}

export interface PoisoningFigures {
  machine: string;
  outcomes: Record<Attack, Outcome[]>;
  /** Share of the nDCG@10 without an attack that is lost with it, the mean over the seeds. */
  loss: Record<string, number>;
}

export async function runPoisoningBenchmark({ seeds, searches }: BenchmarkOptions): Promise<PoisoningFigures> {
  buildServer();
  const machine = machineName();
  console.log(`poisoning, on ${machine}: ${USERS} users, ${(searches ?? SEARCHES).toLocaleString('en')} searches; ${ATTACK_SHARE * 100} % of all clicks are the attacker's`);
  const outcomes = Object.fromEntries(ATTACKS.map((attack) => [attack, [] as Outcome[]])) as Record<Attack, Outcome[]>;
  for (const seed of seeds) {
    for (const attack of ATTACKS) {
      const outcome = await play(seed, attack, searches ?? SEARCHES);
      outcomes[attack].push(outcome);
      const { ndcg, base, attackShare, targetPlace, runs, rejected, samples, capped } = outcome;
      console.log(
        `  seed ${seed}, ${attack.padEnd(27)}  nDCG@10 ${ndcg.toFixed(3)}, base ${base.toFixed(3)}   the script's document ${targetPlace.base} → ${targetPlace.served}   ` +
          `${(100 * attackShare).toFixed(0)} % of the clicks, ${capped} of ${samples} samples passed over, ${runs} runs, ${rejected} rejected`,
      );
    }
  }
  const ndcgOf = (attack: Attack): number => mean(outcomes[attack].map(({ ndcg }) => ndcg));
  const loss: Record<string, number> = {};
  for (const attack of ATTACKS.slice(1)) {
    loss[attack] = 1 - ndcgOf(attack) / ndcgOf('none');
    console.log(`  of nDCG@10 is lost by ${attack.padEnd(27)} ${(100 * loss[attack]).toFixed(1).padStart(5)} %${attack === 'a user who clicks all' ? '   (at most 1 %)' : ''}`);
  }
  return { machine, outcomes, loss };
}

/** A server of its own, a crowd, and perhaps an attacker beside it. */
async function play(seed: number, attack: Attack, searches: number): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rankloop-bench-'));
  const database = await createBenchDatabase(folder);
  try {
    const server = await startServer({ DATABASE_URL: database.url, RANKLOOP_MODELS_DIR: path.join(folder, 'models'), RANKLOOP_DATA_DIR: path.join(folder, 'index'), LOG_LEVEL: 'info' });
    const api = new Api(server.url);
    try {
      const emoji = readEmojiCatalogue();
      await importMissing(api, emoji, () => undefined);
      await configure(server.url, SETTINGS);
      const names = emojiNames(emoji);
      const taste = hiddenTaste(seed, (id) => names.get(id) ?? []);
      const quality = await RankingQuality.prepare(api, CROWD_QUERIES, queryShares(CROWD_QUERIES.length), taste);
      const target = await worstOfFirstQuery(server.url, taste);
      const attacker = attack === 'none' ? null : new Attacker({ url: server.url, seed, queries: CROWD_QUERIES, ...methodOf(attack, target, taste) });
      const clicks = await crowdAndAttacker(api, attacker, { seed, taste, searches });
      await learnedAll(server.url);
      const ndcg = await quality.measure();
      const places = await Promise.all(['base', null].map((rankerId) => placeOf(server.url, target, rankerId)));
      const { rows } = await database.pool.query<{ runs: number; rejected: number; samples: number; capped: number }>(
        `select (select count(*)::int from training_run) as runs, (select count(*)::int from training_run where status = 'REJECTED') as rejected,
          sum(sample_count)::int as samples, coalesce(sum(sample_count) filter (where capped), 0)::int as capped from search`,
      );
      return { ndcg, base: quality.base, attackShare: (attacker?.clicks ?? 0) / (clicks + (attacker?.clicks ?? 0)), targetPlace: { base: places[0]!, served: places[1]! }, ...rows[0]! };
    } finally {
      await api.close();
      await server.stop();
    }
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

function methodOf(attack: Exclude<Attack, 'none'>, target: string, taste: Taste): Pick<AttackerOptions, 'identity' | 'choose' | 'hasTarget'> {
  const oneUser = (): { userId: string } => ({ userId: 'user-spam' });
  if (attack === 'a user who clicks all') return { identity: oneUser, choose: (_, ids) => ids, hasTarget: false };
  if (attack === 'a user who clicks the worst') return { identity: oneUser, choose: (query, ids) => [ids.reduce((worst, id) => (taste(query, id) < taste(query, worst) ? id : worst))], hasTarget: false };
  return { identity: (search) => ({ sessionId: `script-${search % SESSIONS}` }), choose: (_, ids) => ids.filter((id) => id === target), hasTarget: true };
}

/** @returns the crowd's clicks; after every few of them the attacker, if there is one, makes one of its own */
async function crowdAndAttacker(api: Api, attacker: Attacker | null, { seed, taste, searches }: { seed: number; taste: Taste; searches: number }): Promise<number> {
  let clicks = 0;
  const errors: unknown[] = [];
  const crowd = new Crowd({
    api: {
      search: async (input) => {
        const userId = `user-${Number(input.userId.split('-')[1]) % USERS}`;
        const { search } = await api.request<{ search: { searchId: string; results: { document: { id: string } }[] } }>(
          'mutation($input: SearchInput!) { search(input: $input) { searchId results { document { id } } } }',
          { input: { ...input, userId } },
        );
        return { searchId: search.searchId, documentIds: search.results.map(({ document }) => document.id) };
      },
      click: async (input) => {
        await api.request('mutation($input: RecordClickInput!) { recordClick(input: $input) { duplicate } }', { input });
        clicks++;
        // Its clicks stay a constant share of all.
        if (attacker !== null && attacker.clicks < (clicks * ATTACK_SHARE) / (1 - ATTACK_SHARE)) await attacker.strike();
      },
    },
    queries: CROWD_QUERIES,
    seed,
    taste,
    firstVisit: 0,
    searchesPerSecond: SEARCHES_PER_SECOND,
    searches,
    onError: (error) => errors.push(error),
  });
  await crowd.run();
  if (errors.length > 0) throw new Error(`${errors.length} requests failed; the first: ${String(errors[0])}`);
  return clicks;
}

/** Everything has settled, and no run is due or open. */
async function learnedAll(url: string): Promise<void> {
  for (;;) {
    const { sampleStats, trainingRuns } = await request<{ sampleStats: { unsettled: number; untilTrigger: number }; trainingRuns: { edges: { node: { status: string } }[] } }>(
      url,
      '{ sampleStats { unsettled untilTrigger } trainingRuns(first: 1) { edges { node { status } } } }',
    );
    const open = ['QUEUED', 'RUNNING'].includes(trainingRuns.edges[0]?.node.status ?? '');
    if (sampleStats.unsettled === 0 && sampleStats.untilTrigger > 0 && !open) return;
    await delay(200);
  }
}

async function rankingOf(url: string, query: string, rankerId: string | null): Promise<string[]> {
  const { previewRanking } = await request<{ previewRanking: { results: { document: { id: string } }[] } }>(
    url,
    'query($query: String!, $rankerId: ID) { previewRanking(query: $query, limit: 100, rankerId: $rankerId) { results { document { id } } } }',
    { query, rankerId },
  );
  return previewRanking.results.map(({ document }) => document.id);
}

/** A document that nobody likes, in the middle of what the first query finds. */
async function worstOfFirstQuery(url: string, taste: Taste): Promise<string> {
  const unliked = (await rankingOf(url, CROWD_QUERIES[0]!, 'base')).filter((id) => taste(CROWD_QUERIES[0]!, id) === 0);
  return unliked[unliked.length >> 1]!;
}

async function placeOf(url: string, documentId: string, rankerId: string | null): Promise<number> {
  return (await rankingOf(url, CROWD_QUERIES[0]!, rankerId)).indexOf(documentId) + 1;
}
