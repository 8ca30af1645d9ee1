/** What a checkpoint says about itself beside its tensors: kept as texts in the file's header. */
import type { CalibrationBin, ModelMetrics } from './metrics.js';
import type { TrainingMode } from './model-type.js';
import { asObject, CheckpointFormatError, parseJson } from './safetensors.js';

/** A range of the learning order, `after < learnSeq ≤ through`. */
export type LearnedRange = readonly [after: number, through: number];

export interface CheckpointMetadata {
  /** `ctr_model_online_006`; empty until the run has been given its number. */
  name: string;
  mode: TrainingMode;
  /** The id of the ranker that was learned on from; null for none. */
  parent: string | null;
  /** The last learnSeq of this lineage. */
  learnedThrough: number;
  /** Ranges that this lineage passed over. */
  setAside: readonly LearnedRange[];
  /** By the database's clock, ISO 8601; empty like the name. */
  createdAt: string;
  /** New samples learned in this checkpoint's run. */
  samples: number;
  metrics: ModelMetrics | null;
  servedMetrics: ModelMetrics | null;
  calibrationBins: readonly CalibrationBin[];
}

/** What a caller knows before training; the rest of CheckpointMetadata comes out of it, or (name, createdAt) after it. */
export type CheckpointOrigin = Pick<CheckpointMetadata, 'parent' | 'learnedThrough' | 'setAside'>;

/** Metadata as the header's texts. */
export function metadataToTexts(metadata: CheckpointMetadata): Map<string, string> {
  return new Map([
    ['name', metadata.name],
    ['mode', metadata.mode],
    ['parent', metadata.parent ?? ''],
    ['learned_through', String(metadata.learnedThrough)],
    ['set_aside', JSON.stringify(metadata.setAside)],
    ['created_at', metadata.createdAt],
    ['samples', String(metadata.samples)],
    ['metrics', JSON.stringify(metadata.metrics)],
    ['served_metrics', JSON.stringify(metadata.servedMetrics)],
    ['calibration_bins', JSON.stringify(metadata.calibrationBins)],
  ]);
}

/** Metadata from the header's texts. Throws CheckpointFormatError. */
export function metadataFromTexts(texts: ReadonlyMap<string, string>): CheckpointMetadata {
  const mode = requiredText(texts, 'mode');
  if (mode !== 'ONLINE' && mode !== 'OFFLINE') throw new CheckpointFormatError(`metadata "mode" is ${JSON.stringify(mode)}`);
  return {
    name: requiredText(texts, 'name'),
    mode,
    parent: requiredText(texts, 'parent') || null,
    learnedThrough: requiredCount(texts, 'learned_through'),
    setAside: readRanges(requiredText(texts, 'set_aside')),
    createdAt: requiredText(texts, 'created_at'),
    samples: requiredCount(texts, 'samples'),
    metrics: readMetrics(requiredText(texts, 'metrics'), 'metrics'),
    servedMetrics: readMetrics(requiredText(texts, 'served_metrics'), 'served_metrics'),
    calibrationBins: readBins(requiredText(texts, 'calibration_bins')),
  };
}

export function requiredText(texts: ReadonlyMap<string, string>, key: string): string {
  const text = texts.get(key);
  if (text === undefined) throw new CheckpointFormatError(`metadata "${key}" is missing`);
  return text;
}

/** A whole number of at least 0, up to 2^53. */
export function requiredCount(texts: ReadonlyMap<string, string>, key: string): number {
  const text = requiredText(texts, key);
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) throw new CheckpointFormatError(`metadata "${key}" is no whole number`);
  return value;
}

function readRanges(text: string): LearnedRange[] {
  const ranges = parseJson(text, 'metadata "set_aside"');
  if (!Array.isArray(ranges)) throw new CheckpointFormatError('metadata "set_aside" is no list');
  return ranges.map((range: unknown) => {
    if (!Array.isArray(range) || range.length !== 2 || !range.every(Number.isSafeInteger)) {
      throw new CheckpointFormatError('metadata "set_aside" has a range that is no pair of whole numbers');
    }
    return [range[0] as number, range[1] as number];
  });
}

function readMetrics(text: string, key: string): ModelMetrics | null {
  const parsed = parseJson(text, `metadata "${key}"`);
  if (parsed === null) return null;
  const fields = asObject(parsed, `metadata "${key}"`);
  const figure = (name: string): number | null => {
    const value = fields[name] ?? null;
    if (value !== null && !Number.isFinite(value)) throw new CheckpointFormatError(`metadata "${key}": ${name} is no number`);
    return value as number | null;
  };
  return {
    samples: figure('samples') ?? 0,
    positives: figure('positives') ?? 0,
    logLoss: figure('logLoss'),
    normalizedEntropy: figure('normalizedEntropy'),
    auc: figure('auc'),
    accuracy: figure('accuracy'),
    precision: figure('precision'),
    recall: figure('recall'),
    f1: figure('f1'),
    calibration: figure('calibration'),
  };
}

function readBins(text: string): CalibrationBin[] {
  const bins = parseJson(text, 'metadata "calibration_bins"');
  if (!Array.isArray(bins)) throw new CheckpointFormatError('metadata "calibration_bins" is no list');
  return bins.map((bin: unknown) => {
    const fields = asObject(bin, 'a calibration bin');
    const figure = (name: keyof CalibrationBin): number => {
      const value = fields[name];
      if (typeof value !== 'number' || !Number.isFinite(value)) throw new CheckpointFormatError(`a calibration bin has no ${name}`);
      return value;
    };
    return { from: figure('from'), to: figure('to'), samples: figure('samples'), meanPredicted: figure('meanPredicted'), clickRate: figure('clickRate') };
  });
}
