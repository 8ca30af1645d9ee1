/** Candidates and their scores: the formula, ties, scripts, typos, changes to the catalogue. */
import { describe, expect, it } from '@jest/globals';
import { Analyser } from '../../../src/catalog-index/analyser.js';
import { CatalogIndex, type CatalogDocument } from '../../../src/catalog-index/catalog-index.js';
import { baseScore } from './direct-bm25f.js';

const english = new Analyser('english');

function indexOf(documents: readonly CatalogDocument[], analyser: Analyser = english): CatalogIndex {
  const index = new CatalogIndex(analyser);
  index.upsert(documents);
  return index;
}

const titled = (...titles: string[]): CatalogDocument[] => titles.map((title, i) => ({ id: `d${i}`, title, body: '' }));

const library: CatalogDocument[] = [
  { id: 'wing', title: 'Flow over a swept wing', body: 'The flow of air over swept wings at high speed. Wings are swept back.' },
  { id: 'slab', title: 'Heat in composite slabs', body: 'Conduction of heat in a composite slab, with a wing as an example.' },
  { id: 'jet', title: 'Jets', body: 'A jet flows.' },
  { id: 'bare', title: 'Wings', body: '' },
  { id: 'untitled', title: '', body: 'flow flow flow' },
];

describe('scores', () => {
  it('are BM25F over title and body, as computed directly', () => {
    const index = indexOf(library);
    for (const query of ['wing', 'swept wing flow', 'heat of a wing', 'composite composite heat']) {
      const { documentIds, baseScores } = index.candidates(query);
      expect(documentIds.length).toBeGreaterThan(0);
      documentIds.forEach((id, i) => expect(baseScores[i]).toBeCloseTo(baseScore(english, library, query, id), 12));
    }
  });

  it('count a word of the query as often as it stands there', () => {
    const index = indexOf(library);
    expect(index.candidates('wing wings').baseScores[0]).toBe(2 * index.candidates('wing').baseScores[0]!);
  });

  it('are exact for a small case worked by hand', () => {
    // One of two documents has the word, once, in a title of average length: idf = ln(1 + 1.5/1.5), tf~ = 3, 3·3/(3 + 2) = 1.8.
    const { baseScores } = indexOf(titled('cat', 'dog')).candidates('cats');
    expect(baseScores[0]).toBeCloseTo(1.8 * Math.log(2), 14);
  });

  it('hold in a catalogue where all titles, or all bodies, are empty', () => {
    expect(indexOf([{ id: 'a', title: '', body: 'cat' }]).candidates('cat').baseScores[0]).toBeGreaterThan(0);
    expect(indexOf([{ id: 'a', title: 'cat', body: '' }]).candidates('cat').baseScores[0]).toBeGreaterThan(0);
  });

  it('are the same bits whatever the order of import', () => {
    const forward = indexOf(library);
    const backward = indexOf([...library].reverse());
    for (const query of ['wing', 'flow over swept wings', 'heat jets']) expect(backward.candidates(query)).toEqual(forward.candidates(query));
  });
});

describe('candidates', () => {
  it('name stems, key and how they were found', () => {
    expect(indexOf(library).candidates('the swept Wings')).toMatchObject({
      terms: ['swept', 'wing'],
      queryKey: 'swept wing',
      matching: 'stems',
      totalMatches: 3,
      documentIds: ['wing', 'bare', 'slab'],
    });
  });

  it('order equal scores by id in the order of code units', () => {
    const ids = ['b', 'a', 'B', 'ä', '10', '9', 'z', '😀', '\uffff'];
    const index = indexOf(ids.map((id) => ({ id, title: 'heart', body: '' })));
    expect(index.candidates('heart').documentIds).toEqual([...ids].sort());
    expect(index.candidates('heart', 3).documentIds).toEqual(['10', '9', 'B']);
  });

  it('are at most 200 unless told, and count beyond', () => {
    const index = indexOf(Array.from({ length: 300 }, (_, i) => ({ id: `d${i}`, title: 'heart', body: i % 2 === 0 ? 'heart' : '' })));
    const all = index.candidates('heart', 300);
    expect(all.documentIds.length).toBe(300);
    const first = index.candidates('heart');
    expect(first.totalMatches).toBe(300);
    expect(first.documentIds).toEqual(all.documentIds.slice(0, 200));
    expect(first.baseScores).toEqual(all.baseScores.slice(0, 200));
    expect(index.candidates('heart', 0)).toMatchObject({ totalMatches: 300, documentIds: [] });
  });

  it('are none for a query without stems', () => {
    const scores = new Float64Array(0);
    const none = { terms: [], queryKey: '', matching: 'none', totalMatches: 0, documentIds: [], baseScores: scores, feedbackScores: scores };
    for (const query of ['', '  ', 'to be or not to be', '❤️🔥', '…']) expect(indexOf(titled('to be', '❤️')).candidates(query)).toEqual(none);
  });

  it('are none in an empty catalogue', () => {
    expect(new CatalogIndex(english).candidates('heart')).toMatchObject({ terms: ['heart'], matching: 'none', totalMatches: 0, documentIds: [] });
  });

  it('do not depend on searches before', () => {
    const index = indexOf(library);
    const before = index.candidates('flow of heat');
    index.candidates('wing swept slab');
    index.candidates('wnig');
    expect(index.candidates('flow of heat')).toEqual(before);
  });
});

