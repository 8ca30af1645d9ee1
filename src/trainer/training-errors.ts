/** Why a training did not come to its end. */

/** The caller's signal said so. */
export class TrainingAbortedError extends Error {
  override readonly name = 'TrainingAbortedError';

  constructor() {
    super('the training was cancelled');
  }
}

/** The trainer has been stopped, or not been started. */
export class TrainerStoppedError extends Error {
  override readonly name = 'TrainerStoppedError';

  constructor() {
    super('the trainer is not running');
  }
}

/** The thread ended under the training (out of memory, a crash); another takes its place, and trying again may help. */
export class TrainingThreadDiedError extends Error {
  override readonly name = 'TrainingThreadDiedError';

  constructor(cause: unknown) {
    super(`the training thread died: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The learner refused what it was given (an unreadable parent, columns that do not fit): trying again will not help. */
export class TrainingFailedError extends Error {
  override readonly name = 'TrainingFailedError';
}
