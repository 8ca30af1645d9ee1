/** A ranker model as bytes, and bytes as a ranker model: bit for bit the same after saving and loading. */
import { metadataFromTexts, metadataToTexts, requiredText, type CheckpointMetadata } from './checkpoint-metadata.js';
import { ClickMemory, EXAMINATIONS_CAP, MEMORY_CAPACITY, type ClickMemoryColumns } from './click-memory.js';
import { createContentModel, startContentModel, type ContentModel } from './content-model.js';
import { Examination, MOST_PAIRS } from './examination.js';
import { EARLIER_FEATURE_SETS, FEATURE_SCALING, FEATURE_SET } from './feature-set.js';
import { KnownQueries } from './known-queries.js';
import type { ModelType } from './model-type.js';
import { CELL_CAPACITY, PredictionCells, SHOWN_CAP } from './prediction-cells.js';
import type { RankerModel } from './ranker-model.js';
import { CheckpointFormatError, parseJson, readSafetensors, writeSafetensors, type Tensor, type TensorType } from './safetensors.js';

export { CheckpointFormatError } from './safetensors.js';
export type { CheckpointMetadata, CheckpointOrigin } from './checkpoint-metadata.js';

const FORMAT = 'rankloop-checkpoint';
const FORMAT_VERSION = '2';
/** Before there were feedback scores, examination from pairs, cells and known queries. */
const FIRST_VERSION = '1';
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Bytes of a checkpoint (safetensors; models/README.md has the layout by the byte). The same model and metadata always
 * give the same bytes: memory is written as occupied records in ascending order of key.
 *
 * Example: `encodeCheckpoint(model, { name: 'ctr_model_online_006', mode: 'ONLINE', … })`.
 */
export function encodeCheckpoint(model: RankerModel, metadata: CheckpointMetadata): Uint8Array<ArrayBuffer> {
  assertLittleEndian();
  const { content, examination } = model;
  const memory = model.memory.toColumns();
  const cells = model.cells.toColumns();
  const pairs = memory.clicks.length;
  const size = content.weights.length;
  const tensors = new Map<string, Tensor>([
    ['content.weights', tensor('F64', [size], content.weights)],
    ['content.covariance', tensor('F64', [size, size], content.covariance)],
    ['examination.clicks_above', tensor('F64', [examination.clicksAbove.length], examination.clicksAbove)],
    ['examination.clicks_below', tensor('F64', [examination.clicksBelow.length], examination.clicksBelow)],
    ['memory.keys', tensor('U64', [pairs], memory.keys)],
    ['memory.clicks', tensor('F32', [pairs], memory.clicks)],
    ['memory.examinations', tensor('F32', [pairs], memory.examinations)],
    ['memory.updated_at', tensor('U32', [pairs], memory.updatedAtSeconds)],
    ['cells.hashes', tensor('U32', [cells.hashes.length], cells.hashes)],
    ['cells.shown', tensor('F32', [cells.hashes.length], cells.shown)],
    ['cells.clicks', tensor('F32', [cells.hashes.length], cells.clicks)],
  ]);
  const texts = new Map([
    ['format', FORMAT],
    ['format_version', FORMAT_VERSION],
    ['model_type', model.kind],
    ['feature_set_version', String(model.featureSetVersion)],
    ['feature_names', JSON.stringify(FEATURE_SET.names)],
    ['feature_scaling', FEATURE_SCALING],
    ['known_queries', JSON.stringify(model.knownQueries.all().map(({ text, examinations, updatedAtSeconds }) => [text, examinations, updatedAtSeconds]))],
    ...metadataToTexts(metadata),
  ]);
  return writeSafetensors({ tensors, metadata: texts });
}

/**
 * The model and what is known about it. Throws CheckpointFormatError, naming what is wrong, unless everything is right: the
 * container, format version, feature set, shapes, every number finite and within its bounds, keys ascending.
 */
