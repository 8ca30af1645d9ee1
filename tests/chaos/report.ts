/** The table at the end, the same as JSON, and a line for whoever counts tests. */
import { FAULTS } from './faults.js';
import type { Findings } from './comparison.js';
import type { Entries } from './ledger.js';
import type { RoundReport, Trained } from './suite.js';

export interface Figures extends Trained {
  seed: number;
  rounds: number;
  byKind: { kind: string; rounds: number; recoveredMsMedian: number | null; recoveredMsMax: number | null }[];
  acknowledgedSearches: number;
  acknowledgedClicks: number;
  /** Attempted without an answer: a search is left, a click is sent again. */
  unansweredSearches: number;
  retriedClicks: number;
  /** Of the clicks sent again, those that had been stored. */
  storedUnanswered: number;
  lost: number;
  duplicated: number;
  wrong: number;
  neverRecovered: number;
  recoveredMsMedian: number | null;
  recoveredMsMax: number | null;
  slowestRefusalMs: number;
  slowestStopMs: number;
  seconds: number;
}

export function figuresOf(run: { seed: number; rounds: readonly RoundReport[]; all: readonly Findings[]; entries: Entries; trained: Trained; slowestRefusalMs: number; slowestStopMs: number; seconds: number }): Figures {
  const { seed, rounds, all, entries, trained, slowestRefusalMs, slowestStopMs, seconds } = run;
  const times = (kind?: string): number[] => rounds.flatMap((round) => (round.recoveredMs !== null && (kind === undefined || round.kind === kind) ? [round.recoveredMs] : []));
  // What one comparison has found, the next finds too.
  const distinct = (field: keyof Findings): number => new Set(all.flatMap((findings) => findings[field])).size;
  const sum = (field: 'retried' | 'stored'): number => rounds.reduce((total, round) => total + round[field], 0);
  return {
    seed,
    rounds: rounds.length,
    byKind: Object.keys(FAULTS).map((kind) => ({ kind, rounds: rounds.filter((round) => round.kind === kind).length, recoveredMsMedian: median(times(kind)), recoveredMsMax: max(times(kind)) })),
    acknowledgedSearches: entries.searches.filter(({ answer }) => answer !== null).length,
    acknowledgedClicks: entries.clicks.filter(({ acknowledgements }) => acknowledgements > 0).length,
    unansweredSearches: entries.searches.filter(({ answer }) => answer === null).length,
    retriedClicks: sum('retried'),
    storedUnanswered: sum('stored'),
    ...trained,
    lost: distinct('lost'),
    duplicated: distinct('duplicated'),
    wrong: distinct('wrong'),
    neverRecovered: rounds.filter(({ recoveredMs }) => recoveredMs === null).length,
    recoveredMsMedian: median(times()),
    recoveredMsMax: max(times()),
    slowestRefusalMs: Math.round(slowestRefusalMs),
    slowestStopMs: Math.round(slowestStopMs),
    seconds: Math.round(seconds),
  };
}

export function tableOf(figures: Figures): string {
  const row = (name: string, ...cells: (number | string | null)[]): string => `${name.padEnd(40)}${cells.map((cell) => String(cell ?? '–').padStart(10)).join('')}`;
  return [
    row('', 'rounds', 'p50 ms', 'max ms'),
    ...figures.byKind.map(({ kind, rounds, recoveredMsMedian, recoveredMsMax }) => row(kind, rounds, recoveredMsMedian, recoveredMsMax)),
    row('all: recovered in', figures.rounds, figures.recoveredMsMedian, figures.recoveredMsMax),
    row('acknowledged searches', figures.acknowledgedSearches),
    row('acknowledged clicks', figures.acknowledgedClicks),
    row('searches without an answer', figures.unansweredSearches),
    row('clicks sent again; stored before', figures.retriedClicks, figures.storedUnanswered),
    row('training runs; promoted; taken up', figures.runs, figures.promoted, figures.takenUp),
    row('lost', figures.lost),
    row('duplicated', figures.duplicated),
    row('otherwise wrong', figures.wrong),
    row('never recovered', figures.neverRecovered),
    row('slowest UNAVAILABLE; slowest stop, ms', figures.slowestRefusalMs, figures.slowestStopMs),
    row('seed; seconds', figures.seed, figures.seconds),
  ].join('\n');
}

/** As jest's last lines are read: a test for each round and one for the last comparison. */
export function testsLine(passed: number, failed: number): string {
  return `Tests:       ${failed > 0 ? `${failed} failed, ` : ''}${passed} passed, ${passed + failed} total`;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0 ? null : Math.round(sorted[Math.floor((sorted.length - 1) / 2)]!);
}

function max(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.round(Math.max(...values));
}
