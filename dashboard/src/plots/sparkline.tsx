/** A line of the last minutes, the size of a word; the words beside it say what it means. */

interface SparklineProps {
  /** Oldest first; null: not known, left out. */
  values: readonly (number | null)[];
}

const WIDTH = 120;
const HEIGHT = 32;
const AIR = 2;

export function Sparkline({ values }: SparklineProps): React.JSX.Element {
  const most = Math.max(0, ...values.filter((value) => value !== null));
  const points = values.flatMap((value, index) => {
    if (value === null) return [];
    const x = values.length > 1 ? (index / (values.length - 1)) * WIDTH : WIDTH;
    return [`${x.toFixed(1)} ${(HEIGHT - AIR - (most > 0 ? value / most : 0) * (HEIGHT - 2 * AIR)).toFixed(1)}`];
  });
  const [first] = points;
  const line = points.join('L');
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path className="sparkline-base" d={`M0 ${HEIGHT - AIR}H${WIDTH}`} />
      {first && points.length > 1 && (
        <>
          <path className="sparkline-area" d={`M${first.split(' ')[0]} ${HEIGHT}L${line}L${points.at(-1)?.split(' ')[0]} ${HEIGHT}Z`} />
          <path className="sparkline-line" d={`M${line}`} />
        </>
      )}
    </svg>
  );
}
