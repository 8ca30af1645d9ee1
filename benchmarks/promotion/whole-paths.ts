/** Whole paths: what the rules do to learning when all is well, and what they catch, how soon, and at what cost when it is not. */
import type { UserKind } from '../../src/simulation/simulated-user.js';
import { mean, type PreparedQuery } from '../cranfield-queries.js';
import { runPath, type Path, type PathRun } from './path.js';
import { STEPS } from './refusal.js';
import { medianReached, printShares, shareOf, shareWhere, verdictOf, type Share, type ShareRow } from './shares.js';
import { flippedClicks, noClicks, shuffledClicks, spamClicks, type Spoiling } from './spoiling.js';
import type { Rates } from './warm-state.js';

export const HONEST_USERS: readonly UserKind[] = ['pbm:1', 'pbm:0.5', 'pbm:1.5', 'cascade', 'noise'];
/** At most so many honest paths may end with the base ranker. */
const ROLLED_BACK = { atMost: 0.03 };

/** What goes wrong half way. */
const BAD: readonly { name: string; spoil: Spoiling }[] = [
  { name: 'flipped', spoil: flippedClicks },
  { name: 'shuffled', spoil: shuffledClicks },
  { name: 'all', spoil: spamClicks(1) },
  { name: 'none', spoil: noClicks },
  { name: 'spam .3', spoil: spamClicks(0.3) },
  { name: 'spam .1', spoil: spamClicks(0.1) },
];

export interface PathsOptions extends Rates {
  queries: readonly PreparedQuery[];
  folds: readonly number[];
  /** Of the first path; each path has the next one. */
  seed: number;
  users: readonly UserKind[];
  searches: number;
  /** Of each kind. */
  paths: number;
}

interface HonestFigures {
  rolledBack: Share;
  refusedRuns: Share;
  /** Refused runs by step. */
  refusedBy: Record<string, number>;
  takenForChange: number;
  contentResets: number;
  /** Searches until the proof says that learning wins, at the median; null: in more than half of the paths it did not. */
  betterAfter: number | null;
  shown: number;
}

interface BadFigures {
  paths: number;
  /** What noticed it first, in how many paths. */
  caughtBy: Record<string, number>;
  /** Searches until then, at the median; null: in more than half of the paths nothing did. */
  caughtAfter: number | null;
  /** Searches until a run with such clicks was learned, at the median. */
  learnedAfter: number | null;
  rolledBack: number;
  /** nDCG@10 of what was shown afterwards, and how much less that is than in the same paths without it. */
  shown: number;
  cost: number;
}

export interface PathFigures {
  honest: Record<string, HonestFigures>;
  /** Over all honest paths. */
  rolledBack: Share;
  bad: Record<string, BadFigures>;
}

export function measurePaths(options: PathsOptions): PathFigures {
  const { users, folds, searches } = options;
  const pathsOf = (kind: UserKind, change: 'drift' | Spoiling | null): Path[] =>
    Array.from({ length: options.paths }, (_, i) => runPath({ ...options, users: kind, change, seed: options.seed + i, fold: folds[i % folds.length]! }));
  const usual = users[0]!;
  const undisturbed = new Map(users.map((kind) => [kind as string, pathsOf(kind, null)]));
  const honest = [...undisturbed, [`${usual}, drift`, pathsOf(usual, 'drift')] as const];
  const rolledBack = shareWhere(honest.flatMap(([, paths]) => paths), isRolledBack);
  printHonest(honest, rolledBack, searches);

  console.log(`   ${`Paths of ${usual} that go wrong after ${(searches / 2).toLocaleString('en')}`.padEnd(40)} paths  caught after  by                      learned after  rolled back  shown   cost`);
  const bad = BAD.map(({ name, spoil }) => {
    const figures = badFigures(pathsOf(usual, spoil), undisturbed.get(usual)!, searches);
    console.log(lineOf(name, figures));
    return [name, figures] as const;
  });
  return { honest: Object.fromEntries(honest.map(([name, paths]) => [name, honestFigures(paths)])), rolledBack, bad: Object.fromEntries(bad) };
}

