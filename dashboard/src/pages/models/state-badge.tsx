/** A checkpoint's state as a sign and a word. */
import type { CheckpointStatus } from '../../generated/operations.js';
import { useWords } from '../../language.js';

const signs: Record<CheckpointStatus, string> = { AVAILABLE: '○', REJECTED: '✕', ARCHIVED: '▣', REMOVED: '–' };

export function StateBadge({ status, isActive }: { status: CheckpointStatus; isActive: boolean }): React.JSX.Element {
  const {
    strings: { models: words },
  } = useWords();
  return (
    <span className="state" data-state={isActive ? 'ACTIVE' : status}>
      <span aria-hidden="true">{isActive ? '●' : signs[status]}</span> {isActive ? words.active : words.states[status]}
    </span>
  );
}
