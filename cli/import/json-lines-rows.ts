/** Rows of a JSON Lines file: one object a line; blank lines are passed over. */
import { isUtf8 } from 'node:buffer';
import { ByteWindow } from './byte-window.js';
import { isRecord, MAX_ROW_BYTES, type SourceRow } from './source-row.js';

export async function* jsonLinesRows(stream: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRow> {
  const window = new ByteWindow(stream);
  for (let line = 1, at = 0; ; line++) {
    let end = await window.lineEnd(at, MAX_ROW_BYTES);
    const isTooLong = end === undefined;
    while (end === undefined) {
      window.drop(window.end);
      end = await window.lineEnd(window.end, MAX_ROW_BYTES);
    }
    if (end === at) return;
    if (isTooLong) yield { line, endByte: end, fault: 'it is over 8 MB long' };
    else {
      const bytes = window.slice(at, end);
      if (!isBlank(bytes)) yield { line, endByte: end, ...content(bytes) };
    }
    at = end;
    window.drop(at);
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

function content(bytes: Buffer): Pick<SourceRow, 'fields' | 'fault'> {
  if (!isUtf8(bytes)) return { fault: 'it is not valid UTF-8' };
  // A byte order mark counts as white space, and goes with it.
  const text = bytes.toString('utf8').trim();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fault: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  return isRecord(value) ? { fields: value } : { fault: 'it is not a JSON object' };
}
