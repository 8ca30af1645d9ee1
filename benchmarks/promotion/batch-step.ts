/** The batch check: of what share of runs the clicks are refused, for users who are honest, who have changed, and for spoiled clicks. */
import { BatchCheckSums } from '../../src/learning/batch-check.js';
import { namedRandom } from '../../src/simulation/seeded-random.js';
import { driftedQueries, PAGE_SIZE } from '../cranfield-queries.js';
import type { ShownPage } from '../traffic-page.js';
import { isRefused } from './refusal.js';
import { percent, printShares, shareOf, type Share, type Target } from './shares.js';
import { flippedClicks, noClicks, shuffledClicks, spamClicks, type Spoiling } from './spoiling.js';
import { showPages, type Rates, type WarmState } from './warm-state.js';

/** Samples in a batch, and how many batches of them are drawn from a state: honest ones, after a drift, and of every other kind. */
const SIZES = [
  { samples: 20, honest: 300, drift: 0, spoiled: 0 },
  { samples: 100, honest: 300, drift: 60, spoiled: 60 },
  { samples: 1_000, honest: 30, drift: 6, spoiled: 6 },
  { samples: 10_000, honest: 3, drift: 3, spoiled: 0 },
] as const;

interface BatchKind {
  /** Its name among the figures. */
  key: string;
  name: string;
  drift?: boolean;
  spoil?: Spoiling;
  /** By samples in the batch. */
  targets?: Readonly<Record<number, Target>>;
}

const ALWAYS: Target = { atLeast: 1 };
/** 0 of 3,800. */
const NEVER: Target = { atMost: 0.001 };

const KINDS: readonly BatchKind[] = [
  { key: 'honest', name: 'honest', targets: { 20: NEVER, 100: NEVER, 1_000: NEVER, 10_000: NEVER } },
  { key: 'drift', name: 'drift', drift: true },
  { key: 'flipped', name: 'flipped', spoil: flippedClicks, targets: { 100: ALWAYS, 1_000: ALWAYS } },
  { key: 'shuffled', name: 'shuffled', spoil: shuffledClicks, targets: { 100: { atLeast: 0.35 }, 1_000: ALWAYS } },
  { key: 'all', name: 'all', spoil: spamClicks(1), targets: { 100: ALWAYS, 1_000: ALWAYS } },
  { key: 'none', name: 'none', spoil: noClicks, targets: { 100: { atLeast: 0.53 }, 1_000: ALWAYS } },
  { key: 'spam10', name: 'spam .1', spoil: spamClicks(0.1) },
  { key: 'spam20', name: 'spam .2', spoil: spamClicks(0.2) },
  { key: 'spam50', name: 'spam .5', spoil: spamClicks(0.5) },
];

/** Refused batches, by kind and samples. */
export type BatchFigures = Record<string, Record<string, Share>>;

export function measureBatchStep(states: readonly WarmState[], rates: Rates): BatchFigures {
  const figures: BatchFigures = {};
  const rows = SIZES.flatMap((size) =>
    KINDS.filter((kind) => size[batchesOf(kind)] > 0).map((kind) => {
      const byMark = new Map<number, { refused: number; of: number }>();
      for (const state of states) {
        const counts = byMark.get(state.searches) ?? { refused: 0, of: 0 };
        const batches = size[batchesOf(kind)];
        counts.refused += refusedOf(state, kind, size.samples, batches, rates);
        counts.of += batches;
        byMark.set(state.searches, counts);
      }
      const all = [...byMark.values()];
      const share = shareOf(all.reduce((sum, { refused }) => sum + refused, 0), all.reduce((sum, { of }) => sum + of, 0));
      (figures[kind.key] ??= {})[size.samples] = share;
      const note = [...byMark].map(([mark, { refused, of }]) => `${mark / 1_000}k ${percent(refused / of)}`).join(', ');
      const target = kind.targets?.[size.samples];
      return { key: kind.key, name: `${kind.name}, ${size.samples.toLocaleString('en')} samples`, share, note, ...(target && { target }) };
    }),
  );
  printShares('2. Batch check: batches refused', rows);
  return figures;
}

function batchesOf({ drift = false, spoil }: BatchKind): 'honest' | 'drift' | 'spoiled' {
  return drift ? 'drift' : spoil === undefined ? 'honest' : 'spoiled';
}

function refusedOf(state: WarmState, { name, drift = false, spoil }: BatchKind, samples: number, batches: number, rates: Rates): number {
  const random = namedRandom(state.seed, `fold ${state.fold}, ${state.searches} searches, ${samples} samples, ${name}`);
  let refused = 0;
  for (let i = 0; i < batches; i++) {
    const queries = drift ? driftedQueries(state.queries, random) : state.queries;
    const pages = showPages(state, queries, samples / PAGE_SIZE, random, rates);
    if (departs(spoil === undefined ? pages : spoil(pages, random))) refused++;
  }
  return refused;
}

function departs(pages: readonly ShownPage[]): boolean {
  const sums = new BatchCheckSums();
  for (const { predicted, clicks } of pages) clicks.forEach((clicked, place) => sums.add(predicted[place]!, clicked));
  return isRefused({ batch: sums.evidence() });
}
