/** The checkpoints as a lane over time, from the history: what became of each, and the ways back. */
import type { HistoryQuery, ReloadReason, TrainingMode } from '../../generated/operations.js';

/** served: it came to serve at some time. available: kept, never served. */
export type LaneState = 'served' | 'available' | 'rejected' | 'removed';

export interface LaneNode {
  /** "base" for the base ranker, which stands first. */
  id: string;
  /** null for the base ranker. */
  number: number | null;
  mode: TrainingMode | null;
  state: LaneState;
  isActive: boolean;
  /** Its bytes are gone: it cannot come back. */
  isGone: boolean;
  /** null for the base ranker. */
  createdAt: string | null;
  /** Why it was rejected. */
  reason: string | null;
  /** When it last came to serve, why, and in whose words. */
  served: { at: string; reason: ReloadReason; evidence: string | null } | null;
}

/** A change to an older ranker, by places in the lane. */
export interface LaneArrow {
  from: number;
  to: number;
  /** The activation's. */
  id: string;
}

export interface Lane {
  nodes: readonly LaneNode[];
  arrows: readonly LaneArrow[];
}

/** @param room how many places there are, the base ranker's included */
export function laneOf({ checkpoints, activations, rejectedRuns }: HistoryQuery, activeId: string | null, room: number): Lane {
  const served = new Map<string, NonNullable<LaneNode['served']>>();
  for (const { node } of [...activations.edges].reverse()) served.set(node.ranker.id, { at: node.at, reason: node.reason, evidence: node.evidence });
  const refusals = new Map(rejectedRuns.edges.flatMap(({ node }) => (node.checkpoint ? [[node.checkpoint.id, node.reason] as const] : [])));
  const newest = checkpoints.edges.slice(0, Math.max(0, room - 1)).map(({ node }) => node);
  const nodes: LaneNode[] = [
    { id: 'base', number: null, mode: null, state: served.has('base') || activeId === 'base' ? 'served' : 'available', isActive: activeId === 'base', isGone: false, createdAt: null, reason: null, served: served.get('base') ?? null },
    ...newest.reverse().map(({ id, number, mode, status, createdAt }): LaneNode => {
      const isRejected = status === 'REJECTED' || refusals.has(id);
      const isGone = status === 'REMOVED';
      const state = isRejected ? 'rejected' : served.has(id) || activeId === id ? 'served' : isGone ? 'removed' : 'available';
      return { id, number, mode, state, isActive: id === activeId, isGone, createdAt, reason: refusals.get(id) ?? null, served: served.get(id) ?? null };
    }),
  ];
  const places = new Map(nodes.map(({ id }, place) => [id, place]));
  const arrows = activations.edges.flatMap(({ node }) => {
    const from = node.previous ? places.get(node.previous.id) : undefined;
    const to = places.get(node.ranker.id);
    return node.reason !== 'TRAINED' && from !== undefined && to !== undefined && to < from ? [{ from, to, id: node.id }] : [];
  });
  return { nodes, arrows };
}
