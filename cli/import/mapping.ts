/** From a row's columns to a document: which column is the id, the title and the body, and what becomes of the others. */
import { CommandError, EXIT } from '../exit-codes.js';
import type { DocumentInput } from '../generated/operations.js';
import { isRecord } from './source-row.js';

const FIELDS = ['id', 'title', 'body'] as const;
type Field = (typeof FIELDS)[number];
const ATTRIBUTES = 'attributes';

export interface Mapping {
  columns: Record<Field, string>;
  /** Columns that become attributes; null: all that are not mapped. */
  attributes: readonly string[] | null;
}

/** @param map "id=sku,title=name"; @param attributes "brand,price", or "" for none */
export function parseMapping(map: string | undefined, attributes: string | undefined): Mapping {
  const columns: Record<Field, string> = { id: 'id', title: 'title', body: 'body' };
  for (const part of list(map)) {
    const [field, column] = split(part);
    if (!FIELDS.some((name) => name === field) || column === '') {
      throw new CommandError(EXIT.usage, `--map takes FIELD=COLUMN with the fields ${FIELDS.join(', ')}, separated by commas, as in --map id=sku,title=name; "${part}" is none.`);
    }
    columns[field as Field] = column;
  }
  return { columns, attributes: attributes === undefined ? null : list(attributes) };
}

function list(text = ''): string[] {
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

function split(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? [part, ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}

/** Checks a CSV file's header before anything is stored. @throws CommandError that names what is missing */
export function checkHeader({ columns, attributes }: Mapping, header: readonly string[]): void {
  const has = `it has: ${header.join(', ')}`;
  for (const field of ['id', 'title'] as const) {
    if (!header.includes(columns[field])) throw new CommandError(EXIT.usage, `The file has no column "${columns[field]}" for the ${field} (${has}). Say which one it is: --map ${field}=COLUMN`);
  }
  if (columns.body !== 'body' && !header.includes(columns.body)) throw new CommandError(EXIT.usage, `The file has no column "${columns.body}" for the body (${has}).`);
  const missing = attributes?.find((name) => !header.includes(name));
  if (missing !== undefined) throw new CommandError(EXIT.usage, `The file has no column "${missing}" for an attribute (${has}).`);
}

/** @returns the document, or why there is none; further bounds are the server's to check */
export function toDocument({ columns, attributes }: Mapping, fields: Record<string, unknown>): DocumentInput | string {
  const texts: Partial<Record<Field, string>> = {};
  for (const field of FIELDS) {
    const text = toText(fields[columns[field]]);
    if (text === null) return `${named(field, columns)} must be a text${field === 'id' ? ' (a number of over 15 digits too: JSON readers round it)' : ''}`;
    texts[field] = text;
  }
  if (texts.id === '') return `no ${named('id', columns)}`;
  if (texts.title === '') return `no ${named('title', columns)}`;
  const more = toAttributes({ columns, attributes }, fields);
  if (typeof more === 'string') return more;
  const { id = '', title = '', body = '' } = texts;
  return { id, title, body, attributes: more };
}

function named(field: Field, columns: Record<Field, string>): string {
  return columns[field] === field ? field : `${field} (column "${columns[field]}")`;
}

/** Nothing is the empty text; null: it is neither a text nor a number. */
function toText(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value))) return String(value);
  return null;
}

/** A column "attributes" that is not named itself holds a JSON object of attributes, as exports write it. */
function toAttributes({ columns, attributes }: Mapping, fields: Record<string, unknown>): Record<string, unknown> | string {
  const taken = new Set<string>(Object.values(columns));
  const names = attributes ?? Object.keys(fields).filter((name) => !taken.has(name));
  const all: [string, unknown][] = [];
  if (attributes === null && fields[ATTRIBUTES] !== undefined && !taken.has(ATTRIBUTES)) {
    const object = toObject(fields[ATTRIBUTES]);
    if (!object) return 'attributes is not a JSON object (to keep it as it is, name it: --attributes attributes,…)';
    all.push(...Object.entries(object));
  }
  for (const name of names) {
    if ((attributes !== null || name !== ATTRIBUTES) && fields[name] !== undefined) all.push([name, fields[name]]);
  }
  return Object.fromEntries(all);
}

function toObject(value: unknown): Record<string, unknown> | undefined {
  if (value === null) return {};
  if (typeof value !== 'string') return isRecord(value) ? value : undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
