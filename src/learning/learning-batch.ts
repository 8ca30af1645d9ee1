/** The columns in which samples travel from the database to the learner: typed arrays, so that they move between threads without a copy. */

/** What a row of a batch is. */
export const ROW_KIND = {
  /** A sample learned for the first time: scored, then learned by memory and content model. */
  newSample: 0,
  /** A sample learned by an ancestor, replayed into the window of LOGISTIC; champion and challenger are compared on it, too. */
  replayedSample: 1,
  /** A click on a sample that was learned as not clicked: a correction. */
  lateClick: 2,
  /** A sample that the champion of an offline run has learned, too: on the newest of them champion and challenger are compared. */
  anchorSample: 3,
} as const;

/** Whether a sample stood in a drawn pair, by its served place. */
export const DRAWN_PAIR = { none: 0, upper: 1, lower: 2 } as const;

/**
 * n rows in learning order. F is FEATURE_SET.names.length. For a late click `labels`, `drawnPair`, `sampleHash` and
 * `queryIndices` are not read.
 */
export interface LearningBatch {
  /** ROW_KIND, n. */
  kind: Uint8Array;
  /** writePairKey of (query key, document id), 2n. */
  pairKeys: Uint32Array;
  /** writeCellHashes of the sample among its neighbours on the page, 2n. */
  cellHashes: Uint32Array;
  /** As stored with the sample, n×F row-major. */
  features: Float32Array;
  /** From 1 over the whole ranking, n. */
  positions: Uint16Array;
  /** 1 clicked, 0 not, n. */
  labels: Uint8Array;
  /** Seconds since 1970 by the database's clock, n. */
  shownAtSeconds: Float64Array;
  /** The click probability stored when the sample was shown, n. */
  predicted: Float32Array;
  /** 1 when the base ranker served it, n. */
  servedByBase: Uint8Array;
  /** DRAWN_PAIR, n. */
  drawnPair: Uint8Array;
  /** A uniform hash of the sample's id, which draws its inclusion in a fit the same way every time, n. */
  sampleHash: Uint32Array;
  /** Which of `queries` the sample was shown for, n. */
  queryIndices: Uint32Array;
  /** Query texts as typed. */
  queries: string[];
}

type Column = Exclude<keyof LearningBatch, 'queries'>;

/** An empty batch of n rows (zeros), to be filled. */
export function createLearningBatch(rows: number, featureCount: number): LearningBatch {
  return {
    kind: new Uint8Array(rows),
    pairKeys: new Uint32Array(2 * rows),
    cellHashes: new Uint32Array(2 * rows),
    features: new Float32Array(rows * featureCount),
    positions: new Uint16Array(rows),
    labels: new Uint8Array(rows),
    shownAtSeconds: new Float64Array(rows),
    predicted: new Float32Array(rows),
    servedByBase: new Uint8Array(rows),
    drawnPair: new Uint8Array(rows),
    sampleHash: new Uint32Array(rows),
    queryIndices: new Uint32Array(rows),
    queries: [],
  };
}

/** The buffers to name when a batch is posted to another thread; afterwards the sender's arrays are empty. */
export function batchBuffers(batch: LearningBatch): ArrayBuffer[] {
  return columnsOf(batch).map((name) => batch[name].buffer as ArrayBuffer);
}

/** Throws when the columns do not belong together: a fault of the program, never of the data. */
export function assertBatchShape(batch: LearningBatch, featureCount: number): void {
  const rows = batch.kind.length;
  const expected = createLearningBatch(0, featureCount);
  for (const name of columnsOf(expected)) {
    const perRow = name === 'pairKeys' || name === 'cellHashes' ? 2 : name === 'features' ? featureCount : 1;
    if (batch[name].length !== rows * perRow) {
      throw new RangeError(`learning batch of ${rows} rows: ${name} has ${batch[name].length} entries, not ${rows * perRow}`);
    }
  }
}

/** The names of a batch's typed arrays. */
export function columnsOf(batch: LearningBatch): Column[] {
  return (Object.keys(batch) as (keyof LearningBatch)[]).filter((name) => name !== 'queries');
}