describe('queries of other languages', () => {
  it('find Chinese words inside sentences', () => {
    const index = indexOf([
      { id: 'red', title: '红色的心形', body: '我喜欢红色' },
      { id: 'blue', title: '蓝色的心形', body: '天空' },
    ]);
    expect(index.candidates('红色')).toMatchObject({ matching: 'stems', documentIds: ['red'] });
    expect(index.candidates('心形').documentIds.sort()).toEqual(['blue', 'red']);
  });

  it('find Thai words inside sentences', () => {
    const index = indexOf(titled('ผมรักประเทศไทย', 'หัวใจสีแดง'));
    expect(index.candidates('ประเทศไทย').documentIds).toEqual(['d0']);
    expect(index.candidates('สีแดง').documentIds).toEqual(['d1']);
  });

  it('find German forms, and parts of compounds by likeness', () => {
    const index = indexOf(titled('Dampfschifffahrt', 'Bücherregale', 'Straßenbahn'), new Analyser('german'));
    expect(index.candidates('bücherregal')).toMatchObject({ matching: 'stems', documentIds: ['d1'] });
    expect(index.candidates('STRASSENBAHNEN')).toMatchObject({ matching: 'stems', documentIds: ['d2'] });
    expect(index.candidates('Dampfschiff')).toMatchObject({ matching: 'titles', documentIds: ['d0'] });
  });

  it('find by the words when emoji stand between them', () => {
    expect(indexOf(titled('red heart', 'blue heart')).candidates('❤️ red 心 🔥')).toMatchObject({
      terms: ['red', '心'],
      matching: 'stems',
      documentIds: ['d0'],
    });
  });
});

describe('queries with typos', () => {
  const index = indexOf(titled('red heart', 'woman astronaut: medium skin tone', 'astronaut', 'white flower', 'guitar', 'smiling face'));

  it('find titles by similarity, under the key of their own stems', () => {
    expect(index.candidates('astronuts')).toMatchObject({ queryKey: 'astronut', matching: 'titles', totalMatches: 2, documentIds: ['d2', 'd1'] });
    for (const [typo, id] of [['hart', 'd0'], ['flwoer', 'd3'], ['guiter', 'd4'], ['smilng fce', 'd5']]) {
      expect(index.candidates(typo!).documentIds).toEqual([id]);
    }
  });

  it('have the similarity as score, as pg_trgm computes it', () => {
    // guiter: "  g", " gu", "gui", "uit" of 7 and 7 in common, 10 in all.
    expect([...index.candidates('guiter').baseScores]).toEqual([4 / 10]);
  });

  it('find nothing when no title is like them', () => {
    expect(index.candidates('xqzzy')).toMatchObject({ terms: ['xqzzi'], queryKey: 'xqzzi', matching: 'none', documentIds: [] });
  });

  it('order equally similar titles by id, and list no more than asked', () => {
    const same = indexOf(['c', 'a', 'b'].map((id) => ({ id, title: 'guitar', body: '' })));
    expect(same.candidates('guiter').documentIds).toEqual(['a', 'b', 'c']);
    expect(same.candidates('guiter', 2)).toMatchObject({ totalMatches: 3, documentIds: ['a', 'b'] });
  });

  it('find no title that is gone', () => {
    const changed = indexOf(titled('guitar', 'guitars'));
    changed.remove(['d0']);
    changed.upsert([{ id: 'd1', title: 'piano', body: '' }]);
    expect(changed.candidates('guiter')).toMatchObject({ matching: 'none', totalMatches: 0 });
  });
});

describe('changes to the catalogue', () => {
  it('leave no trace of what was removed', () => {
    const index = indexOf([...library, { id: 'gone', title: 'A wing that goes', body: 'swept flow heat conduction' }]);
    index.remove(['gone', 'never there']);
    expect(index.size).toBe(library.length);
    expect(index.has('gone')).toBe(false);
    for (const query of ['wing', 'conduction of heat', 'goes', 'swpet']) expect(index.candidates(query)).toEqual(indexOf(library).candidates(query));
  });

  it('replace a document under its id, the last of equal ids in a call', () => {
    const index = indexOf(titled('red heart', 'blue heart'));
    index.upsert([
      { id: 'd0', title: 'green', body: '' },
      { id: 'd0', title: 'yellow', body: '' },
    ]);
    expect(index.size).toBe(2);
    expect(index.candidates('heart').documentIds).toEqual(['d1']);
    expect(index.candidates('green')).toMatchObject({ matching: 'none' });
    expect(index.candidates('yellow').documentIds).toEqual(['d0']);
  });

  it('keep the index right through enough removals to clear it out, and use it again', () => {
    const many = Array.from({ length: 3000 }, (_, i) => ({ id: `m${i}`, title: `thing ${i}`, body: `word${i % 50} common` }));
    const index = indexOf(many);
    for (let round = 0; round < 3; round++) {
      index.remove(many.map(({ id }) => id));
      expect(index.size).toBe(0);
      expect(index.candidates('common')).toMatchObject({ matching: 'none' });
      index.upsert(many);
    }
    index.remove(many.slice(100).map(({ id }) => id));
    const fresh = indexOf(many.slice(0, 100));
    for (const query of ['common thing', 'word7', 'thing 42', 'thign']) expect(index.candidates(query)).toEqual(fresh.candidates(query));
  });

  it('are seen by the next search also when the document has no words', () => {
    const index = indexOf(titled('cat', 'dog'));
    const before = index.candidates('cat').baseScores[0]!;
    index.upsert([{ id: 'empty', title: '', body: '' }]);
    expect(index.candidates('cat').baseScores[0]).not.toBe(before);
    expect(index.has('empty')).toBe(true);
  });

  it('count more occurrences of a word than fit as the most that fit', () => {
    const index = indexOf([{ id: 'a', title: '', body: 'cat '.repeat(70_000) }, { id: 'b', title: 'dog', body: '' }]);
    expect(index.candidates('cat').documentIds).toEqual(['a']);
    expect(index.candidates('dog').documentIds).toEqual(['b']);
  });
});
