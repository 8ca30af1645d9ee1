/** Says that there is nothing, and what to do about it. */

export function Empty({ title, children }: { title: string; children?: React.ReactNode }): React.JSX.Element {
  return (
    <div className="hint">
      <strong>{title}</strong>
      {children}
    </div>
  );
}
