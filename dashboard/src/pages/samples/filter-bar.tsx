/** The fields that filter samples: what is typed is taken over a moment after the last letter, and stands in the address. */
import { useEffect, useId, useRef, useState } from 'react';
import { useApp } from '../../app-context.js';
import { useWords } from '../../language.js';
import { FILTER_PARAMS, isFiltered, NO_FILTER, type FilterFields } from './sample-filter.js';

const DEBOUNCE_MS = 250;

export function FilterBar({ fields }: { fields: FilterFields }): React.JSX.Element {
  const { router } = useApp();
  const {
    strings: { samples: words },
  } = useWords();
  const [typed, setTyped] = useState(fields);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const said = useRef(fields);

  // The address changed by itself (Back, a link): it wins over what was typed.
  useEffect(() => {
    if (same(fields, said.current)) return;
    clearTimeout(timer.current);
    said.current = fields;
    setTyped(fields);
  }, [fields]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = (changed: Partial<FilterFields>, delayMs: number): void => {
    const next = { ...typed, ...changed };
    setTyped(next);
    clearTimeout(timer.current);
    const say = (): void => {
      said.current = next;
      router.change(Object.fromEntries(Object.entries(FILTER_PARAMS).map(([field, param]) => [param, next[field as keyof FilterFields] || null])), 'replace');
    };
    if (delayMs === 0) say();
    else timer.current = setTimeout(say, delayMs);
  };

  return (
    <form className="filter" role="search" onSubmit={(event) => event.preventDefault()}>
      <Field label={words.query}>
        {(id) => <input id={id} type="search" className="input" value={typed.query} maxLength={512} placeholder={words.queryHint} onChange={(event) => change({ query: event.target.value }, DEBOUNCE_MS)} />}
      </Field>
      <Field label={words.document}>
        {(id) => <input id={id} type="search" className="input" value={typed.documentId} maxLength={128} placeholder={words.documentHint} onChange={(event) => change({ documentId: event.target.value }, DEBOUNCE_MS)} />}
      </Field>
      <Field label={words.clicked}>
        {(id) => (
          <select id={id} className="input" value={typed.clicked} onChange={(event) => change({ clicked: event.target.value }, 0)}>
            <option value="">{words.either}</option>
            <option value="yes">{words.yes}</option>
            <option value="no">{words.no}</option>
          </select>
        )}
      </Field>
      <Field label={words.from}>{(id) => <input id={id} type="date" className="input" value={typed.from} max={typed.until || undefined} onChange={(event) => change({ from: event.target.value }, 0)} />}</Field>
      <Field label={words.until}>{(id) => <input id={id} type="date" className="input" value={typed.until} min={typed.from || undefined} onChange={(event) => change({ until: event.target.value }, 0)} />}</Field>
      <button type="button" className="button" disabled={!isFiltered(typed)} onClick={() => change(NO_FILTER, 0)}>
        {words.clear}
      </button>
    </form>
  );
}

function Field({ label, children }: { label: string; children: (id: string) => React.ReactNode }): React.JSX.Element {
  const id = useId();
  return (
    <div className="filter-field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

function same(a: FilterFields, b: FilterFields): boolean {
  return (Object.keys(a) as (keyof FilterFields)[]).every((field) => a[field] === b[field]);
}
