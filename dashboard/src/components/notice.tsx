/** A line that says what failed or needs doing, what still works, and what can be done: try again, or something of its own. */
import { useWords } from '../language.js';

interface NoticeProps {
  tone: 'error' | 'warning' | 'info';
  title: string;
  text?: string;
  onRetry?: () => void;
  /** What else can be done about it. */
  children?: React.ReactNode;
}

export function Notice({ tone, title, text, onRetry, children }: NoticeProps): React.JSX.Element {
  const { strings } = useWords();
  return (
    <div className="notice" data-tone={tone} role={tone === 'info' ? 'status' : 'alert'}>
      <span className="notice-sign" aria-hidden="true">
        {tone === 'info' ? 'i' : '!'}
      </span>
      <div>
        <strong>{title}</strong> {text}
      </div>
      {children}
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          {strings.common.tryAgain}
        </button>
      )}
    </div>
  );
}
