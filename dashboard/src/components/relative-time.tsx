/** How long ago something was, with the exact time on hovering. */
import { useWords } from '../language.js';
import { useOfNow } from '../use-now.js';

export function RelativeTime({ at, className }: { at: string; className?: string }): React.JSX.Element {
  const { formats } = useWords();
  const age = useOfNow((nowMs) => formats.age(at, nowMs));
  return (
    <time className={className} dateTime={at} title={formats.moment(at)}>
      {age}
    </time>
  );
}
