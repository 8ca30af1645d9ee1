/** `rankloop status`: whether the server is there, what serves, how far the next training is. */
import { EXIT, type ExitCode } from '../exit-codes.js';
import { bytes, count, counted, decimal, duration, percent } from '../format.js';
import { Status, type RunFragment, type StatusQuery } from '../generated/operations.js';
import { connect, type ServerOptions } from '../server.js';

export interface StatusOptions extends ServerOptions {
  json?: boolean;
}

export async function status(options: StatusOptions): Promise<ExitCode> {
  const state = await connect(options)(Status, {});
  process.stdout.write(options.json ? `${JSON.stringify({ url: options.url, ...state }, null, 2)}\n` : `${describe(options.url, state)}\n`);
  return EXIT.done;
}

/** One line a subject. Ages go by the server's clock, which is also the one that its times are of. */
export function describe(url: string, state: StatusQuery): string {
  const { activeRanker, activations, sampleStats, trainingRuns, learningProof, modelStorage, documents } = state;
  const now = new Date(sampleStats.updatedAt).getTime();
  const age = (at: string): string => duration((now - new Date(at).getTime()) / 1_000);
  const since = activations.edges[0]?.node;
  const lines: [string, string][] = [
    ['server', url],
    ['serves', `${activeRanker.name}${since ? `, for ${age(since.at)} (${words(since.reason)}${since.evidence ? `: ${since.evidence}` : ''})` : ', since the beginning'}`],
    ['documents', documents.edges.length > 0 ? 'imported' : 'none yet: `rankloop import FILE`'],
    ['samples', `${count(sampleStats.total)} (${count(sampleStats.positive)} clicked, ${percent(sampleStats.clickRate)}), from ${counted(sampleStats.searches, 'search', 'searches')}; ${count(sampleStats.unsettled)} still unsettled`],
    ['training', distance(sampleStats)],
    ...trainingRuns.edges.map(({ node }, index): [string, string] => [index === 0 ? 'last runs' : '', runLine(node, age)]),
    ['proof', proofLine(learningProof.all)],
    ['storage', storageLine(modelStorage)],
    ...(modelStorage.warning ? [['warning', modelStorage.warning] as [string, string]] : []),
  ];
  return lines.map(([subject, text]) => `${subject.padEnd(11)}${text}`).join('\n');
}

function distance({ sinceLastTraining, threshold, untilTrigger, waitingReason, runsLastHour }: StatusQuery['sampleStats']): string {
  const due = untilTrigger > 0 ? `${count(untilTrigger)} to go` : 'due';
  const waits = waitingReason === null ? '' : `; it waits: ${waitingReason}`;
  return `${count(sinceLastTraining)} of ${count(threshold)} new samples, ${due}; ${counted(runsLastHour, 'run')} in the last hour${waits}`;
}

function runLine({ mode, status: state, checkpoint, metrics, newSamples, progress, queuedAt, reason }: RunFragment, age: (at: string) => string): string {
  const what = state === 'RUNNING' || state === 'QUEUED' ? `${words(state)}, ${percent(progress)}` : words(state);
  const figures = metrics ? `, log loss ${decimal(metrics.logLoss)}, AUC ${decimal(metrics.auc)}` : '';
  return `${age(queuedAt)} ago: ${mode.toLowerCase()}, ${counted(newSamples, 'new sample')}, ${what}${checkpoint ? ` (${checkpoint.name})` : ''}${figures}${reason ? `: ${reason}` : ''}`;
}

function proofLine({ wins, losses, comparisons, winRate, lower, upper, verdict }: StatusQuery['learningProof']['all']): string {
  const said = { TOO_EARLY: 'too early', BETTER: 'learning is better', WORSE: 'learning is worse', UNDECIDED: 'undecided' }[verdict];
  if (winRate === null || lower === null || upper === null) return `${said} (${counted(comparisons, 'comparison')})`;
  return `${said}: learning wins ${percent(winRate)} of ${counted(wins + losses, 'head-to-head')} (${percent(lower)} to ${percent(upper)})`;
}

function storageLine({ online, offline, archived, rejected, freeDiskBytes }: StatusQuery['modelStorage']): string {
  const all = [online, offline, archived, rejected];
  const sum = (pick: (usage: typeof online) => number): number => all.reduce((total, usage) => total + pick(usage), 0);
  return `${counted(sum((usage) => usage.checkpoints), 'checkpoint')}, ${bytes(sum((usage) => usage.bytes))}; ${bytes(freeDiskBytes)} free`;
}

function words(constant: string): string {
  return constant.toLowerCase().replaceAll('_', ' ');
}
