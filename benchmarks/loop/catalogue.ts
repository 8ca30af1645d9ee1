/** The catalogue the loop benchmark searches: the demo's emoji. */
import { createRequire } from 'node:module';
import { request, type Headers } from './api.js';

/** What is searched for: words that find a few to a few dozen documents. */
export const QUERIES = ['heart', 'face', 'cat', 'flower', 'hand', 'woman', 'red', 'moon', 'food', 'ball', 'smiling face', 'clock', 'tree', 'fish', 'house', 'music'];

const BATCH = 500;

export async function importCatalogue(url: string, headers: Headers = {}): Promise<void> {
  const emoji = createRequire(import.meta.url)('emojibase-data/en/data.json') as { hexcode: string; label: string; tags?: string[] }[];
  const documents = emoji.map(({ hexcode, label, tags = [] }) => ({ id: hexcode, title: label, body: tags.join(' ') }));
  for (let start = 0; start < documents.length; start += BATCH) {
    await request(url, 'mutation($documents: [DocumentInput!]!) { importDocuments(input: { documents: $documents }) { imported } }', { documents: documents.slice(start, start + BATCH) }, headers);
  }
}
