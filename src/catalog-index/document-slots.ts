/** Gives each document a small number, its slot: what the index's columns and lists are addressed by. */
import type { IndexState } from './index-snapshot.js';

/** Below this many removed documents it is not worth going through the lists. */
const FEWEST_DEAD_TO_PURGE = 256;

/** A removed document's slot stays dead, still named by the lists, until they have been purged of it. */
export class DocumentSlots {
  /** 1 for a slot whose document is there. */
  alive: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  private readonly slots = new Map<string, number>();
  private ids: string[] = [];
  private unused: number[] = [];
  private dead: number[] = [];

  /** How many documents there are. */
  get size(): number {
    return this.slots.size;
  }

  /** Slots run from 0 to below this. */
  get capacity(): number {
    return this.ids.length;
  }

  find(id: string): number | undefined {
    return this.slots.get(id);
  }

  id(slot: number): string {
    return this.ids[slot]!;
  }

  add(id: string): number {
    const slot = this.unused.pop() ?? this.ids.length;
    this.ids[slot] = id;
    this.slots.set(id, slot);
    if (slot >= this.alive.length) {
      const alive = new Uint8Array(this.alive.length * 2);
      alive.set(this.alive);
      this.alive = alive;
    }
    this.alive[slot] = 1;
    return slot;
  }

  remove(id: string): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    this.slots.delete(id);
    this.ids[slot] = '';
    this.alive[slot] = 0;
    this.dead.push(slot);
  }

  /** So many are dead that the lists should be purged: a fifth, so the work spreads over many removals. */
  get shouldPurge(): boolean {
    return this.dead.length >= FEWEST_DEAD_TO_PURGE && this.dead.length * 4 >= this.size;
  }

  /** No list names a dead slot any more: they may be used again. */
  purged(): void {
    for (const slot of this.dead) this.unused.push(slot);
    this.dead = [];
  }

  /** Writes all slots into a state. */
  save({ columns, rest }: IndexState): void {
    columns.alive = this.alive;
    rest.slots = { ids: this.ids, unused: this.unused, dead: this.dead };
  }

  /** Takes over what `save` has written. */
  load({ columns, rest }: IndexState): void {
    this.alive = columns.alive as Uint8Array<ArrayBuffer>;
    ({ ids: this.ids, unused: this.unused, dead: this.dead } = rest.slots as { ids: string[]; unused: number[]; dead: number[] });
    this.slots.clear();
    this.ids.forEach((id, slot) => this.alive[slot] === 1 && this.slots.set(id, slot));
  }
}
