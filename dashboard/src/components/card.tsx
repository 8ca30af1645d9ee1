/** A surface with a heading, and what can be done about its content beside it. */
import { useId } from 'react';

interface CardProps {
  title: string;
  /** Buttons and the like, at the end of the heading's line. */
  actions?: React.ReactNode;
  className?: string;
  testId?: string;
  children: React.ReactNode;
}

export function Card({ title, actions, className = '', testId, children }: CardProps): React.JSX.Element {
  const id = useId();
  return (
    <section className={`card ${className}`} aria-labelledby={id} data-testid={testId}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
