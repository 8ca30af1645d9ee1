/** What to do first on a server without documents, with something to copy. */
import { useState } from 'react';
import { useWords } from '../language.js';

const COPIED_FOR_MS = 2_000;

const example = {
  query: 'mutation ($input: ImportDocumentsInput!) { importDocuments(input: $input) { imported errors { index message } } }',
  variables: {
    input: {
      documents: [
        { id: 'tea-1', title: 'Green tea', body: 'Fresh leaves from the first harvest.' },
        { id: 'tea-2', title: 'Black tea', body: 'Strong, for the morning, with milk.' },
        { id: 'tea-3', title: 'Mint tea', body: 'No tea at all, but good in the evening.' },
      ],
    },
  },
};

export function EmptyServer(): React.JSX.Element {
  const { strings } = useWords();
  const curl = `curl ${location.origin}/graphql -H 'content-type: application/json' -d '${JSON.stringify(example)}'`;
  return (
    <div className="empty">
      <h2>{strings.emptyTitle}</h2>
      <p>{strings.emptyText}</p>
      <p>{strings.emptyDemo}</p>
      <Command text="npm run demo" />
      <p>{strings.emptyImport}</p>
      <Command text={curl} />
      <p className="quiet">{strings.emptyWatching}</p>
    </div>
  );
}

function Command({ text }: { text: string }): React.JSX.Element {
  const { strings } = useWords();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), COPIED_FOR_MS);
  };
  return (
    <div className="command">
      <pre tabIndex={0}>{text}</pre>
      {/* The clipboard is there on localhost and over HTTPS; elsewhere the text can still be selected. */}
      {'clipboard' in navigator && (
        <button type="button" className="button" onClick={() => void copy()}>
          {isCopied ? strings.copied : strings.copy}
        </button>
      )}
    </div>
  );
}
