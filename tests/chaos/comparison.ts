/** Compares the ledger with the database: what was acknowledged is there once, and nothing is there that was never attempted. */
import { learningAccount } from '../support/learning-account.js';
import type { Entries } from './ledger.js';
import { readStored, type Sql, type Stored } from './stored.js';

export interface Findings {
  /** Searches and clicks that were acknowledged, and are not there as they were; by name. */
  lost: string[];
  /** What is there, or was counted, more than once; by name. */
  duplicated: string[];
  /** Everything else that does not hold. */
  wrong: string[];
}

export const isClean = ({ lost, duplicated, wrong }: Findings): boolean => lost.length + duplicated.length + wrong.length === 0;

/** The lowest search id: everything. */
export const FROM_THE_FIRST = '00000000-0000-0000-0000-000000000000';

/** The lowest id of a search made from now on. */
export function searchIdFromNow(): string {
  const hex = Date.now().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Compares what was attempted since the search `from`, and the counters. */
export async function compareEntries(sql: Sql, entries: Entries, from: string): Promise<Findings> {
  const stored = await readStored(sql, from);
  const findings: Findings = { lost: [], duplicated: [], wrong: [] };
  compareSearches(entries, stored, findings);
  compareClicks(entries, stored, findings);
  for (const { searchId, documentId, clickCount, clicks } of stored.miscounted) {
    (clickCount > clicks ? findings.duplicated : findings.lost).push(`of ${clicks} clicks on ${documentId} in ${searchId}, ${clickCount} are counted`);
  }
  for (const { name, counted, recount } of stored.counters) if (counted !== recount) findings.wrong.push(`the counter of ${name} says ${counted}; there are ${recount}`);
  const { count, inForce, notTrained } = stored.activations;
  for (const activation of notTrained) findings.wrong.push(`an activation that nobody asked for: ${activation}`);
  if (count > 0 && inForce === 'base') findings.wrong.push('models were promoted, and the base ranker is in force');
  return findings;
}

function compareSearches({ searches }: Entries, stored: Stored, { lost, duplicated, wrong }: Findings): void {
  const attempts = new Map(searches.map((attempt) => [attempt.id, attempt]));
  const found = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const { searchId, attempt, sampleCount, documentIds } of stored.searches) {
    if (!attempts.has(attempt)) wrong.push(`the search ${searchId} was never attempted (${attempt})`);
    if (seen.has(attempt)) duplicated.push(`the search ${attempt}`);
    seen.add(attempt);
    found.set(searchId, documentIds);
    if (sampleCount !== documentIds.length) wrong.push(`the search ${searchId} has ${documentIds.length} samples, and says ${sampleCount}`);
  }
  for (const { id, answer } of searches) {
    if (!answer) continue;
    const documentIds = found.get(answer.searchId);
    if (!documentIds) lost.push(`the search ${id}`);
    else if (documentIds.join(' ') !== answer.documentIds.join(' ')) lost.push(`the samples of ${id}: ${documentIds.join(' ')} for ${answer.documentIds.join(' ')}`);
  }
}

function compareClicks({ clicks }: Entries, stored: Stored, { lost, duplicated, wrong }: Findings): void {
  const keyOf = ({ searchId, documentId, eventId }: { searchId: string; documentId: string; eventId: string }): string => `${eventId} on ${documentId} in ${searchId}`;
  const attempts = new Set(clicks.map(keyOf));
  const found = new Set<string>();
  for (const click of stored.clicks) {
    const key = keyOf(click);
    if (!attempts.has(key)) wrong.push(`the click ${key} was never attempted`);
    if (found.has(key)) duplicated.push(`the click ${key}`);
    found.add(key);
  }
  for (const click of clicks) {
    if (click.acknowledgements > 0 && !found.has(keyOf(click))) lost.push(`the click ${keyOf(click)}`);
    if (click.saidNew > 1) duplicated.push(`the click ${keyOf(click)} was said to be new ${click.saidNew} times`);
  }
}

/** Follows the serving lineage: each sealed sample was learned once, or set aside and said so, and the click memory is the sum of what was learned. */
export async function compareLearning(sql: Sql): Promise<string[]> {
  const wrong: string[] = [];
  const expectEqual = (what: string, is: unknown, expected: unknown): void => {
    if (JSON.stringify(is) !== JSON.stringify(expected)) wrong.push(`${what}: ${JSON.stringify(is)} for ${JSON.stringify(expected)}`);
  };
  try {
    const account = await learningAccount({ sql });
    for (const name of ['misnumbered', 'miscountedRuns', 'mislabelled', 'early', 'notOfferedAgain'] as const) expectEqual(name, account[name], 0);
    expectEqual('misremembered', account.misremembered, []);
    expectEqual('samples sealed, or waiting', account.sealedOrWaiting, account.settled);
    expectEqual('samples that the lineage says it learned', account.reportedSamples, account.learnedSamples);
    if (account.lineage.length === 0) wrong.push('no model was ever promoted');
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  return wrong;
}

/** All of it. */
export async function compareAll(sql: Sql, entries: Entries): Promise<Findings> {
  const findings = await compareEntries(sql, entries, FROM_THE_FIRST);
  return { ...findings, wrong: [...findings.wrong, ...(await compareLearning(sql))] };
}
