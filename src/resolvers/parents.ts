/** What resolvers hand on for types whose fields are read only when asked for. */
import type { Checkpoint, TrainingRun } from '../generated/prisma/client.js';

/** A ranker known by its id alone. */
export interface RankerParent {
  id: string;
}

/** A stored row, or just its id: then the row is read when a field beyond id and name is asked for. */
export type CheckpointParent = Checkpoint | RankerParent;

export interface ProgressParent {
  run: TrainingRun;
}

/** A ranker by id; null stands for none. */
export function ranker(id: string | null): RankerParent | null {
  return id === null ? null : { id };
}
