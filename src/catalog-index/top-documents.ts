/** Picks the best documents out of all that were scored, without sorting them all. */
import type { DocumentSlots } from './document-slots.js';

/** The `limit` best of the first `count` slots: highest score first, equal scores by id in the order of code units. */
export function topDocuments(found: Uint32Array, count: number, scores: Float64Array, slots: DocumentSlots, limit: number): number[] {
  /** Below 0: a stands before b. */
  const order = (a: number, b: number): number => {
    const difference = scores[b]! - scores[a]!;
    return difference !== 0 ? difference : slots.id(a) < slots.id(b) ? -1 : 1;
  };
  if (limit <= 0) return [];
  const kept = Array.from(found.subarray(0, Math.min(count, limit)));
  if (count > limit) {
    // A heap with the worst kept document on top: most of the others fall to one comparison with it.
    for (let at = (limit >> 1) - 1; at >= 0; at--) sink(kept, at, order);
    for (let i = limit; i < count; i++) {
      const slot = found[i]!;
      if (scores[slot]! < scores[kept[0]!]! || order(slot, kept[0]!) > 0) continue;
      kept[0] = slot;
      sink(kept, 0, order);
    }
  }
  return kept.sort(order);
}

function sink(heap: number[], from: number, order: (a: number, b: number) => number): void {
  const moved = heap[from]!;
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && order(heap[child + 1]!, heap[child]!) > 0) child++;
    if (order(heap[child]!, moved) <= 0) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moved;
}
