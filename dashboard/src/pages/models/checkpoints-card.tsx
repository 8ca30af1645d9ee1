/** The checkpoints as a table: what serves first, then the newest of a mode, a page at a time. */
import { useEffect, useState } from 'react';
import { useParam } from '../../app-context.js';
import { Card } from '../../components/card.js';
import { Choice } from '../../components/choice.js';
import { Empty } from '../../components/empty.js';
import { Notice } from '../../components/notice.js';
import { Pager } from '../../components/pager.js';
import { Skeleton } from '../../components/skeleton.js';
import { Checkpoints, type CheckpointRowFragment, type CheckpointStatus, type ModelsStateQuery } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useCursorPages } from '../../use-cursor-pages.js';
import { useReloadOnEvents } from '../../use-reload-on-events.js';
import { useRequest } from '../../use-request.js';
import { CheckpointTable } from './checkpoint-table.js';
import type { Outcome } from './outcome-notice.js';
import { RollBackDialog } from './ranker-dialogs.js';

const PAGE_ROWS = 20;
const MODES = ['ANY', 'ONLINE', 'OFFLINE'] as const;
type Mode = (typeof MODES)[number];
const STATES = ['kept', 'all', 'AVAILABLE', 'REJECTED', 'ARCHIVED', 'REMOVED'] as const;
type State = (typeof STATES)[number];

interface CheckpointsCardProps {
  deeds: number;
  rollbackTarget: ModelsStateQuery['rollbackTarget'];
  retention: number | null;
  onDone: (outcome: Outcome) => void;
}

export function CheckpointsCard({ deeds, rollbackTarget, retention, onDone }: CheckpointsCardProps): React.JSX.Element {
  const {
    strings: { models: words },
    formats,
  } = useWords();
  const [modeParam, setModeParam] = useParam('mode');
  const [stateParam, setStateParam] = useParam('state');
  const mode: Mode = MODES.find((known) => known === modeParam.toUpperCase()) ?? 'ANY';
  const state: State = STATES.find((known) => known.toLowerCase() === stateParam.toLowerCase()) ?? 'kept';
  const pages = useCursorPages(`${mode} ${state}`);
  const status: CheckpointStatus | null = state === 'kept' || state === 'all' ? null : state;
  const { data, error, isLoading, reload } = useRequest(Checkpoints, { first: PAGE_ROWS, after: pages.after, mode: mode === 'ANY' ? null : mode, status, kept: state === 'kept' });
  const held = useReloadOnEvents(reload);
  const [isRollingBack, setIsRollingBack] = useState(false);
  useEffect(() => {
    if (deeds > 0) reload();
  }, [deeds, reload]);

  const rows = data ? activeFirst(data.activeCheckpoint, data.checkpoints.edges.map(({ node }) => node), pages.cursors.length === 0 && (mode === 'ANY' || data.activeCheckpoint?.mode === mode)) : [];
  return (
    <Card
      title={words.checkpoints}
      testId="checkpoints"
      actions={
        <button type="button" className="button" disabled={!rollbackTarget} title={rollbackTarget ? undefined : words.nothingBefore} onClick={() => setIsRollingBack(true)}>
          ↶ {words.rollBack}
        </button>
      }
    >
      <div className="models-filters">
        <Choice label={words.mode} value={mode} onChange={(value) => setModeParam(value === 'ANY' ? null : value.toLowerCase())} options={MODES.map((value) => ({ value, label: words.modes[value] }))} />
        <label className="field-inline">
          <span className="quiet">{words.state}</span>
          <select className="input" value={state} onChange={(event) => setStateParam(event.target.value === 'kept' ? null : event.target.value.toLowerCase())}>
            {STATES.map((value) => (
              <option key={value} value={value}>
                {words.stateFilter[value]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {error && <Notice tone="error" title={words.listFailed} text={error.message} onRetry={reload} />}
      {!data && !error && <Skeleton rows={8} />}
      {data && rows.length === 0 && (
        <Empty title={state === 'kept' && mode === 'ANY' ? words.none : words.noneFiltered}>
          <p>{words.noneHint}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <div {...held} data-old={isLoading && pages.cursors.length > 0}>
          <CheckpointTable rows={rows} />
        </div>
      )}
      <Pager pages={pages} pageInfo={data?.checkpoints.pageInfo ?? null} isLoading={isLoading} />
      {retention !== null && <p className="quiet models-note">{words.retentionNote(retention, formats.count(retention))}</p>}
      {isRollingBack && rollbackTarget && <RollBackDialog targetId={rollbackTarget.id} onDone={onDone} onClose={() => setIsRollingBack(false)} />}
    </Card>
  );
}

/** What serves stands first on the first page, wherever its age would put it. */
function activeFirst(active: CheckpointRowFragment | null, rows: readonly CheckpointRowFragment[], isWanted: boolean): readonly CheckpointRowFragment[] {
  if (!active || !isWanted) return rows;
  return [active, ...rows.filter(({ id }) => id !== active.id)];
}
