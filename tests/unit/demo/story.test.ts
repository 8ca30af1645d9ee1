/** What the demo says of the server's events. */
import { beforeEach, expect, test } from '@jest/globals';
import type { ProofFigures, SampleStats } from '../../../demo/operations.js';
import { Story } from '../../../demo/story.js';
import { Terminal } from '../../../demo/terminal.js';

const STATS: SampleStats = { total: 0, positive: 0, clickRate: 0, searches: 0, unsettled: 0, lastTrainingTotal: 0, sinceLastTraining: 0, threshold: 100, untilTrigger: 100, waitingReason: null };
const LATER: SampleStats = { ...STATS, total: 400, positive: 44, clickRate: 0.11, searches: 40, unsettled: 25, sinceLastTraining: 50, untilTrigger: 50 };

const UNSEEN = { ndcg: 0.4, base: 0.4 };
const EARLY: ProofFigures = { wins: 9, losses: 3, winRate: 0.75, lower: 0.34, upper: 0.98, verdict: 'TOO_EARLY' };
const WON: ProofFigures = { wins: 70, losses: 30, winRate: 0.7, lower: 0.537, upper: 0.834, verdict: 'BETTER' };

let nowMs: number;
let text: string;
let story: Story;

beforeEach(() => {
  nowMs = 0;
  text = '';
  const terminal = new Terminal({ write: (more) => (text += more) }, () => nowMs);
  story = new Story(terminal, () => nowMs);
});

/** What was written since the last call. */
function told(): string[] {
  const lines = text.split('\n').slice(0, -1);
  text = '';
  return lines;
}

test('a training is told from what triggered it to how good the ranking became', () => {
  story.begins(STATS, 'base ranker', { ndcg: 0.41, base: 0.41 }, UNSEEN);
  expect(told()).toEqual(['  0:00  nDCG@10 .41 with base ranker']);
  nowMs = 12_000;
  story.trainingStarted({ id: 'r', mode: 'ONLINE', trigger: 'THRESHOLD', newSamples: 102 });
  const metrics = { logLoss: 0.312, auc: 0.781 };
  const servedMetrics = { logLoss: 0.33, auc: 0.74 };
  story.trainingFinished({ id: 'r', status: 'SUCCEEDED', reason: null, metrics, servedMetrics, checkpoint: { id: 'ctr_model_online_006' } }, 'models/ctr_online/ctr_model_online_006.safetensors');
  story.modelReloaded({ ranker: { id: 'c', name: 'ctr_model_online_006' }, reason: 'TRAINED' }, 3.2, null);
  story.qualityMeasured(0.58, 0.41, EARLY);
  story.checkpointRemoved('ctr_model_online_001');
  expect(told()).toEqual([
    '  0:12  training triggered by 102 new samples',
    '  0:12  saved models/ctr_online/ctr_model_online_006.safetensors (log loss .31, AUC .78; served .33, .74)',
    '  0:12  model reloaded in 3 ms',
    '  0:12  nDCG@10 .41 → .58, base .41  ▁█',
    '  0:12  never searched: .41, text alone .40 · too early: 12 head-to-heads',
    expect.stringContaining('nDCG .58'),
    '  0:12  removed ctr_model_online_001',
  ]);
});

test('the state shows samples against the threshold, searches, clicks and their rate', () => {
  story.stats(LATER);
  expect(told()).toEqual(['████████▒▒▒▒░░░░ 50/100 samples · 40 searches · 44 clicks · CTR 11.0 %']);
});

test('why a due run waits is told once it has waited for a while', () => {
  const waiting = { ...LATER, sinceLastTraining: 150, untilTrigger: 0, waitingReason: 'Online learning is disabled.' };
  story.stats(waiting);
  expect(told().join()).not.toContain('disabled');
  nowMs = 6_000;
  story.stats(waiting);
  expect(told().join()).toContain('Online learning is disabled.');
});

