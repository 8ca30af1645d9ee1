/** `rankloop train`: starts a training run and, unless told not to, waits for what comes of it. */
import { setTimeout as wait } from 'node:timers/promises';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { count, counted, decimal, duration, percent } from '../format.js';
import { TrainingRunById, TrainModel, type ModelType, type RunFragment, type TrainingMode, type TrainingStatus } from '../generated/operations.js';
import { interruptible } from '../interruption.js';
import { connect, type ServerOptions } from '../server.js';

export interface TrainOptions extends ServerOptions {
  mode: TrainingMode;
  model?: ModelType;
  activate: boolean;
  wait: boolean;
}

const POLL_INTERVAL_MS = 250;
/** A training goes on without us; a server that restarts is asked again for so long. */
const RETRIES = 12;
/** So often a model that is to serve is looked for after its run: two seconds. */
const RELOAD_LOOKS = 8;

const OUTCOMES: Readonly<Partial<Record<TrainingStatus, ExitCode>>> = {
  SUCCEEDED: EXIT.done,
  REJECTED: EXIT.rejected,
  FAILED: EXIT.runFailed,
  CANCELLED: EXIT.runCancelled,
};

export function train(options: TrainOptions): Promise<ExitCode> {
  return interruptible(async (signal) => {
    const request = connect(options);
    const { mode, model, activate } = options;
    let { run } = (await request(TrainModel, { input: { mode, modelType: model ?? null, activate } })).trainModel;
    process.stdout.write(`Training run ${run.id} began: ${mode.toLowerCase()}, ${run.modelType.toLowerCase()}.\n`);
    if (!options.wait) return EXIT.done;
    const showProgress = progressLine(process.stderr);
    try {
      for (let looks = 0; OUTCOMES[run.status] === undefined || (activate && isComing(run) && looks++ < RELOAD_LOOKS); ) {
        showProgress(`${run.status.toLowerCase()}, ${percent(run.progress)}`);
        await wait(POLL_INTERVAL_MS, undefined, { signal });
        run = (await request(TrainingRunById, { id: run.id }, { signal, retries: RETRIES })).trainingRun ?? { ...run, status: 'FAILED', reason: 'The run is not there any more.' };
      }
    } catch (error) {
      if (signal.aborted) process.stderr.write(`The run goes on in the server: \`rankloop status\` tells of it.\n`);
      throw error;
    } finally {
      showProgress('');
    }
    process.stdout.write(`${outcome(run, activate)}\n`);
    return OUTCOMES[run.status] ?? EXIT.failed;
  });
}

/** A promoted model serves a moment after its run has ended. */
function isComing({ status, checkpoint }: RunFragment): boolean {
  return status === 'SUCCEEDED' && checkpoint !== null && !checkpoint.active;
}

/** Redrawn on a terminal, and nothing elsewhere: a run takes seconds. */
function progressLine(stream: NodeJS.WriteStream): (text: string) => void {
  return (text) => void (stream.isTTY && stream.write(`\r\x1b[2K${text}`));
}

export function outcome(run: RunFragment, activate: boolean): string {
  const { status, checkpoint, metrics, servedMetrics, samples, durationMs, reason } = run;
  const figures = metrics ? ` Log loss ${decimal(metrics.logLoss)}, AUC ${decimal(metrics.auc)}; what served: ${decimal(servedMetrics?.logLoss)}, ${decimal(servedMetrics?.auc)}.` : '';
  const why = reason === null ? '' : `\n${reason}`;
  if (status !== 'SUCCEEDED') return `The run was ${status === 'FAILED' ? 'not finished: it failed' : status.toLowerCase()} after ${counted(samples, 'sample')}; what served before goes on serving.${figures}${why}`;
  const serves = checkpoint?.active ? 'it serves now' : activate ? 'it does not serve' : 'it is kept and does not serve';
  return `${checkpoint?.name ?? 'A checkpoint'} learned ${count(samples)} samples in ${duration((durationMs ?? 0) / 1_000)}; ${serves}.${figures}${why}`;
}
