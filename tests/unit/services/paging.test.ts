/** Cursors: they carry a row's key through any client unchanged, and nothing made up passes for one. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BadUserInputError } from '../../../src/errors.js';
import { CURSOR_PART, decodeCursor, encodeCursor, toPage } from '../../../src/services/paging.js';

test('a cursor gives back the key it was made of, whatever the ids', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((id) => !id.includes('\0') && id.length <= 128), (id) => {
      const cursor = encodeCursor('document', [id]);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor('document', cursor, [CURSOR_PART.id])).toEqual([id]);
    }),
  );
});

test('without a cursor there is no key', () => {
  expect(decodeCursor('document', null, [CURSOR_PART.id])).toBeNull();
  expect(decodeCursor('document', undefined, [CURSOR_PART.id])).toBeNull();
});

test('a cursor of another list, of another shape or made up is refused', () => {
  const parts = [CURSOR_PART.time, CURSOR_PART.uuid, CURSOR_PART.position];
  const [time, uuid] = ['2026-11-24T08:00:00.000Z', '01890a5d-ac96-774b-bcce-b302099a8057'];
  expect(decodeCursor('sample', encodeCursor('sample', [time, uuid, '7']), parts)).toEqual([time, uuid, '7']);
  const raw = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const cursor of [
    encodeCursor('run', [time, uuid, '7']),
    encodeCursor('sample', [time, uuid]),
    encodeCursor('sample', [time, uuid, '7', '8']),
    encodeCursor('sample', [time, uuid, '-1']),
    encodeCursor('sample', [time, uuid, '1234567890']),
    encodeCursor('sample', [time, uuid.toUpperCase(), '7']),
    encodeCursor('sample', ['2026-99-24T08:00:00.000Z', uuid, '7']),
    encodeCursor('sample', ['2026-11-24', uuid, '7']),
    raw(['sample', time, uuid, 7]),
    raw({ 0: 'sample', length: 4 }),
    raw(null),
    '',
    '\0',
    '"',
    'x'.repeat(1_025),
  ]) {
    expect(() => decodeCursor('sample', cursor, parts)).toThrow(BadUserInputError);
  }
});

test('nothing a client may send makes decoding fail otherwise', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map((json) => Buffer.from(json).toString('base64url'))), (cursor) => {
      try {
        expect(decodeCursor('document', cursor, [CURSOR_PART.id])).toHaveLength(1);
      } catch (error) {
        expect(error).toBeInstanceOf(BadUserInputError);
      }
    }),
  );
});

test('a page holds at most what was asked for, and knows whether there is more', () => {
  const cursorOf = (row: number): string => `c${row}`;
  expect(toPage([1, 2, 3], 2, null, cursorOf)).toEqual({
    rows: [
      { cursor: 'c1', row: 1 },
      { cursor: 'c2', row: 2 },
    ],
    hasNextPage: true,
    hasPreviousPage: false,
  });
  expect(toPage([1, 2], 2, ['key'], cursorOf)).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  expect(toPage([], 2, null, cursorOf)).toEqual({ rows: [], hasNextPage: false, hasPreviousPage: false });
});
