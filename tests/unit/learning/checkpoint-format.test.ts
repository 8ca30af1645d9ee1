/** The checkpoint format: what is saved comes back to the bit, and what is not right is refused by name. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  CheckpointFormatError,
  decodeCheckpoint,
  encodeCheckpoint,
  withCheckpointMetadata,
} from '../../../src/learning/checkpoint-format.js';
import { PRIOR_EXAMINATION } from '../../../src/learning/examination.js';
import { pageClickProbabilities } from '../../../src/learning/click-probability.js';
import { computeFeatures } from '../../../src/learning/feature-set.js';
import { DRAWN_PAIR } from '../../../src/learning/learning-batch.js';
import { Learner } from '../../../src/learning/learner.js';
import { pairKeysOf } from '../../../src/learning/pair-key.js';
import { cellHashesOf, SHOWN_CAP } from '../../../src/learning/prediction-cells.js';
import type { ModelType } from '../../../src/learning/model-type.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { rankCandidates } from '../../../src/learning/ranking.js';
import { readSafetensors, writeSafetensors } from '../../../src/learning/safetensors.js';
import { metadataOf } from './checkpoints.js';
import { numbers } from './random-numbers.js';
import { batchOf, NOON } from './samples.js';

const documentIds = Array.from({ length: 50 }, (_, i) => `doc-${i}`);
const baseScores = Float64Array.from({ length: 50 }, (_, i) => 50 - i);
const feedbackScores = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i));
const features = computeFeatures({ baseScores, feedbackScores });

/** A model trained on clicks for 20 queries, with scores and weights that are no round numbers. */
function trained(modelType: ModelType): RankerModel {
  const random = numbers(31);
  const learner = new Learner(null, { modelType, mode: 'ONLINE' });
  for (let search = 0; search < 40; search++) {
    const query = `query ${search % 20}`;
    const page = documentIds.slice(0, 20);
    const keys = pairKeysOf(query, page);
    const cells = cellHashesOf(keys, 1);
    const rows = page.map((_, i) => ({
      pair: [keys[2 * i]!, keys[2 * i + 1]!] as const,
      cells: [cells[2 * i]!, cells[2 * i + 1]!] as const,
      features: [features[2 * i]!, features[2 * i + 1]!],
      position: i + 1,
      clicked: random() < 0.6 / (i + 1),
      shownAtSeconds: NOON + search + Math.floor(random() * 1e7),
      predicted: 0.3 / (i + 1),
      drawnPair: i === search % 9 ? DRAWN_PAIR.upper : i === (search % 9) + 1 ? DRAWN_PAIR.lower : DRAWN_PAIR.none,
      sampleHash: Math.floor(random() * 2 ** 32),
      query: search === 7 ? '模型 "a"\n' : query,
    }));
    learner.learn(batchOf(rows));
  }
  return learner.finish().model;
}

const model = trained('INCREMENTAL');
const metadata = metadataOf({
  metrics: { samples: 400, positives: 20, logLoss: 0.31, normalizedEntropy: 0.9, auc: 0.78, accuracy: 0.9, precision: null, recall: 0, f1: 0, calibration: 1.1 },
  calibrationBins: [{ from: 0, to: 0.1, samples: 300, meanPredicted: 0.05, clickRate: 0.04 }],
});
const file = encodeCheckpoint(model, metadata);

