/** RM3: what the best documents speak of, as a longer query. */
import { describe, expect, it } from '@jest/globals';
import { Analyser } from '../../../src/catalog-index/analyser.js';
import { CatalogIndex, type CatalogDocument } from '../../../src/catalog-index/catalog-index.js';
import { expandedQuery, feedbackScore } from './direct-rm3.js';

const english = new Analyser('english');

function indexOf(documents: readonly CatalogDocument[]): CatalogIndex {
  const index = new CatalogIndex(english);
  index.upsert(documents);
  return index;
}

const titled = (...titles: string[]): CatalogDocument[] => titles.map((title, i) => ({ id: `d${i}`, title, body: '' }));

const library: CatalogDocument[] = [
  { id: 'wing', title: 'Flow over a swept wing', body: 'The flow of air over swept wings at high speed. Wings are swept back.' },
  { id: 'slab', title: 'Heat in composite slabs', body: 'Conduction of heat in a composite slab, with a wing as an example.' },
  { id: 'jet', title: 'Jets', body: 'A jet flows over a wing at high speed.' },
  { id: 'bare', title: 'Wings', body: '' },
  { id: 'untitled', title: '', body: 'flow flow flow' },
  { id: 'other', title: 'Something else', body: 'of which nobody asks' },
];

/** 30 documents of 12 words each out of 80: more than 40 words are met in the ten best. */
const many: CatalogDocument[] = Array.from({ length: 30 }, (_, i) => ({
  id: `m${i}`,
  title: `heart word${(i * 7) % 80}`,
  body: Array.from({ length: 10 }, (_, j) => `word${(i * 11 + j * j * 3) % 80}`).join(' '),
}));

function expectDirect(documents: readonly CatalogDocument[], queries: readonly string[], limit?: number): void {
  const index = indexOf(documents);
  for (const query of queries) {
    const candidates = index.candidates(query, limit);
    expect(candidates.documentIds.length).toBeGreaterThan(0);
    expect(candidates.feedbackScores).toHaveLength(candidates.documentIds.length);
    candidates.documentIds.forEach((id, i) => expect(candidates.feedbackScores[i]).toBeCloseTo(feedbackScore(english, documents, query, candidates, id), 10));
  }
}

describe('feedback scores', () => {
  it('are RM3 over the candidates, as computed directly', () => {
    expectDirect(library, ['wing', 'swept wing flow', 'heat of a wing', 'composite composite heat', 'high speed', 'jets']);
  });

  it('are so where more than ten documents and forty words are found', () => {
    expectDirect(many, ['heart', 'word3 word14', 'heart word21 word0']);
    expect(expandedQuery(english, many, 'heart', indexOf(many).candidates('heart')).size).toBe(40);
  });

  it('are exact for a small case worked by hand', () => {
    // One document answers: m(cat) = m(red) = ½; the longer query has cat ¼ + ½, red ¼. Both stand in one of two titles of average
    // length, each alone worth 1.8·ln 2.
    const { feedbackScores } = indexOf(titled('red cat', 'blue dog')).candidates('cats');
    expect(feedbackScores[0]).toBeCloseTo((0.75 + 0.25) * 1.8 * Math.log(2), 14);
  });

  it('lift the documents that speak of what the best ones speak of', () => {
    // Fish and stone are met equally often, but with the sea it is fish.
    const documents = titled('sea fish', 'sea fish', 'sea fish', 'sea stone', 'stone', 'stone');
    const { documentIds, baseScores, feedbackScores } = indexOf(documents).candidates('sea');
    const [fish, stone] = ['d0', 'd3'].map((id) => documentIds.indexOf(id));
    expect(baseScores[fish!]).toBe(baseScores[stone!]);
    expect(feedbackScores[fish!]).toBeGreaterThan(feedbackScores[stone!]!);
  });

  it('add nothing to the candidates: they are those of the base ranker, in its order', () => {
    const { documentIds } = indexOf(titled('sea fish', 'fish')).candidates('sea');
    expect(documentIds).toEqual(['d0']);
  });

  it('count a word of the query as often as it stands there, and lose the share of those nobody knows', () => {
    expectDirect(library, ['wing wing heat', 'wing unheardofword', 'wing unheardofword unheardofword']);
  });

  it('are the same whatever is asked for, beyond the ten best', () => {
    const index = indexOf(many);
    const all = index.candidates('heart', 30).feedbackScores;
    expect(index.candidates('heart', 12).feedbackScores).toEqual(all.slice(0, 12));
    expect(index.candidates('heart', 3).feedbackScores).not.toEqual(all.slice(0, 3));
    expectDirect(many, ['heart'], 3);
  });
});