export function decodeCheckpoint(bytes: Uint8Array): { model: RankerModel; metadata: CheckpointMetadata } {
  assertLittleEndian();
  const { tensors, metadata: texts } = readSafetensors(bytes);
  const { kind, isFirstVersion } = readIdentity(texts);
  const size = (isFirstVersion ? EARLIER_FEATURE_SETS.get(1)! : FEATURE_SET.names).length + 1;
  const weights = read(tensors, 'content.weights', 'F64', [size], toFloat64);
  const covariance = read(tensors, 'content.covariance', 'F64', [size, size], toFloat64);
  const stored = createContentModel(kind, weights, covariance);
  assertContent(stored);
  const content = isFirstVersion ? widened(stored) : stored;

  const places = lengthOf(tensors, 'examination.clicks_above');
  if (places > MOST_PAIRS) throw new CheckpointFormatError(`examination of ${places} pairs: at most ${MOST_PAIRS} are kept`);
  const examination = new Examination(
    read(tensors, 'examination.clicks_above', 'F64', [places], toFloat64),
    read(tensors, 'examination.clicks_below', 'F64', [places], toFloat64),
  );
  if (![...examination.clicksAbove, ...examination.clicksBelow].every((count) => count >= 0 && count <= Number.MAX_SAFE_INTEGER)) {
    throw new CheckpointFormatError('examination has a count that is no number from 0 to 2^53');
  }

  const pairs = lengthOf(tensors, 'memory.keys');
  const columns: ClickMemoryColumns = {
    keys: read(tensors, 'memory.keys', 'U64', [pairs], toUint32),
    clicks: read(tensors, 'memory.clicks', 'F32', [pairs], toFloat32),
    examinations: read(tensors, 'memory.examinations', 'F32', [pairs], toFloat32),
    updatedAtSeconds: read(tensors, 'memory.updated_at', 'U32', [pairs], toUint32),
  };
  assertMemory(columns);
  const model: RankerModel = {
    kind,
    featureSetVersion: FEATURE_SET.version,
    content,
    memory: ClickMemory.fromColumns(columns),
    examination,
    cells: isFirstVersion ? new PredictionCells() : readCells(tensors),
    knownQueries: isFirstVersion ? new KnownQueries() : readKnownQueries(requiredText(texts, 'known_queries')),
  };
  return { model, metadata: metadataFromTexts(texts) };
}

/**
 * The same checkpoint with other metadata: a new header before the same tensors (a copy of the bytes, no decoding of the
 * model). For what is known only after training: the name.
 *
 * Example: `withCheckpointMetadata(bytes, { name: 'ctr_model_online_006' })`.
 */
export function withCheckpointMetadata(bytes: Uint8Array, changes: Partial<CheckpointMetadata>): Uint8Array<ArrayBuffer> {
  const { tensors, metadata: texts } = readSafetensors(bytes);
  readIdentity(texts);
  const changed = metadataToTexts({ ...metadataFromTexts(texts), ...changes });
  return writeSafetensors({ tensors, metadata: new Map([...texts, ...changed]) });
}

function readIdentity(texts: ReadonlyMap<string, string>): { kind: ModelType; isFirstVersion: boolean } {
  const format = requiredText(texts, 'format');
  if (format !== FORMAT) throw new CheckpointFormatError(`the file is of format ${JSON.stringify(format)}, not ${FORMAT}`);
  const version = requiredText(texts, 'format_version');
  const isFirstVersion = version === FIRST_VERSION;
  if (version !== FORMAT_VERSION && !isFirstVersion) {
    throw new CheckpointFormatError(`format version ${JSON.stringify(version)}: this program reads ${FIRST_VERSION} and ${FORMAT_VERSION}`);
  }
  const featureSet = requiredText(texts, 'feature_set_version');
  const names = parseJson(requiredText(texts, 'feature_names'), 'metadata "feature_names"');
  const expectedVersion = isFirstVersion ? 1 : FEATURE_SET.version;
  const expectedNames = isFirstVersion ? EARLIER_FEATURE_SETS.get(1) : FEATURE_SET.names;
  if (featureSet !== String(expectedVersion) || JSON.stringify(names) !== JSON.stringify(expectedNames)) {
    const ours = `${expectedVersion} ${JSON.stringify(expectedNames)}`;
    throw new CheckpointFormatError(`feature set ${featureSet} ${JSON.stringify(names)}: this program computes ${ours}`);
  }
  const kind = requiredText(texts, 'model_type');
  if (kind !== 'LOGISTIC' && kind !== 'INCREMENTAL') throw new CheckpointFormatError(`unknown model type ${JSON.stringify(kind)}`);
  return { kind, isFirstVersion };
}

/** Weights of fewer features, as the same model of today's: what is missing has its start weight, 0, and its start variance. */
function widened(content: ContentModel): ContentModel {
  const start = startContentModel(content.kind);
  const from = content.weights.length;
  const size = start.weights.length;
  start.weights.set(content.weights);
  for (let i = 0; i < from; i++) start.covariance.set(content.covariance.subarray(i * from, (i + 1) * from), i * size);
  return start;
}