function printHonest(honest: readonly (readonly [string, readonly Path[]])[], rolledBack: Share, searches: number): void {
  const figures = honest.map(([name, paths]) => ({ name, ...honestFigures(paths) }));
  const all = figures.reduce((sum, { refusedRuns }) => ({ count: sum.count + refusedRuns.count, of: sum.of + refusedRuns.of }), { count: 0, of: 0 });
  const rows: ShareRow[] = [
    { key: 'rolledBack', name: `paths of ${searches.toLocaleString('en')} searches that end rolled back`, share: rolledBack, target: ROLLED_BACK },
    { key: 'refused', name: 'runs refused', share: shareOf(all.count, all.of) },
    ...figures.map(({ name, refusedRuns }) => ({ key: name, name: `runs refused, ${name}`, share: refusedRuns })),
  ];
  printShares('Whole paths of honest users', rows);
  console.log(`   ${'users'.padEnd(16)}paths  rolled back  refused by            taken for change  content resets  better after  shown`);
  for (const { name, rolledBack: back, refusedBy, takenForChange, contentResets, betterAfter, shown } of figures) {
    console.log(
      `   ${name.padEnd(16)}${String(back.of).padStart(5)}${String(back.count).padStart(13)}  ${countsOf(refusedBy).padEnd(22)}${String(takenForChange).padStart(16)}${String(contentResets).padStart(16)}${String(betterAfter ?? 'never').padStart(14)}   ${shown.toFixed(3)}`,
    );
  }
  if (verdictOf(rolledBack, ROLLED_BACK) !== 'pass') console.log('   More honest paths end rolled back than may.');
}

function honestFigures(paths: readonly Path[]): HonestFigures {
  const runs = paths.flatMap((path) => path.runs);
  return {
    rolledBack: shareWhere(paths, isRolledBack),
    refusedRuns: shareWhere(runs, ({ refusedBy }) => refusedBy !== null),
    refusedBy: Object.fromEntries(STEPS.map((step) => [step, runs.filter(({ refusedBy }) => refusedBy === step).length])),
    takenForChange: runs.filter(({ takenForChange }) => takenForChange).length,
    contentResets: runs.filter(({ contentReset }) => contentReset).length,
    betterAfter: medianReached(paths.map((path) => path.runs.find(({ verdict }) => verdict === 'BETTER')?.after ?? null)),
    shown: mean(paths.map(({ shown }) => mean([...shown]))),
  };
}

function badFigures(paths: readonly Path[], undisturbed: readonly Path[], searches: number): BadFigures {
  const from = Math.floor(searches / 2);
  const later = paths.map(({ runs }) => runs.filter(({ after }) => after > from));
  const caught = later.map((runs) => runs.find((run) => noticedBy(run) !== null));
  const after = (run: PathRun | undefined): number | null => (run === undefined ? null : run.after - from);
  const caughtBy: Record<string, number> = {};
  for (const run of caught) {
    const by = (run === undefined ? null : noticedBy(run)) ?? 'nothing';
    caughtBy[by] = (caughtBy[by] ?? 0) + 1;
  }
  const shownIn = (all: readonly Path[]): number => mean(all.map(({ shown }) => mean([...shown.subarray(from)])));
  return {
    paths: paths.length,
    caughtBy,
    caughtAfter: medianReached(caught.map(after)),
    learnedAfter: medianReached(later.map((runs) => after(runs.find(({ refusedBy }) => refusedBy === null)))),
    rolledBack: paths.filter(isRolledBack).length,
    shown: shownIn(paths),
    cost: shownIn(undisturbed) - shownIn(paths),
  };
}

/** What a run noticed. */
function noticedBy({ refusedBy, rolledBack, contentReset }: PathRun): string | null {
  return refusedBy ?? (rolledBack ? 'rollback' : contentReset ? 'cold alarm' : null);
}

function isRolledBack({ runs }: Path): boolean {
  return runs.some((run) => run.rolledBack);
}

function lineOf(name: string, { paths, caughtBy, caughtAfter, learnedAfter, rolledBack, shown, cost }: BadFigures): string {
  return `   ${name.padEnd(40)}${String(paths).padStart(6)}${String(caughtAfter ?? 'never').padStart(14)}  ${countsOf(caughtBy).padEnd(22)}${String(learnedAfter ?? 'never').padStart(15)}${String(rolledBack).padStart(13)}  ${shown.toFixed(3)}  ${cost.toFixed(3)}`;
}

/** Example: { batch: 3, guard: 0 } → "batch 3". */
function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).filter(([, count]) => count > 0).map(([what, count]) => `${what} ${count}`).join(', ') || '—';
}
