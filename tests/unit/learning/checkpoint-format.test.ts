/** The checkpoint format: what is saved comes back to the bit, and what is not right is refused by name. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  CheckpointFormatError,
  decodeCheckpoint,
  encodeCheckpoint,
  withCheckpointMetadata,
} from '../../../src/learning/checkpoint-format.js';
import { computeFeatures } from '../../../src/learning/feature-set.js';
import { Learner } from '../../../src/learning/learner.js';
import { pairKeysOf } from '../../../src/learning/pair-key.js';
import type { RankerModel } from '../../../src/learning/ranker-model.js';
import { rankCandidates } from '../../../src/learning/ranking.js';
import { metadataOf } from './checkpoints.js';
import { numbers } from './random-numbers.js';
import { batchOf, NOON } from './samples.js';

const documentIds = Array.from({ length: 50 }, (_, i) => `doc-${i}`);
const baseScores = Float64Array.from({ length: 50 }, (_, i) => 50 - i);
const features = computeFeatures({ baseScores });

/** A model trained on clicks for 20 queries, with scores and weights that are no round numbers. */
function trained(): RankerModel {
  const random = numbers(31);
  const learner = new Learner(null, { modelType: 'LOGISTIC', mode: 'ONLINE' });
  for (let query = 0; query < 20; query++) {
    const keys = pairKeysOf(`query ${query}`, documentIds);
    const rows = documentIds.slice(0, 20).map((_, i) => ({
      pair: [keys[2 * i]!, keys[2 * i + 1]!] as const,
      features: [features[i]!],
      position: i + 1,
      clicked: random() < 0.3 / (i + 1),
      shownAtSeconds: NOON + Math.floor(random() * 1e7),
      predicted: 0.3 / (i + 1),
      sampleHash: Math.floor(random() * 2 ** 32),
    }));
    learner.learn(batchOf(rows));
  }
  return learner.finish().model;
}

const model = trained();
const metadata = metadataOf({
  metrics: { samples: 400, positives: 20, logLoss: 0.31, normalizedEntropy: 0.9, auc: 0.78, accuracy: 0.9, precision: null, recall: 0, f1: 0, calibration: 1.1 },
  calibrationBins: [{ from: 0, to: 0.1, samples: 300, meanPredicted: 0.05, clickRate: 0.04 }],
});
const file = encodeCheckpoint(model, metadata);

describe('saving and loading', () => {
  test('gives back a model that ranks bit for bit as before', () => {
    const loaded = decodeCheckpoint(file).model;
    for (let query = 0; query < 25; query++) {
      const input = { queryKey: `query ${query}`, documentIds, baseScores, features };
      expect(rankCandidates(input, loaded)).toEqual(rankCandidates(input, model));
    }
    expect(loaded.content.covariance).toEqual(model.content.covariance);
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
    const empty = new Learner(null, { modelType: 'LOGISTIC', mode: 'ONLINE' }).finish().model;
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
    expect([view.getFloat64(0, true), view.getFloat64(8, true)]).toEqual([...model.content.weights]);
  });

  test('has metadata texts only, with names and versions for other tools', () => {
    expect(header['__metadata__']).toMatchObject({ format: 'rankloop-checkpoint', format_version: '1', feature_names: '["bm25f"]', model_type: 'LOGISTIC' });
    expect(Object.values(header['__metadata__'] as object).every((value) => typeof value === 'string')).toBe(true);
  });
});

test('the example in models/README.md is what the format gives, byte by byte', () => {
  const pair = [...pairKeysOf('heart', ['2764'])] as [number, number];
  const learner = new Learner(null, { modelType: 'LOGISTIC', mode: 'ONLINE' });
  learner.learn(batchOf([{ pair, clicked: true, shownAtSeconds: 1_767_225_600, predicted: 0.12 }]));
  const { model: example, metrics, servedMetrics, calibrationBins, samples } = learner.finish();
  const changes = { name: 'ctr_model_online_001', parent: null, learnedThrough: 1, setAside: [], createdAt: '2026-01-01T00:00:10.000Z' };
  const bytes = encodeCheckpoint(example, metadataOf({ ...changes, metrics, servedMetrics, calibrationBins, samples }));
  const lines = [...readFileSync('models/README.md', 'utf8').matchAll(/^(0[0-9a-f]{7})  ((?:[0-9a-f]{2} ){3,7}[0-9a-f]{2})\b/gm)];
  expect(lines).toHaveLength(11);
  for (const [, offset, hex] of lines) {
    const expected = hex!.split(' ').map((byte) => parseInt(byte, 16));
    expect([...bytes.subarray(parseInt(offset!, 16), parseInt(offset!, 16) + expected.length)]).toEqual(expected);
  }
  expect(bytes).toHaveLength(0x64c);
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
    ['a later format version', edit((h) => void (h.__metadata__['format_version'] = '2')), /format version "2"/],
    ['no metadata', edit((h) => void delete (h as Partial<Header>).__metadata__), /"format" is missing/],
    ['metadata that is no text', edit((h) => void (h.__metadata__['name'] = 5 as unknown as string)), /"name" is not a text/],
    ['another feature set', edit((h) => void (h.__metadata__['feature_set_version'] = '9')), /feature set 9/],
    ['other feature names', edit((h) => void (h.__metadata__['feature_names'] = '["rm3"]')), /\["rm3"\]/],
    ['an unknown model type', edit((h) => void (h.__metadata__['model_type'] = 'NEURAL')), /unknown model type "NEURAL"/],
    ['an unknown mode', edit((h) => void (h.__metadata__['mode'] = 'BOTH')), /"mode"/],
    ['a learnedThrough that is no number', edit((h) => void (h.__metadata__['learned_through'] = '1e3')), /learned_through/],
    ['set-aside ranges that are none', edit((h) => void (h.__metadata__['set_aside'] = '[[1]]')), /set_aside/],
    ['metrics that are no numbers', edit((h) => void (h.__metadata__['metrics'] = '{"auc":"x"}')), /auc is no number/],
    ['bins that are none', edit((h) => void (h.__metadata__['calibration_bins'] = '[{}]')), /calibration bin/],
    ['a missing tensor', edit((h) => rename(h, 'memory.clicks', 'memory.other')), /"memory.clicks" is missing/],
    ['an unknown element type', edit((h) => void (h['memory.clicks']!.dtype = 'Q4')), /unknown type "Q4"/],
    ['an element type named like a method', edit((h) => void (h['memory.clicks']!.dtype = 'toString')), /unknown type/],
    ['a shape that does not fit its bytes', edit((h) => void (h['content.weights']!.shape = [3])), /takes 24 bytes, not 16/],
    ['a negative size', edit((h) => void (h['content.weights']!.shape = [-2])), /no valid shape/],
    ['offsets that are none', edit((h) => void (h['content.weights']!.data_offsets = [0] as unknown as [number, number])), /no valid offsets/],
    ['weights of the wrong shape', edit((h) => void (h['content.weights']!.shape = [2, 1])), /F64 \[2, 1\], not F64 \[2\]/],
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

function rename(header: Record<string, unknown>, from: string, to: string): void {
  header[to] = header[from];
  delete header[from];
}