function readCells(tensors: ReadonlyMap<string, Tensor>): PredictionCells {
  const count = lengthOf(tensors, 'cells.hashes');
  if (count > CELL_CAPACITY) throw new CheckpointFormatError(`a table of ${count} cells: at most ${CELL_CAPACITY} are kept`);
  const hashes = read(tensors, 'cells.hashes', 'U32', [count], toUint32);
  const shown = read(tensors, 'cells.shown', 'F32', [count], toFloat32);
  const clicks = read(tensors, 'cells.clicks', 'F32', [count], toFloat32);
  for (let cell = 0; cell < count; cell++) {
    if (!(shown[cell]! > 0 && shown[cell]! <= SHOWN_CAP + 1)) throw new CheckpointFormatError(`cell ${cell} was shown ${shown[cell]} times`);
    if (!(clicks[cell]! >= 0 && clicks[cell]! <= shown[cell]!)) throw new CheckpointFormatError(`cell ${cell} has clicks ${clicks[cell]}`);
  }
  return PredictionCells.fromColumns({ hashes, shown, clicks });
}

function readKnownQueries(text: string): KnownQueries {
  const queries = parseJson(text, 'metadata "known_queries"');
  if (!Array.isArray(queries)) throw new CheckpointFormatError('metadata "known_queries" is no list');
  return new KnownQueries(
    queries.map((query: unknown) => {
      const [name, examinations, updatedAtSeconds] = Array.isArray(query) ? (query as unknown[]) : [];
      if (typeof name !== 'string' || !Number.isFinite(examinations) || !Number.isFinite(updatedAtSeconds)) {
        throw new CheckpointFormatError('metadata "known_queries" has an entry that is no text with two numbers');
      }
      return { text: name, examinations: examinations as number, updatedAtSeconds: updatedAtSeconds as number };
    }),
  );
}

function assertContent(content: ContentModel): void {
  if (!content.weights.every(Number.isFinite)) throw new CheckpointFormatError('a content weight is not a finite number');
  const size = content.weights.length;
  for (let i = 0; i < size; i++) {
    if (!(content.covariance[i * size + i]! > 0)) throw new CheckpointFormatError('the covariance has a variance that is not above 0');
  }
  if (!content.covariance.every(Number.isFinite)) throw new CheckpointFormatError('an entry of the covariance is not a finite number');
}

function assertMemory({ keys, clicks, examinations }: ClickMemoryColumns): void {
  if (clicks.length > MEMORY_CAPACITY) throw new CheckpointFormatError(`a memory of ${clicks.length} pairs: at most ${MEMORY_CAPACITY} are kept`);
  for (let i = 0; i < clicks.length; i++) {
    if (!(clicks[i]! >= 0 && clicks[i]! < Infinity)) throw new CheckpointFormatError(`memory record ${i} has clicks ${clicks[i]}`);
    if (!(examinations[i]! > 0 && examinations[i]! <= EXAMINATIONS_CAP)) {
      throw new CheckpointFormatError(`memory record ${i} has examinations ${examinations[i]}`);
    }
    if (i > 0 && !isAscending(keys, i)) throw new CheckpointFormatError(`memory record ${i} is out of order or a duplicate`);
  }
}

function isAscending(keys: Uint32Array, record: number): boolean {
  const high = keys[2 * record + 1]!;
  const highBefore = keys[2 * record - 1]!;
  return high > highBefore || (high === highBefore && keys[2 * record]! > keys[2 * record - 2]!);
}

function tensor(type: TensorType, shape: readonly number[], values: ArrayBufferView): Tensor {
  return { type, shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function lengthOf(tensors: ReadonlyMap<string, Tensor>, name: string): number {
  return required(tensors, name).shape[0] ?? 0;
}

function required(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const found = tensors.get(name);
  if (found === undefined) throw new CheckpointFormatError(`tensor "${name}" is missing`);
  return found;
}

function read<T>(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  type: TensorType,
  shape: readonly number[],
  convert: (buffer: ArrayBufferLike) => T,
): T {
  const found = required(tensors, name);
  if (found.type !== type || JSON.stringify(found.shape) !== JSON.stringify(shape)) {
    throw new CheckpointFormatError(`tensor "${name}" is ${found.type} [${found.shape.join(', ')}], not ${type} [${shape.join(', ')}]`);
  }
  return convert(found.bytes.buffer);
}

const toFloat64 = (buffer: ArrayBufferLike): Float64Array => new Float64Array(buffer);
const toFloat32 = (buffer: ArrayBufferLike): Float32Array => new Float32Array(buffer);
const toUint32 = (buffer: ArrayBufferLike): Uint32Array => new Uint32Array(buffer);

function assertLittleEndian(): void {
  if (!IS_LITTLE_ENDIAN) throw new CheckpointFormatError('checkpoints are little-endian and this machine is not: it is not supported');
}