describe('words of equal weight', () => {
  // Documents of 50 words, each once: of these not all are kept, and which is a matter of their order alone.
  const words = Array.from({ length: 50 }, (_, i) => `w${String(i).padStart(2, '0')}`);
  const orders = [words, [...words].reverse(), words.map((_, i) => words[(i * 7) % 50]!)];

  it('are kept by the term in code units, whatever their order in the text and in the import', () => {
    const results = orders.map((order) => {
      const best = Array.from({ length: 10 }, (_, i) => ({ id: `best${i}`, title: 'heart', body: order.join(' ') }));
      const beyond = [
        { id: 'kept', title: '', body: `heart w05 w38 ${'filler '.repeat(60)}` },
        { id: 'left', title: '', body: `heart w39 w49 ${'filler '.repeat(60)}` },
      ];
      // A document of the same words goes first, so that terms have other numbers in each index.
      const index = indexOf([{ id: 'before', title: [...order].reverse().join(' '), body: '' }]);
      index.upsert([...best, ...beyond]);
      index.remove(['before']);
      return index.candidates('heart');
    });
    const [first] = results;
    for (const { documentIds, baseScores, feedbackScores } of results) {
      expect(documentIds.slice(10)).toEqual(['kept', 'left']);
      // The heart and the first 39 of the 50 words make forty.
      expect(baseScores[10]).toBe(baseScores[11]);
      expect(feedbackScores[10]).toBeGreaterThan(feedbackScores[11]!);
      feedbackScores.forEach((score, i) => expect(score).toBeCloseTo(first!.feedbackScores[i]!, 12));
    }
  });

  it('are kept so in a single document: the first forty', () => {
    const documents: CatalogDocument[] = [{ id: 'all', title: '', body: orders[2]!.join(' ') }];
    const candidates = indexOf(documents).candidates('w45');
    const expanded = expandedQuery(english, documents, 'w45', candidates);
    expect([...expanded.keys()].sort()).toEqual([...words.slice(0, 40), 'w45']);
    expect(candidates.feedbackScores[0]).toBeCloseTo(feedbackScore(english, documents, 'w45', candidates, 'all'), 12);
  });
});

describe('where little is found', () => {
  it('there are none without candidates', () => {
    for (const query of ['', 'of the', 'xqzzy']) expect(indexOf(library).candidates(query).feedbackScores).toEqual(new Float64Array(0));
    expect(new CatalogIndex(english).candidates('heart').feedbackScores).toEqual(new Float64Array(0));
    expect(indexOf(library).candidates('wing', 0).feedbackScores).toEqual(new Float64Array(0));
  });

  it('titles found by likeness are weighed by it, and their words make the longer query', () => {
    const documents = titled('red heart', 'woman astronaut: medium skin tone', 'astronaut', 'astronaut helmet', 'white flower');
    const index = indexOf(documents);
    const candidates = index.candidates('astronuts');
    expect(candidates).toMatchObject({ matching: 'titles', documentIds: ['d2', 'd3', 'd1'] });
    candidates.documentIds.forEach((id, i) => expect(candidates.feedbackScores[i]).toBeCloseTo(feedbackScore(english, documents, 'astronuts', candidates, id), 10));
    expect(candidates.feedbackScores.every((score) => score > 0)).toBe(true);
  });

  it('a document whose words are all stop words is no hindrance', () => {
    expectDirect([...library, { id: 'stop', title: 'The of', body: 'to be or not to be' }], ['wing']);
  });

  it('words that were met in documents gone since are forgotten', () => {
    const index = indexOf([...library, { id: 'gone', title: 'wing nacelle', body: 'nacelle engine' }]);
    index.candidates('wing nacelle');
    index.remove(['gone']);
    for (const query of ['wing', 'wing nacelle']) expect(index.candidates(query)).toEqual(indexOf(library).candidates(query));
  });
});
