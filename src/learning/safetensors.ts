/** The container of a checkpoint: safetensors, a small open format for named arrays that every numerical tool reads. */

/** Bytes that are not a checkpoint this program can serve; the message names what is wrong. */
export class CheckpointFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CheckpointFormatError';
  }
}

/** The element types that are used, with the array each is read into. U64 comes as pairs of uint32, low word first. */
const BYTES_PER_ELEMENT = { F64: 8, U64: 8, F32: 4, U32: 4 } as const;
export type TensorType = keyof typeof BYTES_PER_ELEMENT;

export interface Tensor {
  type: TensorType;
  /** Row-major, outermost dimension first. */
  shape: readonly number[];
  /** The elements, little-endian. */
  bytes: Uint8Array;
}

export interface Safetensors {
  tensors: ReadonlyMap<string, Tensor>;
  /** `__metadata__`: texts only, as the format demands. */
  metadata: ReadonlyMap<string, string>;
}

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** A header beyond this is not one of ours. */
const LARGEST_HEADER_BYTES = 4 * 2 ** 20;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Bytes of a file: 8 bytes little-endian header length, the header (JSON, padded with spaces to a multiple of 8), the raw
 * tensors. Tensors of 8-byte elements come first, so that every one is aligned to its elements.
 */
export function writeSafetensors({ tensors, metadata }: Safetensors): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(([, a], [, b]) => BYTES_PER_ELEMENT[b.type] - BYTES_PER_ELEMENT[a.type]);
  const header: Record<string, unknown> = { __metadata__: Object.fromEntries(metadata) };
  let end = 0;
  for (const [name, { type, shape, bytes }] of ordered) {
    header[name] = { dtype: type, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const encoded = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(encoded.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  file.set(encoded, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const [, { bytes }] of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** Reads a file back; its tensors are copies, aligned whatever the position of `file` in memory. Throws CheckpointFormatError. */
export function readSafetensors(file: Uint8Array): Safetensors {
  const { header, bodyStart } = readHeader(file);
  const metadata = new Map<string, string>();
  const tensors = new Map<string, Tensor>();
  const spans: { name: string; start: number; end: number }[] = [];
  const bodyBytes = file.length - bodyStart;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(asObject(entry, '__metadata__'))) {
        if (typeof value !== 'string') throw new CheckpointFormatError(`metadata "${key}" is not a text`);
        metadata.set(key, value);
      }
      continue;
    }
    const { type, shape, start, end } = readTensorEntry(name, entry);
    if (end > bodyBytes) throw new CheckpointFormatError(`tensor "${name}" ends at byte ${end} of a body of ${bodyBytes}: the file is truncated`);
    spans.push({ name, start, end });
    const bytes = new Uint8Array(end - start);
    bytes.set(file.subarray(bodyStart + start, bodyStart + end));
    tensors.set(name, { type, shape, bytes });
  }
  assertCovered(spans, bodyBytes);
  return { tensors, metadata };
}

function readHeader(file: Uint8Array): { header: Record<string, unknown>; bodyStart: number } {
  if (file.length < LENGTH_BYTES) throw new CheckpointFormatError(`${file.length} bytes are too few for a checkpoint`);
  const length = new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true);
  if (length > BigInt(LARGEST_HEADER_BYTES)) throw new CheckpointFormatError(`a header of ${length} bytes: this is not a checkpoint`);
  const bodyStart = LENGTH_BYTES + Number(length);
  if (bodyStart > file.length) throw new CheckpointFormatError(`the header ends at byte ${bodyStart} of ${file.length}: the file is truncated`);
  if (length < 2n || file[LENGTH_BYTES] !== 0x7b) throw new CheckpointFormatError('the header does not begin with "{": this is not a checkpoint');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.subarray(LENGTH_BYTES, bodyStart));
  } catch {
    throw new CheckpointFormatError('the header is not UTF-8');
  }
  return { header: asObject(parseJson(text, 'the header'), 'the header'), bodyStart };
}

function readTensorEntry(name: string, entry: unknown): { type: TensorType; shape: number[]; start: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = asObject(entry, `tensor "${name}"`);
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES_PER_ELEMENT, dtype)) {
    throw new CheckpointFormatError(`tensor "${name}" has elements of unknown type ${JSON.stringify(dtype)}`);
  }
  const type = dtype as TensorType;
  if (!isCountList(shape)) throw new CheckpointFormatError(`tensor "${name}" has no valid shape`);
  if (!isCountList(offsets) || offsets.length !== 2) throw new CheckpointFormatError(`tensor "${name}" has no valid offsets`);
  const [start, end] = offsets as [number, number];
  const bytes = shape.reduce((product, size) => product * size, BYTES_PER_ELEMENT[type]);
  if (end - start !== bytes) {
    throw new CheckpointFormatError(`tensor "${name}" of shape [${shape.join(', ')}] takes ${bytes} bytes, not ${end - start}`);
  }
  return { type, shape, start, end };
}

/** Tensors must cover the body without a hole, an overlap or a rest, as the format demands. */
function assertCovered(spans: { name: string; start: number; end: number }[], bodyBytes: number): void {
  let at = 0;
  for (const { name, start, end } of spans.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw new CheckpointFormatError(`tensor "${name}" overlaps the one before it`);
    if (start > at) throw new CheckpointFormatError(`a hole of ${start - at} bytes before tensor "${name}"`);
    at = end;
  }
  if (at !== bodyBytes) throw new CheckpointFormatError(`${bodyBytes - at} bytes after the last tensor`);
}

/** JSON without the keys by which a hostile file could reach an object's prototype. Throws CheckpointFormatError. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (FORBIDDEN_KEYS.has(key)) throw new CheckpointFormatError(`${what} has a forbidden key "${key}"`);
      return value;
    });
  } catch (error) {
    if (error instanceof CheckpointFormatError) throw error;
    throw new CheckpointFormatError(`${what} is not JSON`);
  }
}

export function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CheckpointFormatError(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
