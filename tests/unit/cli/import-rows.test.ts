/** Reading import files: rows, their lines in the file, and what is made of broken ones, however the bytes arrive. */
import { expect, test } from '@jest/globals';
import { csvRows } from '../../../cli/import/csv-rows.js';
import { jsonArrayRows } from '../../../cli/import/json-array-rows.js';
import { jsonLinesRows } from '../../../cli/import/json-lines-rows.js';
import type { SourceRow } from '../../../cli/import/source-row.js';

/** Chunks of one byte split every character and every quote; 7 something between; 64 kB nothing. */
const CHUNK_SIZES = [1, 7, 65_536];

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(rows: AsyncIterable<SourceRow>): Promise<[number, unknown][]> {
  const found: [number, unknown][] = [];
  for await (const { line, fields, fault } of rows) found.push([line, fault ?? { ...fields }]);
  return found;
}

const csv = (text: string | Buffer, size: number, delimiter = ','): AsyncGenerator<SourceRow> => csvRows(inChunks(Buffer.from(text), size), { delimiter, onHeader: () => undefined });

test.each(CHUNK_SIZES)('CSV rows have the line on which they begin, with newlines and quotes in fields, in chunks of %i', async (size) => {
  const text = '\ufeffid,title\r\n1,é\r\n\r\n2,"first\r\nsecond, ""third"""\n3,c';
  expect(await read(csv(text, size))).toEqual([
    [2, { id: '1', title: 'é' }],
    [4, { id: '2', title: 'first\r\nsecond, "third"' }],
    [6, { id: '3', title: 'c' }],
  ]);
});

test.each(CHUNK_SIZES)('a broken CSV row is reported with its line, and the rows around it are read, in chunks of %i', async (size) => {
  const rows = ['id,title', '1,a', '2,"b"x', '3,c', '4,d "e" f', '5', '6,f,g', '7,"never closed', '8,h', ''];
  expect(await read(csv(rows.join('\n'), size))).toEqual([
    [2, { id: '1', title: 'a' }],
    [3, expect.stringContaining('a closing quote is followed by text')],
    [4, { id: '3', title: 'c' }],
    [5, expect.stringContaining('a quote within a field')],
    [6, 'it has 1 column, the header 2'],
    [7, 'it has 3 columns, the header 2'],
    [8, 'a quote is opened and never closed'],
    [9, { id: '8', title: 'h' }],
  ]);
});

test('a CSV row that is not UTF-8 is reported, and other delimiters are taken', async () => {
  expect(await read(csv(Buffer.concat([Buffer.from('id;title\n1;'), Buffer.from([0xff]), Buffer.from('\n2;b\n')]), 65_536, ';'))).toEqual([
    [2, 'it is not valid UTF-8'],
    [3, { id: '2', title: 'b' }],
  ]);
});

test('a quote that is not closed within 1 MB costs one row, not the file', async () => {
  const many = Array.from({ length: 1_500 }, (_, nth) => `${nth},${'some words of a title '.repeat(40)}`);
  const found = await read(csv(['id,title', 'x,"never closed', ...many].join('\n'), 65_536));
  expect(found).toHaveLength(1_501);
  expect(found[0]).toEqual([2, 'a quote is opened and not closed within 1 MB']);
  expect(found.at(-1)).toEqual([1_502, { id: '1499', title: 'some words of a title '.repeat(40) }]);
});

test('two columns of one name are refused', async () => {
  await expect(read(csv('id,id\n1,2\n', 65_536))).rejects.toThrow('two columns "id"');
});

test.each(CHUNK_SIZES)('JSON Lines: every line that is no object is reported, also one of over 8 MB, in chunks of %i', async (size) => {
  const lines = ['\ufeff{"id":"1"}', '', '[1]', '{"id":', '{"id":"a\u2028b"}'];
  expect(await read(jsonLinesRows(inChunks(Buffer.from(lines.join('\r\n')), size)))).toEqual([
    [1, { id: '1' }],
    [3, 'it is not a JSON object'],
    [4, expect.stringContaining('it is not JSON')],
    [5, { id: 'a\u2028b' }],
  ]);
});

test('JSON Lines: a line of over 8 MB is passed over without being kept', async () => {
  const text = `{"id":"1"}\n{"id":"${'x'.repeat(9_000_000)}"}\n{"id":"3"}\n`;
  expect(await read(jsonLinesRows(inChunks(Buffer.from(text), 65_536)))).toEqual([
    [1, { id: '1' }],
    [2, 'it is over 8 MB long'],
    [3, { id: '3' }],
  ]);
});

test.each(CHUNK_SIZES)('a JSON array gives its elements with the lines on which they begin, in chunks of %i', async (size) => {
  const text = '\ufeff[\n  {"id": "é1",\n "tags": [1, {"x": 2}]},\n\n  5, {"id":\n"b"}\n, null]\n';
  expect(await read(jsonArrayRows(inChunks(Buffer.from(text), size)))).toEqual([
    [2, { id: 'é1', tags: [1, { x: 2 }] }],
    [5, 'it is not a JSON object'],
    [5, { id: 'b' }],
    [7, 'it is not a JSON object'],
  ]);
});

test.each([
  ['[{"id":"1"},\n{"id":"2",,}]', 'on line 2'],
  ['[{"id":"1"},\n{"id":', 'on line 2'],
  ['[{"id":"1"}\n', 'the file ends before its array does'],
  ['{"id":"1"}', 'does not begin with "["'],
])('a broken array gives what was before and says where it broke: %j', async (text, message) => {
  const found: SourceRow[] = [];
  const reading = async (): Promise<void> => {
    for await (const row of jsonArrayRows(inChunks(Buffer.from(text), 4))) found.push(row);
  };
  await expect(reading()).rejects.toThrow(message);
  expect(found.map(({ fields }) => fields)).toEqual(text.startsWith('[') ? [{ id: '1' }] : []);
});