describe('saving and loading', () => {
  test.each(['LOGISTIC', 'INCREMENTAL'] as const)('gives back a model of kind %s that ranks and predicts bit for bit as before', (kind) => {
    const saved = kind === 'INCREMENTAL' ? model : trained(kind);
    const loaded = decodeCheckpoint(encodeCheckpoint(saved, metadata)).model;
    for (let query = 0; query < 25; query++) {
      const queryKey = `query ${query}`;
      const input = { queryKey, documentIds, baseScores, features };
      const ranking = rankCandidates(input, saved);
      expect(rankCandidates(input, loaded)).toEqual(ranking);
      for (const firstPosition of [1, 11]) {
        const page = { queryKey, documentIds, attractiveness: ranking.attractiveness, firstPosition };
        const totals = { clicks: 0, examinations: 0 };
        expect(pageClickProbabilities(loaded, page, totals)).toEqual(pageClickProbabilities(saved, page, totals));
      }
    }
    expect(loaded.kind).toBe(kind);
    expect(loaded.content.covariance).toEqual(saved.content.covariance);
  });

  test('gives back cells, examination and known queries', () => {
    const loaded = decodeCheckpoint(file).model;
    expect(model.cells.toColumns().hashes.length).toBeGreaterThan(400);
    expect(loaded.cells.toColumns()).toEqual(model.cells.toColumns());
    expect(model.examination.isPrior).toBe(false);
    expect(loaded.examination.clicksAbove).toEqual(model.examination.clicksAbove);
    expect(loaded.examination.clicksBelow).toEqual(model.examination.clicksBelow);
    expect(loaded.examination.firstPlaces()).toEqual(model.examination.firstPlaces());
    expect(model.knownQueries.all()).toHaveLength(21);
    expect(loaded.knownQueries.all()).toEqual(model.knownQueries.all());
  });

  test('gives back the metadata, and the same bytes when saved again', () => {
    const decoded = decodeCheckpoint(file);
    expect(decoded.metadata).toEqual(metadata);
    expect(Buffer.compare(encodeCheckpoint(decoded.model, decoded.metadata), file)).toBe(0);
  });

  test('reads bytes wherever they lie in memory', () => {
    const padded = new Uint8Array(file.length + 3);
    padded.set(file, 3);
    expect(decodeCheckpoint(padded.subarray(3)).metadata.name).toBe(metadata.name);
    expect(decodeCheckpoint(Buffer.from(file)).metadata.name).toBe(metadata.name);
  });

  test('a small model makes a small file', () => {
    const empty = new Learner(null, { modelType: 'INCREMENTAL', mode: 'ONLINE' }).finish().model;
    expect(encodeCheckpoint(empty, metadata).length).toBeLessThan(4096);
    expect(decodeCheckpoint(encodeCheckpoint(empty, metadata)).model.memory.size).toBe(0);
  });

  test('metadata can be changed without touching the tensors', () => {
    const named = withCheckpointMetadata(file, { name: 'ctr_model_online_1000', learnedThrough: 999 });
    expect(decodeCheckpoint(named).metadata).toEqual({ ...metadata, name: 'ctr_model_online_1000', learnedThrough: 999 });
    expect(decodeCheckpoint(named).model.memory.toColumns()).toEqual(model.memory.toColumns());
  });

  test('a name in any script, and a missing parent, come back', () => {
    const changes = { name: '模型 "a"\n', parent: null };
    expect(decodeCheckpoint(withCheckpointMetadata(file, changes)).metadata).toMatchObject(changes);
  });
});

