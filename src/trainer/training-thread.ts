/** What runs in a training thread: batches in, checkpoint bytes and metrics out. No database, no files. */
import { setPriority } from 'node:os';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { decodeCheckpoint, encodeCheckpoint } from '../learning/checkpoint-format.js';
import { Learner } from '../learning/learner.js';
import type { LearningBatch } from '../learning/learning-batch.js';
import { judgeByMemory } from '../learning/memory-guard.js';
import type { RankerModel } from '../learning/ranker-model.js';
import { KeptModels } from './kept-models.js';
import type { FromThread, ToThread, TrainingOutcome, TrainingResult, TrainingTask } from './training-protocol.js';

/** Learning can wait a moment, a search should not. On Linux a priority belongs to a thread; elsewhere it would slow the whole process. */
const NICENESS = 10;
if (process.platform === 'linux') setPriority(NICENESS);

const keptModels = new KeptModels();

/** The task of the pool, which calls it by its name. */
export async function train(task: TrainingTask): Promise<unknown> {
  const inbox = new Inbox(task);
  try {
    const { modelType, mode, windowSize, resetContent = false } = task;
    const parent = await modelOf(task.parentKey, 'parent', inbox);
    const champion = await modelOf(task.championKey, 'active', inbox);
    const learner = new Learner(parent, { modelType, mode, champion, resetContent, ...(windowSize !== undefined && { windowSize }) });
    for (let batch = await inbox.nextBatch(); batch !== null; batch = await inbox.nextBatch()) {
      learner.learn(batch);
      inbox.say({ samplesDone: learner.samples, logLoss: learner.logLoss });
    }
    return moved(finish(task, learner));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) } satisfies TrainingOutcome;
  } finally {
    task.port.close();
  }
}

/** What the other side sends, in order: batches as they are asked for, models as they are needed. */
class Inbox {
  readonly #task: TrainingTask;
  readonly #batches: (LearningBatch | null)[] = [];
  readonly #models = new Map<string, Uint8Array>();
  #closed = false;
  #wake: () => void = () => {};

  constructor(task: TrainingTask) {
    this.#task = task;
    task.port.on('message', (message: ToThread) => {
      if ('batch' in message) this.#batches.push(message.batch);
      else this.#models.set(message.key, message.bytes);
      this.#wake();
    });
    task.port.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  say(message: FromThread): void {
    this.#task.port.postMessage(message);
  }

  /** Null: there are no more. */
  nextBatch(): Promise<LearningBatch | null> {
    return this.#until(() => this.#batches.shift());
  }

  async model(key: string): Promise<Uint8Array> {
    this.say({ needs: key });
    const bytes = await this.#until(() => this.#models.get(key));
    this.#models.delete(key);
    return bytes;
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#closed) throw new Error('the samples ended before they were all there');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

async function modelOf(key: string | null, role: 'parent' | 'active', inbox: Inbox): Promise<RankerModel | null> {
  if (key === null) return null;
  const kept = keptModels.get(key);
  if (kept !== undefined) return kept;
  const bytes = await inbox.model(key);
  try {
    const { model } = decodeCheckpoint(bytes);
    keptModels.keep(key, model);
    return model;
  } catch (error) {
    throw new Error(`the ${role} checkpoint cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function finish({ origin, mode, resultKey, guardQueries = [] }: TrainingTask, learner: Learner): TrainingResult {
  const { model, metrics, servedMetrics, calibrationBins, samples, finite, batchEvidence, anchorEvidence } = learner.finish();
  const metadata = { ...origin, mode, name: '', createdAt: '', samples, metrics, servedMetrics, calibrationBins };
  const bytes = encodeCheckpoint(model, metadata);
  if (finite) keptModels.keep(resultKey, model);
  return {
    bytes,
    metrics,
    servedMetrics,
    calibrationBins,
    examination: model.examination.firstPlaces(),
    samples,
    finite,
    batchEvidence,
    anchorEvidence,
    guardEvidence: finite && guardQueries.length > 0 ? judgeByMemory(model, guardQueries) : null,
    key: resultKey,
  };
}

/** Moves the bytes to the main thread instead of copying them. */
function moved(result: TrainingResult): unknown {
  const outcome: TrainingOutcome = { result };
  return move({ [transferableSymbol]: [result.bytes.buffer], [valueSymbol]: outcome });
}
