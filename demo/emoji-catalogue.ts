/** The demo's catalogue: every emoji, with English and Chinese words, from the package emojibase-data. */
import { createRequire } from 'node:module';

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

/** What the crowd never asks: nothing is known of these but their text. Each matches about as much as what it asks. */
export const UNSEEN_QUERIES: readonly string[] = ['animal', 'ball', 'red', 'eye', 'game', 'building', 'tool', 'clothing', 'space', 'sad', 'celebration', '红'];
