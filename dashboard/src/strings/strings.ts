/** Every word the page says, in each language: one file a language, checked against this list. */
import type { ReloadReason } from '../generated/operations.js';
import type { Connection } from '../graphql-client.js';
import type { Language, Theme } from '../preferences.js';
import { en } from './en.js';
import { zh } from './zh.js';

/** Numbers come in already formatted, except those a plural depends on. */
export interface Strings {
  /** For Intl. */
  locale: string;
  tagline: string;
  searchLabel: string;
  searchPlaceholder: string;
  searchButton: string;
  tryThese: string;
  playground: string;
  theme: Record<Theme, string>;
  switchLanguage: string;
  connection: Record<Connection, string>;
  lastKnown(age: string): string;
  baseRanker: string;
  servesNow(name: string): string;
  servingFor(age: string): string;
  matches(count: number, text: string): string;
  rankedBy(name: string): string;
  explored: string;
  exploredHint: string;
  risen(places: number): string;
  fallen(places: number): string;
  unmoved: string;
  movedWhy(base: number, position: number): string;
  unmovedWhy: string;
  chance(share: string): string;
  chanceHint(share: string, here: string): string;
  clicked: string;
  clickFailed: string;
  clickHint: string;
  rankingChanged: string;
  show: string;
  more: string;
  noMatches(query: string): string;
  noMatchesHint: string;
  firstSteps: string;
  firstStepsHint: string;
  intoTraining: string;
  newSamples(count: string, threshold: string): string;
  untilTraining(count: number, text: string): string;
  isDue: string;
  settling(count: number, text: string): string;
  waiting(reason: string): string;
  totals(searches: string, clicks: string, rate: string): string;
  trainingNow(samples: number, text: string): string;
  noTraining: string;
  offlineRun: string;
  events: string;
  noEvents: string;
  runStarted(samples: string): string;
  runDone(samples: string, name: string, duration: string): string;
  runFigures(logLoss: string, auc: string): string;
  runFiguresServed(logLoss: string, auc: string): string;
  runRejected(reason: string): string;
  runFailed(reason: string): string;
  runCancelled: string;
  noReason: string;
  nowServing(name: string): string;
  reloadReason: Record<ReloadReason, string>;
  removed(name: string): string;
  emptyTitle: string;
  emptyText: string;
  emptyDemo: string;
  emptyImport: string;
  emptyWatching: string;
  copy: string;
  copied: string;
  searchFailed: string;
  stillWorks: string;
  serverAway: string;
  serverAwayHint: string;
  tryAgain: string;
}

const all: Record<Language, Strings> = { en, zh };

export function stringsOf(language: Language): Strings {
  return all[language];
}
