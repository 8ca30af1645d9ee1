/** The box, focused on load and by "/", and example queries as chips. */
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../../language.js';

interface SearchBoxProps {
  query: string;
  suggestions: readonly string[];
  onSearch: (query: string) => void;
}

export function SearchBox({ query, suggestions, onSearch }: SearchBoxProps): React.JSX.Element {
  const { strings } = useWords();
  const [text, setText] = useState(query);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => setText(query), [query]);
  useEffect(() => {
    input.current?.focus();
    const focusOnSlash = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, [contenteditable]');
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener('keydown', focusOnSlash);
    return () => document.removeEventListener('keydown', focusOnSlash);
  }, []);

  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    onSearch(text);
  };

  return (
    <>
      <form className="box" role="search" onSubmit={submit}>
        <input
          ref={input}
          type="search"
          name="q"
          value={text}
          maxLength={512}
          placeholder={strings.search.placeholder}
          aria-label={strings.search.label}
          autoComplete="off"
          enterKeyHint="search"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown') return;
            event.preventDefault();
            document.querySelector<HTMLElement>('.hit-title')?.focus();
          }}
        />
        <kbd aria-hidden="true">/</kbd>
        <button type="submit">{strings.search.button}</button>
      </form>
      <div className="chips" aria-label={strings.search.tryThese} role="group">
        {suggestions.map((suggestion) => (
          <button key={suggestion} type="button" className="chip" aria-pressed={suggestion === query} onClick={() => onSearch(suggestion)}>
            {suggestion}
          </button>
        ))}
      </div>
    </>
  );
}
