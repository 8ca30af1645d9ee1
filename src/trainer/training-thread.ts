/** What runs in a training thread: batches in, checkpoint bytes and metrics out. No database, no files. */
import { setPriority } from 'node:os';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { decodeCheckpoint, encodeCheckpoint } from '../learning/checkpoint-format.js';
import { Learner } from '../learning/learner.js';
import type { RankerModel } from '../learning/ranker-model.js';
import type { FromThread, ToThread, TrainingOutcome, TrainingResult, TrainingTask } from './training-protocol.js';

/** Learning can wait a moment, a search should not. On Linux a priority belongs to a thread; elsewhere it would slow the whole process. */
const NICENESS = 10;
if (process.platform === 'linux') setPriority(NICENESS);

/** The task of the pool, which calls it by its name. */
export async function train(task: TrainingTask): Promise<unknown> {
  try {
    const { modelType, mode, windowSize } = task;
    const learner = new Learner(readParent(task.parent), { modelType, mode, ...(windowSize !== undefined && { windowSize }) });
    await learnAll(task, learner);
    return moved(finish(task, learner));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) } satisfies TrainingOutcome;
  } finally {
    task.port.close();
  }
}

function readParent(parent: Uint8Array | null): RankerModel | null {
  if (parent === null) return null;
  try {
    return decodeCheckpoint(parent).model;
  } catch (error) {
    throw new Error(`the parent checkpoint cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Learns batch after batch until the other side says that there are no more. */
function learnAll({ port }: TrainingTask, learner: Learner): Promise<void> {
  return new Promise((resolve, reject) => {
    port.on('message', ({ batch }: ToThread) => {
      try {
        if (batch === null) return resolve();
        learner.learn(batch);
        port.postMessage({ samplesDone: learner.samples, logLoss: learner.logLoss } satisfies FromThread);
      } catch (error) {
        reject(error as Error);
      }
    });
    port.on('close', () => reject(new Error('the samples ended before they were all there')));
  });
}

function finish({ origin, mode }: TrainingTask, learner: Learner): TrainingResult {
  const { model, metrics, servedMetrics, calibrationBins, samples, finite } = learner.finish();
  const metadata = { ...origin, mode, name: '', createdAt: '', samples, metrics, servedMetrics, calibrationBins };
  return {
    bytes: encodeCheckpoint(model, metadata),
    metrics,
    servedMetrics,
    calibrationBins,
    examination: model.examination.firstPlaces(),
    samples,
    finite,
  };
}

/** Moves the bytes to the main thread instead of copying them. */
function moved(result: TrainingResult): unknown {
  const outcome: TrainingOutcome = { result };
  return move({ [transferableSymbol]: [result.bytes.buffer], [valueSymbol]: outcome });
}