describe('a file of the first version', () => {
  /** As the program wrote it then: one feature, no cells, no known queries. */
  function firstVersion(): Uint8Array {
    const { tensors, metadata: texts } = readSafetensors(file);
    const kept = new Map([...tensors].filter(([name]) => !name.startsWith('cells.')));
    const doubles = (values: number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
    kept.set('content.weights', { type: 'F64', shape: [2], bytes: doubles([-1.5, 0.9]) });
    kept.set('content.covariance', { type: 'F64', shape: [2, 2], bytes: doubles([0.02, 0.001, 0.001, 0.003]) });
    kept.set('examination.clicks_above', { type: 'F64', shape: [0], bytes: new Uint8Array(0) });
    kept.set('examination.clicks_below', { type: 'F64', shape: [0], bytes: new Uint8Array(0) });
    const old = new Map([...texts, ['format_version', '1'], ['feature_set_version', '1'], ['feature_names', '["bm25f"]'], ['model_type', 'LOGISTIC']]);
    old.delete('known_queries');
    return writeSafetensors({ tensors: kept, metadata: old });
  }
  const old = decodeCheckpoint(firstVersion());

  test('is read as today’s: the missing feature has weight 0 and its start variance', () => {
    expect([...old.model.content.weights]).toEqual([-1.5, 0.9, 0]);
    expect([...old.model.content.covariance]).toEqual([0.02, 0.001, 0, 0.001, 0.003, 0, 0, 0, 1 / 30]);
    expect([old.model.kind, old.model.featureSetVersion]).toEqual(['LOGISTIC', 2]);
    expect(old.metadata).toEqual(metadata);
  });

  test('has its memory, no cells, no known queries, and the prior’s examination', () => {
    expect(old.model.memory.toColumns()).toEqual(model.memory.toColumns());
    expect(old.model.cells.toColumns().hashes).toHaveLength(0);
    expect(old.model.knownQueries.all()).toEqual([]);
    expect(old.model.examination.isPrior).toBe(true);
    expect(old.model.examination.firstPlaces()).toEqual(PRIOR_EXAMINATION.firstPlaces());
  });

  test('ranks as it did, whatever the feedback scores', () => {
    const input = { queryKey: 'query 3', documentIds, baseScores, features };
    const without = { ...input, features: computeFeatures({ baseScores, feedbackScores: new Float64Array(50) }) };
    expect(rankCandidates(input, old.model)).toEqual(rankCandidates(without, old.model));
    const g = 1 / (1 + Math.exp(1.5 - 0.9 * features[0]!));
    expect(rankCandidates(input, old.model).contentAttractiveness[0]).toBeCloseTo(g, 12);
  });

  test('is learned on and saved as the second version', () => {
    const learner = new Learner(old.model, { modelType: 'INCREMENTAL', mode: 'ONLINE' });
    learner.learn(batchOf([{ pair: [1, 2], features: [0.5, 1], clicked: true }]));
    const next = learner.finish().model;
    expect(next.content.weights[2]).toBeGreaterThan(0);
    const bytes = encodeCheckpoint(next, metadata);
    expect(parts(bytes).header['__metadata__']).toMatchObject({ format_version: '2' });
    expect(decodeCheckpoint(bytes).model.content.weights).toEqual(next.content.weights);
  });

  test('can be given other metadata and is still of the first version', () => {
    const named = withCheckpointMetadata(firstVersion(), { name: 'another' });
    expect(parts(named).header['__metadata__']).toMatchObject({ format_version: '1', name: 'another' });
    expect(decodeCheckpoint(named).model.content.weights).toEqual(old.model.content.weights);
  });
});

describe('the layout', () => {
  const { header, headerBytes } = parts(file);

  test('is 8 bytes of length, a JSON header padded to a multiple of 8, then tensors aligned to their elements', () => {
    expect(headerBytes % 8).toBe(0);
    for (const [name, tensor] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const { dtype, data_offsets: offsets } = tensor as { dtype: string; data_offsets: [number, number] };
      expect(offsets[0] % (Number(dtype.slice(1)) / 8)).toBe(0);
    }
  });

  test('has the weights as little-endian doubles where the header says', () => {
    const { data_offsets: offsets } = header['content.weights'] as { data_offsets: [number, number] };
    const view = new DataView(file.buffer, 8 + headerBytes + offsets[0]);
    expect([0, 8, 16].map((at) => view.getFloat64(at, true))).toEqual([...model.content.weights]);
  });

  test('has metadata texts only, with names and versions for other tools', () => {
    expect(header['__metadata__']).toMatchObject({ format: 'rankloop-checkpoint', format_version: '2', feature_names: '["bm25f","rm3"]', model_type: 'INCREMENTAL' });
    expect(Object.values(header['__metadata__'] as object).every((value) => typeof value === 'string')).toBe(true);
  });
});

test('the example in models/README.md is what the format gives, byte by byte', () => {
  const pair = [...pairKeysOf('heart', ['2764'])] as [number, number];
  const cells = [...cellHashesOf(Uint32Array.from(pair), 1)] as [number, number];
  const learner = new Learner(null, { modelType: 'LOGISTIC', mode: 'ONLINE' });
  learner.learn(batchOf([{ pair, cells, clicked: true, shownAtSeconds: 1_767_225_600, predicted: 0.12, query: 'heart' }]));
  const { model: example, metrics, servedMetrics, calibrationBins, samples } = learner.finish();
  const changes = { name: 'ctr_model_online_001', parent: null, learnedThrough: 1, setAside: [], createdAt: '2026-01-01T00:00:10.000Z' };
  const bytes = encodeCheckpoint(example, metadataOf({ ...changes, metrics, servedMetrics, calibrationBins, samples }));
  const lines = [...readFileSync('models/README.md', 'utf8').matchAll(/^(0[0-9a-f]{7})  ((?:[0-9a-f]{2} ){3,7}[0-9a-f]{2})\b/gm)];
  expect(lines).toHaveLength(20);
  for (const [, offset, hex] of lines) {
    const expected = hex!.split(' ').map((byte) => parseInt(byte, 16));
    expect([...bytes.subarray(parseInt(offset!, 16), parseInt(offset!, 16) + expected.length)]).toEqual(expected);
  }
  expect(bytes).toHaveLength(0x79c);
});

describe('what is refused, and why', () => {
  type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> & { __metadata__: Record<string, string> };
  const edit = (change: (header: Header, body: Uint8Array) => unknown) => (): Uint8Array => {
    const { header, body } = parts(file);
    const edited = structuredClone(header) as Header;
    const copy = body.slice();
    const result = change(edited, copy);
    return join(typeof result === 'string' ? result : JSON.stringify(edited), copy);
  };
  const poke = (tensor: string, write: (view: DataView) => void) =>
    edit((header, body) => write(new DataView(body.buffer, header[tensor]!.data_offsets[0])));

  test.each<[string, () => Uint8Array, RegExp]>([
    ['no bytes', () => new Uint8Array(0), /too few/],
    ['seven bytes', () => file.subarray(0, 7), /too few/],
    ['another kind of file', () => new TextEncoder().encode('%PDF-1.7 and so on'), /not a checkpoint/],
    ['a header longer than the file', () => file.subarray(0, 200), /the header ends at byte \d+ of 200/],
    ['a header length of 2^63', () => withLength(file, 2n ** 63n), /not a checkpoint/],
    ['a header length of 0', () => withLength(file, 0n), /does not begin/],
    ['a header that is no JSON', edit(() => '{"a": '), /the header is not JSON/],
    ['a header that is a list', edit(() => '[]'), /does not begin/],
    ['a header that is no UTF-8', () => file.map((byte, i) => (i === 12 ? 0xff : byte)), /not UTF-8/],
    ['a __proto__ key', edit(() => '{"__proto__": {"polluted": 1}}'), /forbidden key "__proto__"/],
    ['a constructor key inside', edit(() => '{"__metadata__": {"constructor": "x"}}'), /forbidden key "constructor"/],
    ['a __proto__ key in the metrics', edit((h) => void (h.__metadata__['metrics'] = '{"__proto__": 1}')), /metadata "metrics" has a forbidden key/],
    ['a body cut short', () => file.subarray(0, file.length - 1), /truncated/],
    ['bytes after the end', () => Uint8Array.of(...file, 0), /1 bytes after the last tensor/],
    ['another format', edit((h) => void (h.__metadata__['format'] = 'pt')), /format "pt"/],
    ['a later format version', edit((h) => void (h.__metadata__['format_version'] = '3')), /format version "3": this program reads 1 and 2/],
    ['no metadata', edit((h) => void delete (h as Partial<Header>).__metadata__), /"format" is missing/],
    ['metadata that is no text', edit((h) => void (h.__metadata__['name'] = 5 as unknown as string)), /"name" is not a text/],
    ['another feature set', edit((h) => void (h.__metadata__['feature_set_version'] = '9')), /feature set 9/],
    ['other feature names', edit((h) => void (h.__metadata__['feature_names'] = '["rm3"]')), /\["rm3"\]/],
    ['the feature set of the first version in the second', edit((h) => void (h.__metadata__['feature_set_version'] = '1')), /feature set 1 .*computes 2/],
    ['the second version’s features in a file of the first', edit((h) => void (h.__metadata__['format_version'] = '1')), /feature set 2 .*computes 1 \["bm25f"\]/],
    ['an unknown model type', edit((h) => void (h.__metadata__['model_type'] = 'NEURAL')), /unknown model type "NEURAL"/],
    ['an unknown mode', edit((h) => void (h.__metadata__['mode'] = 'BOTH')), /"mode"/],
    ['a learnedThrough that is no number', edit((h) => void (h.__metadata__['learned_through'] = '1e3')), /learned_through/],
    ['set-aside ranges that are none', edit((h) => void (h.__metadata__['set_aside'] = '[[1]]')), /set_aside/],
    ['metrics that are no numbers', edit((h) => void (h.__metadata__['metrics'] = '{"auc":"x"}')), /auc is no number/],
    ['bins that are none', edit((h) => void (h.__metadata__['calibration_bins'] = '[{}]')), /calibration bin/],
    ['a missing tensor', edit((h) => rename(h, 'memory.clicks', 'memory.other')), /"memory.clicks" is missing/],
    ['an unknown element type', edit((h) => void (h['memory.clicks']!.dtype = 'Q4')), /unknown type "Q4"/],
    ['an element type named like a method', edit((h) => void (h['memory.clicks']!.dtype = 'toString')), /unknown type/],
    ['a shape that does not fit its bytes', edit((h) => void (h['content.weights']!.shape = [4])), /takes 32 bytes, not 24/],
    ['a negative size', edit((h) => void (h['content.weights']!.shape = [-3])), /no valid shape/],
    ['offsets that are none', edit((h) => void (h['content.weights']!.data_offsets = [0] as unknown as [number, number])), /no valid offsets/],
    ['weights of the wrong shape', edit((h) => void (h['content.weights']!.shape = [3, 1])), /F64 \[3, 1\], not F64 \[3\]/],
    ['memory columns of two lengths', edit((h) => void (h['memory.clicks']!.dtype = 'U32')), /"memory.clicks" is U32/],
    ['two tensors on the same bytes', edit((h) => void (h['memory.examinations']!.data_offsets = h['memory.clicks']!.data_offsets)), /overlaps/],
    ['a hole between tensors', edit((h) => void delete h['memory.examinations']), /a hole of/],
    ['a weight that is NaN', poke('content.weights', (view) => view.setFloat64(8, NaN, true)), /content weight is not a finite/],
    ['a weight that is infinite', poke('content.weights', (view) => view.setFloat64(0, Infinity, true)), /content weight is not a finite/],
    ['a variance of 0', poke('content.covariance', (view) => view.setFloat64(0, 0, true)), /variance that is not above 0/],
    ['a covariance that is NaN', poke('content.covariance', (view) => view.setFloat64(8, NaN, true)), /covariance is not a finite/],
    ['clicks that are NaN', poke('memory.clicks', (view) => view.setFloat32(0, NaN, true)), /record 0 has clicks NaN/],
    ['clicks under 0', poke('memory.clicks', (view) => view.setFloat32(4, -1, true)), /record 1 has clicks -1/],
    ['examinations of 0', poke('memory.examinations', (view) => view.setFloat32(0, 0, true)), /record 0 has examinations 0/],
    ['examinations above 100', poke('memory.examinations', (view) => view.setFloat32(0, 101, true)), /record 0 has examinations 101/],
    ['keys out of order', poke('memory.keys', (view) => view.setBigUint64(0, 2n ** 64n - 1n, true)), /record 1 is out of order/],
    ['clicks above at other places than below', withTensor('examination.clicks_above', 'F64', 3), /"examination.clicks_below" is F64 \[\d+\], not F64 \[\d+\]/],
    ['an examination count that is NaN', poke('examination.clicks_above', (view) => view.setFloat64(0, NaN, true)), /examination has a count/],
    ['an examination count under 0', poke('examination.clicks_below', (view) => view.setFloat64(0, -1, true)), /examination has a count/],
    ['an examination count without end', poke('examination.clicks_below', (view) => view.setFloat64(0, 1e300, true)), /examination has a count/],
    ['examination of more pairs than there are', withTensor('examination.clicks_above', 'F64', 100), /examination of 100 pairs: at most 99/],
    ['no cells', edit((h) => rename(h, 'cells.hashes', 'cells.other')), /"cells.hashes" is missing/],
    ['no times shown', edit((h) => rename(h, 'cells.shown', 'cells.other')), /"cells.shown" is missing/],
    ['cells of another type', edit((h) => void (h['cells.clicks']!.dtype = 'U32')), /"cells.clicks" is U32/],
    ['more cells than the table has', withTensor('cells.hashes', 'U32', 2 ** 18 + 1), /a table of 262145 cells: at most 262144/],
    ['a cell never shown', poke('cells.shown', (view) => view.setFloat32(0, 0, true)), /cell 0 was shown 0 times/],
    ['a cell shown NaN times', poke('cells.shown', (view) => view.setFloat32(4, NaN, true)), /cell 1 was shown NaN times/],
    ['a cell shown too often', poke('cells.shown', (view) => view.setFloat32(0, 2 * SHOWN_CAP, true)), /cell 0 was shown 20000 times/],
    ['a cell with clicks under 0', poke('cells.clicks', (view) => view.setFloat32(0, -1, true)), /cell 0 has clicks -1/],
    ['a cell with clicks that are NaN', poke('cells.clicks', (view) => view.setFloat32(0, NaN, true)), /cell 0 has clicks NaN/],
    ['a cell with more clicks than times shown', poke('cells.clicks', (view) => view.setFloat32(0, 9000, true)), /cell 0 has clicks 9000/],
    ['no known queries', edit((h) => void delete h.__metadata__['known_queries']), /"known_queries" is missing/],
    ['known queries that are no list', edit((h) => void (h.__metadata__['known_queries'] = '{}')), /"known_queries" is no list/],
    ['known queries that are no JSON', edit((h) => void (h.__metadata__['known_queries'] = '[')), /"known_queries" is not JSON/],
    ['a known query that is no text', edit((h) => void (h.__metadata__['known_queries'] = '[[1, 2, 3]]')), /"known_queries" has an entry/],
    ['a known query without a time', edit((h) => void (h.__metadata__['known_queries'] = '[["heart", 2]]')), /"known_queries" has an entry/],
    ['a known query whose examinations are null, as JSON has NaN', edit((h) => void (h.__metadata__['known_queries'] = '[["heart", null, 3]]')), /"known_queries" has an entry/],
    ['a __proto__ key in the known queries', edit((h) => void (h.__metadata__['known_queries'] = '[{"__proto__": 1}]')), /forbidden key "__proto__"/],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeCheckpoint(bytes())).toThrow(CheckpointFormatError);
    expect(() => decodeCheckpoint(bytes())).toThrow(message);
  });

  test('a file cut at any length, without harm to Object.prototype', () => {
    for (let length = 0; length < file.length; length += 7) {
      expect(() => decodeCheckpoint(file.subarray(0, length))).toThrow(CheckpointFormatError);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

function parts(bytes: Uint8Array): { header: Record<string, unknown>; headerBytes: number; body: Uint8Array } {
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes))) as Record<string, unknown>;
  return { header, headerBytes, body: bytes.subarray(8 + headerBytes) };
}

function join(header: string, body: Uint8Array): Uint8Array {
  const encoded = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + encoded.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(encoded.length), true);
  bytes.set(encoded, 8);
  bytes.set(body, 8 + encoded.length);
  return bytes;
}

function withLength(bytes: Uint8Array, length: bigint): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setBigUint64(0, length, true);
  return copy;
}

/** Gives a tensor another number of elements, all of them 1, beside the others. */
function withTensor(name: string, type: 'F64' | 'U32', length: number): () => Uint8Array {
  return () => {
    const { tensors, metadata: texts } = readSafetensors(file);
    const values = (type === 'F64' ? new Float64Array(length) : new Uint32Array(length)).fill(1);
    return writeSafetensors({ tensors: new Map([...tensors, [name, { type, shape: [length], bytes: new Uint8Array(values.buffer) }]]), metadata: texts });
  };
}

function rename(header: Record<string, unknown>, from: string, to: string): void {
  header[to] = header[from];
  delete header[from];
}
