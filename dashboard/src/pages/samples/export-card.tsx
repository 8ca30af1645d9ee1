/** Takes what is filtered out as a file: says how far it is, can be stopped, and says what was changed for spreadsheets. */
import { useState } from 'react';
import { useApp } from '../../app-context.js';
import type { SampleFilter } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { Store } from '../../store.js';
import { useFrameStore } from '../../use-frame-store.js';
import { openExportFile } from './export-file.js';
import type { ExportFormat } from './export-rows.js';
import { ExportRun, type ExportState } from './export-run.js';

const types: Record<ExportFormat, string> = { csv: 'text/csv;charset=utf-8', jsonl: 'application/x-ndjson' };
const nothing = new Store<ExportState | null>(null);

/** @param total about how many rows it will be; null: not known before */
export function ExportCard({ filter, total }: { filter: SampleFilter; total: number | null }): React.JSX.Element {
  const { client } = useApp();
  const {
    strings: { samples: words },
  } = useWords();
  const [isSafe, setIsSafe] = useState(true);
  const [run, setRun] = useState<ExportRun | null>(null);
  const state = useFrameStore<ExportState | null>(run ?? nothing);
  const isRunning = state?.status === 'running';

  const begin = async (format: ExportFormat): Promise<void> => {
    const file = await openExportFile(`samples-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.${format}`, types[format]);
    if (!file) return;
    const next = new ExportRun();
    setRun(next);
    await next.write(client, { format, isSafeForSpreadsheets: isSafe, filter }, file);
  };

  return (
    <div className="export">
      <div className="export-choices">
        <strong>{words.export}</strong>
        <button type="button" className="button" disabled={isRunning} onClick={() => void begin('csv')}>
          CSV
        </button>
        <button type="button" className="button" disabled={isRunning} onClick={() => void begin('jsonl')}>
          JSON Lines
        </button>
        <label className="export-safe" title={words.safeHint}>
          <input type="checkbox" checked={isSafe} onChange={(event) => setIsSafe(event.target.checked)} /> {words.safe}
        </label>
      </div>
      {state && run && <Progress state={state} total={total} onStop={() => run.stop()} />}
      {!state && <p className="quiet export-how">{words.exportHow}</p>}
    </div>
  );
}

function Progress({ state: { status, rows, guarded, error }, total, onStop }: { state: ExportState; total: number | null; onStop: () => void }): React.JSX.Element {
  const {
    strings: { samples: words },
    formats,
  } = useWords();
  const count = formats.count(rows);
  return (
    <div className="export-progress" role="status" data-status={status}>
      {status === 'running' && (
        <>
          <progress aria-label={words.export} {...(total ? { max: Math.max(total, rows), value: rows } : {})} />
          <span>{total ? words.rowsOf(count, formats.count(total)) : words.rowsSoFar(rows, count)}</span>
          <button type="button" className="button" onClick={onStop}>
            {words.stop}
          </button>
        </>
      )}
      {status === 'done' && <span data-testid="export-done">✓ {words.exported(rows, count)}</span>}
      {status === 'stopped' && <span>{words.stopped(rows, count)}</span>}
      {status === 'failed' && <span className="export-failed">! {words.exportFailed(error?.message ?? '', count)}</span>}
      {guarded > 0 && <span className="quiet">{words.guarded(guarded, formats.count(guarded))}</span>}
    </div>
  );
}