test('what learning proves is told again when it has changed', () => {
  story.begins(STATS, 'base ranker', { ndcg: 0.41, base: 0.41 }, UNSEEN);
  const learning = (): string[] => told().filter((line) => line.includes('never searched'));
  story.qualityMeasured(0.5, 0.4, EARLY);
  expect(learning()).toEqual(['  0:00  never searched: .40, text alone .40 · too early: 12 head-to-heads']);
  story.qualityMeasured(0.51, 0.401, EARLY);
  expect(learning()).toEqual([]);
  story.qualityMeasured(0.51, 0.401, WON);
  expect(learning()).toEqual(['  0:00  never searched: .40, text alone .40 · learning wins 70 % of 100 head-to-heads (54–83 %)']);
});

test('runs without a new model say why', () => {
  const run = { id: 'r', metrics: null, servedMetrics: null, checkpoint: null };
  story.trainingFinished({ ...run, status: 'REJECTED', reason: '412 clicks where 96 were expected in 1,000 samples (z = 34): more than chance gives. Look who sends the clicks.' }, null);
  story.trainingFinished({ ...run, status: 'CANCELLED', reason: null }, null);
  story.trainingFinished({ ...run, status: 'FAILED', reason: 'The run failed twice: no space left.' }, null);
  expect(told()).toEqual([
    '  0:00  training rejected: 412 clicks where 96 were expected in 1,000 samples (z = 34)',
    '  0:00  training cancelled',
    '  0:00  training failed: The run failed twice: no space left.',
  ]);
});

test('what a run with a new model has to say is told whole', () => {
  const reason = 'Third run in a row with more clicks than expected: taken for a real change, and learned. If it is none, roll back.';
  story.trainingFinished({ id: 'r', status: 'SUCCEEDED', reason, metrics: { logLoss: 0.3, auc: 0.8 }, servedMetrics: null, checkpoint: { id: 'c' } }, 'models/c.safetensors');
  expect(told()).toEqual(['  0:00  saved models/c.safetensors (log loss .30, AUC .80)', `  0:00  ${reason}`]);
});

test('an automatic rollback comes with its evidence', () => {
  story.modelReloaded({ ranker: { id: 'base', name: 'base ranker' }, reason: 'AUTO_ROLLED_BACK' }, null, 'users preferred the base ranker’s results in 70 of 100 head-to-heads');
  expect(told()).toEqual(['  0:00  model reloaded, base ranker serves: rolled back by itself, since users preferred the base ranker’s results in 70 of 100 head-to-heads']);
});

test('what people do by hand is told as such', () => {
  story.trainingStarted({ id: 'r', mode: 'OFFLINE', trigger: 'MANUAL', newSamples: 1 });
  story.modelReloaded({ ranker: { id: 'c', name: 'base ranker' }, reason: 'ROLLED_BACK' }, null, null);
  expect(told()).toEqual(['  0:00  offline training started by hand, with 1 new sample', '  0:00  model reloaded, base ranker serves: somebody rolled back']);
});

test('the end sums up this session only', () => {
  story.begins({ ...STATS, total: 100, positive: 4, searches: 10 }, 'ctr_model_online_007', { ndcg: 0.5, base: 0.33 }, UNSEEN);
  story.trainingFinished({ id: 'r', status: 'SUCCEEDED', reason: null, metrics: null, servedMetrics: null, checkpoint: null }, null);
  story.modelReloaded({ ranker: { id: 'c', name: 'ctr_model_online_008' }, reason: 'TRAINED' }, 3, null);
  story.checkpointRemoved('ctr_model_online_003');
  story.qualityMeasured(0.6, 0.42, WON);
  story.requestFailed(new Error('no answer'));
  story.requestFailed(new Error('no answer again'));
  story.stats(LATER);
  told();
  nowMs = 65_000;
  story.ends();
  expect(told()).toEqual([
    '',
    'In 1:05:',
    '  30 searches, 300 samples, 40 clicked (CTR 13.3 %)',
    '  1 training, 1 removal by retention',
    '  nDCG@10 .50 → .60, base .33  ▁█',
    '  never searched: .42, text alone .40 · learning wins 70 % of 100 head-to-heads (54–83 %)',
    '  2 requests failed, the last because: no answer again',
    '  ctr_model_online_008 serves; the next start goes on from here.',
  ]);
});
