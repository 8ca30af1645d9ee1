/** What to do first on a server without documents, with something to copy. */
import { useState } from 'react';
import { useApp } from '../../app-context.js';
import { Notice } from '../../components/notice.js';
import { ImportDocuments } from '../../generated/operations.js';
import { RequestError } from '../../graphql-client.js';
import { useWords } from '../../language.js';
import { sampleCatalogue } from './sample-catalogue.js';

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
      <h2>{strings.search.emptyTitle}</h2>
      <p>{strings.search.emptyText}</p>
      <h3>{strings.search.emptySample}</h3>
      <LoadSample />
      <h3>{strings.search.emptyDemo}</h3>
      <Command text="npm run demo" />
      <h3>{strings.search.emptyFile}</h3>
      <Command text={`npx rankloop import documents.csv --url ${location.origin}`} />
      <h3>{strings.search.emptyImport}</h3>
      <Command text={curl} />
      <p className="quiet">{strings.search.emptyWatching}</p>
    </div>
  );
}

function LoadSample(): React.JSX.Element {
  const { strings } = useWords();
  const { client, live } = useApp();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);
  const load = async (): Promise<void> => {
    setIsBusy(true);
    setError(null);
    try {
      await client.request(ImportDocuments, { input: { documents: sampleCatalogue } });
      await live.refresh();
    } catch (fault) {
      if (!(fault instanceof RequestError)) throw fault;
      setError(fault);
    }
    setIsBusy(false);
  };
  return (
    <div>
      {error && <Notice tone="error" title={error.code === 'NETWORK' ? strings.common.serverAway : error.message} />}
      <button type="button" className="button" data-kind="primary" disabled={isBusy} onClick={() => void load()}>
        {strings.search.loadSample(sampleCatalogue.length)}
      </button>
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
          {isCopied ? strings.common.copied : strings.common.copy}
        </button>
      )}
    </div>
  );
}
