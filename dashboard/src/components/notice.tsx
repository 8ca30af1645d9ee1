/** A line that says what failed and what still works, with a way to try again. */
import { useWords } from '../language.js';

interface NoticeProps {
  tone: 'error' | 'warning';
  title: string;
  text: string;
  onRetry: () => void;
}

export function Notice({ tone, title, text, onRetry }: NoticeProps): React.JSX.Element {
  const { strings } = useWords();
  return (
    <div className="notice" data-tone={tone} role="alert">
      <span className="notice-sign" aria-hidden="true">
        !
      </span>
      <div>
        <strong>{title}</strong> {text}
      </div>
      <button type="button" className="button" onClick={onRetry}>
        {strings.tryAgain}
      </button>
    </div>
  );
}
