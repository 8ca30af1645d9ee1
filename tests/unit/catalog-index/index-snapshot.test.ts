/** The index as a file: what comes back is what was written, and what is spoiled or another's is passed over. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Analyser } from '../../../src/catalog-index/analyser.js';
import { CatalogIndex, type CatalogDocument } from '../../../src/catalog-index/catalog-index.js';
import { readSnapshot, writeSnapshot } from '../../../src/catalog-index/index-snapshot.js';

const KEY = { catalogue: '6f1f4a4e-0000-4000-8000-000000000001', language: 'english' };
const english = new Analyser('english');
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rankloop index '));
  file = path.join(folder, 'catalogue.index');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const words = fc.array(fc.constantFrom('wing', 'flow', 'heat', 'slab', 'jets', '心', 'воздух', 'a "quoted"\nline'), { maxLength: 6 }).map((parts) => parts.join(' '));
const changes = fc.array(
  fc.oneof(
    fc.record({ id: fc.integer({ min: 0, max: 30 }).map(String), title: words, body: words }),
    fc.record({ remove: fc.integer({ min: 0, max: 30 }).map(String) }),
  ),
  { maxLength: 60 },
);
type Change = CatalogDocument | { remove: string };

function apply(index: CatalogIndex, all: readonly Change[]): void {
  for (const change of all) {
    if ('remove' in change) index.remove([change.remove]);
    else index.upsert([change]);
  }
}

function answers(index: CatalogIndex): unknown {
  return ['wing', 'flow heat', '心', 'jet wing flow', 'wimg', 'воздух slab'].map((query) => index.candidates(query));
}

async function saved(index: CatalogIndex): Promise<CatalogIndex> {
  expect(await writeSnapshot(file, KEY, 7, index.save(), () => true)).toBe(true);
  const found = await readSnapshot(file, KEY);
  expect(found?.revision).toBe(7);
  const loaded = new CatalogIndex(english);
  loaded.load(found!.state);
  return loaded;
}

test('an index read back answers as before, and goes on as before when documents come and go', async () => {
  await fc.assert(
    fc.asyncProperty(changes, changes, async (before, after) => {
      const index = new CatalogIndex(english);
      apply(index, before);
      const loaded = await saved(index);
      expect(loaded.size).toBe(index.size);
      expect(answers(loaded)).toEqual(answers(index));
      apply(index, after);
      apply(loaded, after);
      expect(answers(loaded)).toEqual(answers(index));
    }),
    { numRuns: 40 },
  );
});

test('so does one of thousands of documents, of which so many were removed that lists were purged', async () => {
  const documents = Array.from({ length: 3_000 }, (_, n) => ({ id: `d${n}`, title: `thing ${n % 97} of kind ${n % 13}`, body: `word${n % 501} word${n % 7} flow` }));
  const index = new CatalogIndex(english);
  index.upsert(documents);
  index.remove(documents.filter((_, n) => n % 3 === 0).map(({ id }) => id));
  const loaded = await saved(index);
  for (const one of [index, loaded]) one.upsert(documents.slice(0, 1_500));
  for (const query of ['word17', 'kind 5', 'flow word3 thing 50', 'thimg']) expect(loaded.candidates(query)).toEqual(index.candidates(query));
});

test('cleared, it is as new', () => {
  const index = new CatalogIndex(english);
  index.upsert([{ id: 'a', title: 'wing', body: 'flow' }]);
  index.clear();
  expect(index.size).toBe(0);
  expect(index.candidates('wing').totalMatches).toBe(0);
  index.upsert([{ id: 'b', title: 'wing', body: '' }]);
  expect(index.candidates('wing').documentIds).toEqual(['b']);
});

test('another catalogue, another language, no file: nothing', async () => {
  expect(await readSnapshot(file, KEY)).toBeNull();
  await writeSnapshot(file, KEY, 1, new CatalogIndex(english).save(), () => true);
  expect(await readSnapshot(file, { ...KEY, language: 'german' })).toBeNull();
  expect(await readSnapshot(file, { ...KEY, catalogue: '6f1f4a4e-0000-4000-8000-000000000002' })).toBeNull();
  expect(await readSnapshot(file, KEY)).not.toBeNull();
});

test('a file cut off or with any byte changed is passed over', async () => {
  const index = new CatalogIndex(english);
  index.upsert([{ id: 'a', title: 'wing', body: 'flow' }]);
  await writeSnapshot(file, KEY, 1, index.save(), () => true);
  const whole = await readFile(file);
  for (const at of [0, 100, Math.floor(whole.length / 2), whole.length - 20, whole.length - 8, whole.length - 1]) {
    const spoiled = Buffer.from(whole);
    spoiled[at] = (spoiled[at] ?? 0) ^ 1;
    await writeFile(file, spoiled);
    expect(await readSnapshot(file, KEY)).toBeNull();
  }
  for (const length of [0, 7, 8, whole.length - 1]) {
    await writeFile(file, whole);
    await truncate(file, length);
    expect(await readSnapshot(file, KEY)).toBeNull();
  }
});

test('what has changed while it was written is thrown away, and the file of before stays', async () => {
  const index = new CatalogIndex(english);
  await writeSnapshot(file, KEY, 1, index.save(), () => true);
  index.upsert([{ id: 'a', title: 'wing', body: '' }]);
  expect(await writeSnapshot(file, KEY, 2, index.save(), () => false)).toBe(false);
  expect((await readSnapshot(file, KEY))?.revision).toBe(1);
  expect(await readdir(folder)).toEqual(['catalogue.index']);
});
