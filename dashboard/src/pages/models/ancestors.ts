/** What a checkpoint went on from, generation after generation, and what is set aside when an older one serves again. */
import { Ancestors, type CheckpointStatus } from '../../generated/operations.js';
import type { GraphqlClient } from '../../graphql-client.js';

export interface Ancestor {
  /** "base" where the line begins. */
  id: string;
  /** null for the base ranker. */
  number: number | null;
  status: CheckpointStatus | null;
}

export interface Line {
  /** The nearest first; the checkpoint itself is not in it. */
  ancestors: readonly Ancestor[];
  /** There are more before these. */
  hasMore: boolean;
}

interface Parent {
  id: string;
  status?: CheckpointStatus;
  number?: number;
  parent?: Parent | null;
}

/**
 * Goes back to `until` or to the line's beginning, with at most so many requests of five generations each.
 * The checkpoint asked for is not in its own line.
 */
export async function loadLine(client: Pick<GraphqlClient, 'request'>, id: string, { until, requests }: { until: string | null; requests: number }): Promise<Line> {
  const ancestors: Ancestor[] = [];
  let from = id;
  for (let request = 0; request < requests; request += 1) {
    const answer: { checkpoint: Parent | null } = await client.request(Ancestors, { id: from });
    // The last of an answer is known by its id alone: the next answer begins with it.
    let next: Parent | null = (request === 0 ? answer.checkpoint?.parent : answer.checkpoint) ?? null;
    for (; next && (next.status !== undefined || next.id === 'base'); next = next.parent ?? null) {
      ancestors.push({ id: next.id, number: next.number ?? null, status: next.status ?? null });
      if (next.id === until) return { ancestors, hasMore: false };
    }
    if (!next) return { ancestors, hasMore: false };
    from = next.id;
  }
  return { ancestors, hasMore: true };
}

/** The numbers learned between a target and what serves: null when the target is not in that line, or too far back to tell. */
export function setAsideBetween(serving: Ancestor, line: Line, targetId: string): number[] | null {
  const place = line.ancestors.findIndex(({ id }) => id === targetId);
  if (place < 0) return null;
  return [serving, ...line.ancestors.slice(0, place)].flatMap(({ number }) => (number === null ? [] : [number])).reverse();
}

/** "038", "038–041", "038 … 045": numbers as people write them, ascending. */
export function numbersAsText(numbers: readonly number[]): string {
  const name = (number: number | undefined): string => String(number ?? 0).padStart(3, '0');
  const [first] = numbers;
  const last = numbers.at(-1);
  if (first === undefined || last === undefined) return '';
  if (first === last) return name(first);
  return last - first === numbers.length - 1 ? `${name(first)}–${name(last)}` : numbers.length === 2 ? `${name(first)}, ${name(last)}` : `${name(first)} … ${name(last)}`;
}
