/** The ring that fills toward the next training. */

interface ProgressRingProps {
  /** 0 … 1. */
  share: number;
  label: string;
  /** A training is going on. */
  isBusy: boolean;
  children: React.ReactNode;
}

const RADIUS = 52;
const LENGTH = 2 * Math.PI * RADIUS;

export function ProgressRing({ share, label, isBusy, children }: ProgressRingProps): React.JSX.Element {
  const filled = Math.min(1, Math.max(0, share));
  return (
    <div className="ring" data-busy={isBusy} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(filled * 100)}>
      <svg viewBox="0 0 120 120" aria-hidden="true">
        <circle className="ring-track" cx="60" cy="60" r={RADIUS} />
        <circle className="ring-fill" cx="60" cy="60" r={RADIUS} strokeDasharray={LENGTH} strokeDashoffset={LENGTH * (1 - filled)} />
      </svg>
      <div className="ring-text">{children}</div>
    </div>
  );
}
