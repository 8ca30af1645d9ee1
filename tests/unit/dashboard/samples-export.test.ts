/** The filter of the Samples page and the rows of its export. */
import { expect, test } from '@jest/globals';
import type { ExportSamplesQuery, ExportSamplesQueryVariables, SampleFieldsFragment } from '../../../dashboard/src/generated/operations.js';
import { csvHeader, csvLines, jsonLines } from '../../../dashboard/src/pages/samples/export-rows.js';
import { ExportRun } from '../../../dashboard/src/pages/samples/export-run.js';
import { filterFrom, isFiltered, NO_FILTER, toSampleFilter } from '../../../dashboard/src/pages/samples/sample-filter.js';

const sample: SampleFieldsFragment = {
  id: 's:1', searchId: 's', query: 'heart', documentId: 'red', position: 1, basePosition: 3, score: 0.5, baseScore: 2.25, clickProbability: 0.125, propensity: null, clicked: true, clickCount: 2,
  shownAt: '2026-01-01T00:00:00.000Z', clickedAt: null, settlesAt: '2026-01-01T00:00:10.000Z', settled: true, learned: false, features: { bm25f: 1.5 }, rankerId: 'base', explored: false, interleaved: true,
  team: 'BASE', userId: null, sessionId: null,
};
const exact = { isSafeForSpreadsheets: false };
const safe = { isSafeForSpreadsheets: true };

test('a row of CSV has an empty cell for null, and features as JSON with doubled quotes', () => {
  expect(csvLines([sample], exact).text).toBe('s,1,heart,red,3,0.5,2.25,0.125,,true,2,2026-01-01T00:00:00.000Z,,2026-01-01T00:00:10.000Z,true,false,base,false,true,BASE,,,"{""bm25f"":1.5}"\r\n');
  expect(csvHeader(exact).trimEnd().split(',')).toHaveLength(23);
});

test('quotes, commas and line ends within a text survive, as does white space at its ends', () => {
  const cellOf = (query: string): string => csvLines([{ ...sample, query }], exact).text.slice('s,1,'.length).split(',red,3')[0] ?? '';
  expect(cellOf('a "b", c')).toBe('"a ""b"", c"');
  expect(cellOf('two\nlines')).toBe('"two\nlines"');
  expect(cellOf(' padded ')).toBe('" padded "');
});

test('what a spreadsheet would run gets an apostrophe and is counted, only when asked for; numbers are left alone', () => {
  const formula = { ...sample, query: '=HYPERLINK("x")', score: -1 };
  expect(csvLines([formula], safe)).toMatchObject({ guarded: 1, text: expect.stringContaining(`"'=HYPERLINK(""x"")"`) });
  expect(csvLines([formula], safe).text).toContain(',-1,');
  expect(csvLines([formula], exact)).toMatchObject({ guarded: 0, text: expect.stringContaining('"=HYPERLINK(""x"")"') });
  expect(csvHeader(safe).startsWith('\uFEFF')).toBe(true);
});

test('a line of JSON is one object with the same fields', () => {
  const { text } = jsonLines([sample, { ...sample, query: 'two\nlines' }]);
  const rows = text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatchObject({ query: 'two\nlines', features: { bm25f: 1.5 }, propensity: null });
});

/** A server with so many samples, a page of them at each request; and a file in memory. */
function fixture(rows: number): { client: { request: never }; file: { write: (text: string) => Promise<void>; close: () => Promise<void>; abort: () => Promise<void> }; written: () => string; ends: string[] } {
  let text = '';
  const ends: string[] = [];
  const request = async (_operation: unknown, { first, after }: ExportSamplesQueryVariables): Promise<ExportSamplesQuery> => {
    const from = Number(after ?? 0);
    const to = Math.min(rows, from + first);
    const edges = Array.from({ length: to - from }, (_, index) => ({ node: { ...sample, position: from + index + 1 } }));
    return { samples: { edges, pageInfo: { hasNextPage: to < rows, endCursor: String(to) } } };
  };
  const file = { write: async (more: string) => void (text += more), close: async () => void ends.push('closed'), abort: async () => void ends.push('aborted') };
  return { client: { request: request as never }, file, written: () => text, ends };
}

test('an export goes page by page to the end, and counts its rows', async () => {
  const { client, file, written, ends } = fixture(450);
  const run = new ExportRun();
  await run.write(client, { format: 'jsonl', isSafeForSpreadsheets: false, filter: {} }, file);
  expect(run.get()).toMatchObject({ status: 'done', rows: 450 });
  expect(written().trimEnd().split('\n').map((line) => (JSON.parse(line) as { position: number }).position)).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
  expect(ends).toEqual(['closed']);
});

test('a stopped export keeps what was written until then', async () => {
  const { client, file, written, ends } = fixture(1_000);
  const run = new ExportRun();
  run.subscribe(() => run.get().rows >= 400 && run.stop());
  await run.write(client, { format: 'csv', isSafeForSpreadsheets: false, filter: {} }, file);
  expect(run.get()).toMatchObject({ status: 'stopped', rows: 400 });
  expect(written().trimEnd().split('\r\n')).toHaveLength(401);
  expect(ends).toEqual(['closed']);
});

test('an export whose server goes away says so and leaves no half file', async () => {
  const { file, ends } = fixture(1);
  const run = new ExportRun();
  await run.write({ request: (() => Promise.reject(new Error('gone'))) as never }, { format: 'csv', isSafeForSpreadsheets: false, filter: {} }, file);
  expect(run.get()).toMatchObject({ status: 'failed', error: new Error('gone') });
  expect(ends).toEqual(['aborted']);
});

test('the address holds the filter; nonsense in it asks for nothing', () => {
  const fields = filterFrom(new URLSearchParams('query=heart&document=red&clicked=no&from=2026-01-02&until=2026-01-02'));
  expect(fields).toEqual({ query: 'heart', documentId: 'red', clicked: 'no', from: '2026-01-02', until: '2026-01-02' });
  const filter = toSampleFilter(fields);
  expect(filter).toMatchObject({ query: 'heart', documentId: 'red', clicked: false });
  expect(Date.parse(String(filter.shownBefore)) - Date.parse(String(filter.shownAfter))).toBe(86_400_000);
  expect(filterFrom(new URLSearchParams('clicked=maybe&from=yesterday&until=2026-99-99'))).toEqual(NO_FILTER);
  expect([isFiltered(NO_FILTER), isFiltered({ ...NO_FILTER, query: ' ' }), isFiltered(fields)]).toEqual([false, false, true]);
});
