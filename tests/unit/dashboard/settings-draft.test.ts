/** What becomes of settings that are being changed, and how often trainings come. */
import { describe, expect, test } from '@jest/globals';
import type { ConfigFragment } from '../../../dashboard/src/generated/operations.js';
import { draftOf, edit, fieldOfRefusal, inputOf, keepMine, receive, shownText, takeTheirs } from '../../../dashboard/src/pages/settings/settings-draft.js';
import { paceMs, samplesPerMinute } from '../../../dashboard/src/pages/settings/training-pace.js';

const stored: ConfigFragment = {
  enabled: true,
  trainingThreshold: 100,
  checkpointRetention: 5,
  modelPrefix: 'ctr_model_online',
  modelType: 'INCREMENTAL',
  attributionWindowSeconds: 10,
  explorationRate: 0.5,
  proofRate: 0.05,
  minSecondsBetweenRuns: 1,
  sampleRetentionDays: 90,
  revision: 3,
  updatedAt: '2026-01-01T00:00:00Z',
};

describe('a draft of settings', () => {
  test('only what was changed is sent, on the revision it was changed from', () => {
    const draft = edit(edit(draftOf(stored), 'trainingThreshold', '50'), 'enabled', 'false');
    expect(inputOf(draft)).toEqual({ input: { trainingThreshold: 50, enabled: false, expectedRevision: 3 }, unreadable: [] });
  });

  test('a value typed back is no change', () => {
    expect(edit(edit(draftOf(stored), 'trainingThreshold', '50'), 'trainingThreshold', '100').mine).toEqual({});
  });

  test('what is no number of the right kind is not sent', () => {
    const draft = edit(edit(edit(draftOf(stored), 'trainingThreshold', '1.5'), 'explorationRate', 'often'), 'proofRate', '');
    expect(inputOf(draft)).toEqual({ input: { expectedRevision: 3 }, unreadable: ['trainingThreshold', 'explorationRate', 'proofRate'] });
  });

  test('a decimal comma is understood', () => {
    expect(inputOf(edit(draftOf(stored), 'explorationRate', '0,25')).input.explorationRate).toBe(0.25);
  });

  test('a change by somebody else of the same field is a conflict, of another is shown', () => {
    const draft = receive(edit(draftOf(stored), 'trainingThreshold', '50'), { ...stored, trainingThreshold: 200, proofRate: 0.1, revision: 4 });
    expect(draft.conflicts).toEqual(['trainingThreshold']);
    expect(draft.theirs).toEqual({ trainingThreshold: '100', proofRate: '0.05' });
    expect(shownText(draft, 'trainingThreshold')).toBe('50');
    expect(inputOf(keepMine(draft, 'trainingThreshold')).input).toEqual({ trainingThreshold: 50, expectedRevision: 4 });
    expect(keepMine(draft, 'trainingThreshold').conflicts).toEqual([]);
    const given = takeTheirs(draft, 'trainingThreshold');
    expect([given.mine, given.conflicts, shownText(given, 'trainingThreshold')]).toEqual([{}, [], '200']);
  });

  test('the same change by both is none any more', () => {
    const draft = receive(edit(draftOf(stored), 'trainingThreshold', '50'), { ...stored, trainingThreshold: 50, revision: 4 });
    expect([draft.mine, draft.conflicts]).toEqual([{}, []]);
  });

  test('an answer older than what is known changes nothing', () => {
    const draft = edit(draftOf(stored), 'trainingThreshold', '50');
    expect(receive(draft, { ...stored, trainingThreshold: 7, revision: 2 })).toBe(draft);
  });

  test('a refusal finds its field by its name, or in GraphQL’s own words', () => {
    expect(fieldOfRefusal({ message: 'no', extensions: { field: 'proofRate' } })).toBe('proofRate');
    expect(fieldOfRefusal({ message: 'Variable "$input" got invalid value 1e10 at "input.trainingThreshold"; Int cannot …', extensions: {} })).toBe('trainingThreshold');
    expect(fieldOfRefusal({ message: 'something else', extensions: {} })).toBeNull();
  });
});

describe('the pace of training', () => {
  const now = Date.UTC(2026, 0, 1, 0, 10);
  const run = (minutesAgo: number, newSamples: number): { queuedAt: string; newSamples: number } => ({ queuedAt: new Date(now - minutesAgo * 60_000).toISOString(), newSamples });

  test('is counted since the oldest run: what the later ones took, and what has come since', () => {
    expect(samplesPerMinute([run(2, 100), run(6, 120), run(10, 900)], 80, now)).toBe(30);
  });

  test('is not known without a run, or without a sample since', () => {
    expect(samplesPerMinute([], 80, now)).toBeNull();
    expect(samplesPerMinute([run(5, 100)], 0, now)).toBeNull();
  });

  test('is never quicker than the pause between runs', () => {
    expect(paceMs(100, 50, 1)).toBe(120_000);
    expect(paceMs(1, 6_000, 5)).toBe(5_000);
  });
});
