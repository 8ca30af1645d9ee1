/** Reads the Cranfield collection: abstracts, questions, and people's judgments of which abstract answers which. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CatalogDocument } from '../src/catalog-index/catalog-index.js';

export interface JudgedQuery {
  id: string;
  text: string;
  fold: number;
  /** Document id to grade 1 … 4; a document not listed has grade 0. */
  grades: ReadonlyMap<string, number>;
}

export interface CranfieldData {
  documents: CatalogDocument[];
  queries: JudgedQuery[];
}

/** The collection in `DIR/cranfield`, or the name of the first file that is missing. */
export function readCranfield(dataDirectory: string): CranfieldData | { missing: string } {
  const [documentsFile, queriesFile, judgmentsFile] = ['documents.jsonl.gz', 'queries.jsonl', 'judgments.tsv'].map((name) =>
    join(dataDirectory, 'cranfield', name),
  ) as [string, string, string];
  const missing = [documentsFile, queriesFile, judgmentsFile].find((file) => !existsSync(file));
  if (missing !== undefined) return { missing };

  const grades = new Map<string, Map<string, number>>();
  for (const line of linesOf(readFileSync(judgmentsFile, 'utf8'))) {
    const [query, document, grade] = line.split('\t') as [string, string, string];
    let ofQuery = grades.get(query);
    if (!ofQuery) grades.set(query, (ofQuery = new Map()));
    ofQuery.set(document, Number(grade));
  }
  return {
    documents: linesOf(gunzipSync(readFileSync(documentsFile)).toString('utf8')).map((line) => JSON.parse(line) as CatalogDocument),
    queries: linesOf(readFileSync(queriesFile, 'utf8')).map((line) => {
      const query = JSON.parse(line) as Omit<JudgedQuery, 'grades'>;
      return { ...query, grades: grades.get(query.id) ?? new Map<string, number>() };
    }),
  };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
