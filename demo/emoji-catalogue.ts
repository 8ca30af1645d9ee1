/** The demo's catalogue: every emoji, with English and Chinese words, from the package emojibase-data. */
import { createRequire } from 'node:module';
import { Analyser } from '../src/catalog-index/analyser.js';

export interface EmojiDocument {
  /** The code points, as "1F600" or "2764-FE0F-200D-1F525": the same in every release. */
  id: string;
  title: string;
  body: string;
  attributes: { emoji: string; group: string | null; chineseLabel: string | null };
}

/** What is read of a file of emojibase-data. */
interface EmojiEntry {
  hexcode: string;
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
}

const require = createRequire(import.meta.url);

/** 1,949 documents: the title is the emoji with its English name, the body its tags and what it is called in Chinese. */
export function readEmojiCatalogue(): EmojiDocument[] {
  const english = require('emojibase-data/en/data.json') as EmojiEntry[];
  const chinese = new Map((require('emojibase-data/zh/data.json') as EmojiEntry[]).map((entry) => [entry.hexcode, entry]));
  const { groups } = require('emojibase-data/en/messages.json') as { groups: { order: number; message: string }[] };
  const groupNames = new Map(groups.map(({ order, message }) => [order, message]));
  return english.map(({ hexcode, emoji, label, tags = [], group }) => {
    const translation = chinese.get(hexcode);
    return {
      id: hexcode,
      title: `${emoji} ${label}`,
      body: [tags.join(', '), translation ? [translation.label, ...(translation.tags ?? [])].join('、') : ''].filter((part) => part !== '').join(' · '),
      attributes: { emoji, group: group === undefined ? null : (groupNames.get(group) ?? null), chineseLabel: translation?.label ?? null },
    };
  });
}

/** What each emoji is called, in English and in Chinese, by id. */
export function emojiNames(documents: readonly EmojiDocument[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    documents.map(({ id, title, attributes: { emoji, chineseLabel } }) => [id, [title.slice(emoji.length + 1), ...(chineseLabel === null ? [] : [chineseLabel])]]),
  );
}

/** What the crowd asks, the most asked first. Each matches enough documents for their order to matter. */
export const CROWD_QUERIES: readonly string[] = [
  'heart', 'face', 'cat', 'hand', 'smile', 'flower', 'food', '心', 'music', 'bird', 'moon', 'star',
  'happy', 'car', 'fish', 'love', '猫', 'tree', 'party', 'weather', '爱', 'fruit', 'drink', 'sport',
];

/** A word that finds fewer documents leaves little to order; one that finds more is cut off at the server's 200 candidates. */
const [LEAST_FOUND, MOST_FOUND] = [20, 200];

/**
 * What the crowd never asks: nothing is known of these but their text. Every word of the catalogue that finds 20 to 200 of its
 * documents, in any of its forms, and is no word of the crowd's. So many because a few say little: each list alone may
 * become better or worse by a tenth through chance.
 */
export function unseenQueries(documents: readonly EmojiDocument[]): string[] {
  const analyser = new Analyser('english');
  const found = new Map<string, { word: string; documents: number }>();
  for (const { title, body } of documents) {
    const seen = new Set<string>();
    for (const word of analyser.words(`${title} ${body}`)) {
      const [stem] = analyser.stems([word]);
      if (stem === undefined || seen.has(stem)) continue;
      seen.add(stem);
      found.set(stem, { word, documents: (found.get(stem)?.documents ?? 0) + 1 });
    }
  }
  for (const query of CROWD_QUERIES) for (const stem of analyser.analyse(query)) found.delete(stem);
  return [...found.values()].filter(({ documents: many }) => many >= LEAST_FOUND && many <= MOST_FOUND).map(({ word }) => word);
}
