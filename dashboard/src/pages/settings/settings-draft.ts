/** What is being changed in the settings before it is saved, and what becomes of it when somebody else saves first. */
import type { ConfigFragment, UpdateOnlineLearningConfigInput } from '../../generated/operations.js';
import { fields, type Field, type FieldName } from './fields.js';

export interface SettingsDraft {
  /** As stored, when last read. */
  stored: ConfigFragment;
  /** What was typed, for the fields that differ from what is stored. */
  mine: Readonly<Partial<Record<FieldName, string>>>;
  /** Fields that both sides changed, until it is chosen whose value goes. */
  conflicts: readonly FieldName[];
  /** Fields that somebody else changed while something was being changed here, with the value before. */
  theirs: Readonly<Partial<Record<FieldName, string>>>;
  /** What is wrong with a value, as the server says (or this page, where the server could not even read it). */
  faults: Readonly<Partial<Record<FieldName, string>>>;
}

export function draftOf(stored: ConfigFragment): SettingsDraft {
  return { stored, mine: {}, conflicts: [], theirs: {}, faults: {} };
}

/** A setting as it is typed. */
export function textOf(config: ConfigFragment, name: FieldName): string {
  return String(config[name]);
}

/** What stands in the field: what was typed, else what is stored. */
export function shownText({ stored, mine }: SettingsDraft, name: FieldName): string {
  return mine[name] ?? textOf(stored, name);
}

export function edit(draft: SettingsDraft, name: FieldName, text: string): SettingsDraft {
  const isSame = text === textOf(draft.stored, name);
  return {
    ...draft,
    mine: isSame ? without(draft.mine, name) : { ...draft.mine, [name]: text },
    conflicts: isSame ? draft.conflicts.filter((other) => other !== name) : draft.conflicts,
    faults: without(draft.faults, name),
  };
}

/** The settings were read again: what was typed stays, and where the other side changed the same field, both stand against each other. */
export function receive(draft: SettingsDraft, stored: ConfigFragment): SettingsDraft {
  if (stored.revision <= draft.stored.revision) return draft;
  const changed = fields.map(({ name }) => name).filter((name) => stored[name] !== draft.stored[name]);
  const mine = Object.fromEntries(Object.entries(draft.mine).filter(([name, text]) => text !== textOf(stored, name as FieldName)));
  const before = Object.fromEntries(changed.map((name) => [name, textOf(draft.stored, name)]));
  const hasChanges = Object.keys(draft.mine).length > 0;
  return {
    ...draft,
    stored,
    mine,
    conflicts: [...new Set([...draft.conflicts, ...changed])].filter((name) => name in mine),
    theirs: hasChanges ? { ...before, ...draft.theirs } : {},
  };
}

export function keepMine(draft: SettingsDraft, name: FieldName): SettingsDraft {
  return { ...draft, conflicts: draft.conflicts.filter((other) => other !== name) };
}

export function takeTheirs(draft: SettingsDraft, name: FieldName): SettingsDraft {
  return edit(draft, name, textOf(draft.stored, name));
}

/** What to send: only what was changed, on the revision it was changed from. */
export function inputOf({ stored, mine }: SettingsDraft): { input: UpdateOnlineLearningConfigInput; unreadable: readonly FieldName[] } {
  const input: Record<string, unknown> = { expectedRevision: stored.revision };
  const unreadable: FieldName[] = [];
  for (const field of fields) {
    const text = mine[field.name];
    if (text === undefined) continue;
    const value = valueOf(field, text);
    if (value === null) unreadable.push(field.name);
    else input[field.name] = value;
  }
  return { input, unreadable };
}

/** null: it is none of the kind that the API takes. */
function valueOf({ kind }: Field, text: string): string | number | boolean | null {
  if (kind === 'switch') return text === 'true';
  if (kind === 'name' || kind === 'choice') return text;
  const number = Number(text.trim().replace(',', '.'));
  if (text.trim() === '' || !Number.isFinite(number)) return null;
  return kind === 'whole' && !Number.isInteger(number) ? null : number;
}

/** The field that a refusal is about: the server names it, or GraphQL does in its words ("… at "input.trainingThreshold""). */
export function fieldOfRefusal({ message, extensions }: { message: string; extensions: Readonly<Record<string, unknown>> }): FieldName | null {
  const named = extensions.field ?? /input\.(\w+)/.exec(message)?.[1];
  return fields.find(({ name }) => name === named)?.name ?? null;
}

function without<Key extends string>(record: Readonly<Partial<Record<Key, string>>>, key: Key): Readonly<Partial<Record<Key, string>>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key)) as Partial<Record<Key, string>>;
}
