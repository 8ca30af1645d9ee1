/** The shape of what loads, shown only when it takes long; its room is kept from the beginning. */
import { useWords } from '../language.js';
import { useIsSlow } from '../use-is-slow.js';

interface SkeletonProps {
  /** How many rows it stands for. */
  rows: number;
  /** Of one row, in pixels. */
  height?: number;
}

export function Skeleton({ rows, height = 48 }: SkeletonProps): React.JSX.Element {
  const {
    strings: { common },
  } = useWords();
  const isSlow = useIsSlow(true);
  return (
    <div className="skeleton" data-shown={isSlow} role={isSlow ? 'status' : undefined} aria-label={isSlow ? common.loading : undefined}>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} style={{ height }} />
      ))}
    </div>
  );
}
