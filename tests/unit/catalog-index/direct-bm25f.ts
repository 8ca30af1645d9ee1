/** BM25F computed directly from the texts, document by document: what the index's scores are held against. */
import type { Analyser } from '../../../src/catalog-index/analyser.js';
import type { CatalogDocument } from '../../../src/catalog-index/catalog-index.js';

export function baseScore(analyser: Analyser, documents: readonly CatalogDocument[], query: string, id: string): number {
  const analysed = documents.map((document) => ({ id: document.id, title: analyser.analyse(document.title), body: analyser.analyse(document.body) }));
  const N = analysed.length;
  const average = (lengths: number[]): number => lengths.reduce((sum, length) => sum + length, 0) / N;
  const averageTitle = average(analysed.map(({ title }) => title.length));
  const averageBody = average(analysed.map(({ body }) => body.length));
  const { title, body } = analysed.find((document) => document.id === id)!;
  const count = (stems: string[], stem: string): number => stems.filter((other) => other === stem).length;

  let score = 0;
  for (const stem of analyser.analyse(query)) {
    const n = analysed.filter((document) => document.title.includes(stem) || document.body.includes(stem)).length;
    const idf = Math.log(1 + (N - n + 0.5) / (n + 0.5));
    const inTitle = count(title, stem);
    const inBody = count(body, stem);
    const tf =
      (inTitle === 0 ? 0 : (3 * inTitle) / (0.5 + (0.5 * title.length) / averageTitle)) +
      (inBody === 0 ? 0 : inBody / (0.25 + (0.75 * body.length) / averageBody));
    score += (idf * tf * 3) / (tf + 2);
  }
  return score;
}
