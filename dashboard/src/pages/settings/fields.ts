/** The settings of learning: kind, bounds and default of each, as the API states them (src/schema/settings.graphql). */
import type { ConfigFragment } from '../../generated/operations.js';

export type FieldName = Exclude<keyof ConfigFragment, 'revision' | 'updatedAt'>;

export interface Field {
  name: FieldName;
  /** whole: an integer; share: 0 … 1, shown as a percentage too; name: letters, digits and _. */
  kind: 'switch' | 'whole' | 'number' | 'share' | 'name' | 'choice';
  unit: 'samples' | 'seconds' | 'days' | 'checkpoints' | 'searches' | null;
  bounds: readonly [least: number, most: number] | null;
  standard: string;
}

export type Group = 'when' | 'how' | 'keep';

export const groups: Record<Group, readonly Field[]> = {
  when: [
    { name: 'enabled', kind: 'switch', unit: null, bounds: null, standard: 'true' },
    { name: 'trainingThreshold', kind: 'whole', unit: 'samples', bounds: [1, 1_000_000], standard: '100' },
    { name: 'attributionWindowSeconds', kind: 'whole', unit: 'seconds', bounds: [0, 86_400], standard: '10' },
    { name: 'minSecondsBetweenRuns', kind: 'number', unit: 'seconds', bounds: [0, 86_400], standard: '1' },
  ],
  how: [
    { name: 'modelType', kind: 'choice', unit: null, bounds: null, standard: 'INCREMENTAL' },
    { name: 'explorationRate', kind: 'share', unit: 'searches', bounds: [0, 1], standard: '0.5' },
    { name: 'proofRate', kind: 'share', unit: 'searches', bounds: [0, 1], standard: '0.05' },
  ],
  keep: [
    { name: 'checkpointRetention', kind: 'whole', unit: 'checkpoints', bounds: [1, 1_000], standard: '5' },
    { name: 'sampleRetentionDays', kind: 'whole', unit: 'days', bounds: [0, 36_500], standard: '90' },
    { name: 'modelPrefix', kind: 'name', unit: null, bounds: null, standard: 'ctr_model_online' },
  ],
};

export const fields: readonly Field[] = Object.values(groups).flat();
