/** Two ranked lists with a line from each document's place at the left to its place at the right. */
import { useState } from 'react';
import { useWords } from '../../../language.js';
import { Moved } from '../moved.js';
import type { Slope } from './slopes.js';

interface SlopeGraphProps {
  slopes: readonly Slope[];
  /** How many places each side shows. */
  places: number;
  leftName: string;
  rightName: string;
}

const ROW_PX = 40;
/** The lines' own units across; the drawing is stretched to the room there is. */
const WIDTH = 100;

export function SlopeGraph({ slopes, places, leftName, rightName }: SlopeGraphProps): React.JSX.Element {
  const [lit, setLit] = useState<string | null>(null);
  const height = places * ROW_PX;
  const at = (place: number | null): number => (place === null || place > places ? height : (place - 0.5) * ROW_PX);
  const light = {
    lit,
    onLight: (id: string) => setLit(id),
    onDim: () => setLit(null),
  };
  return (
    <div className="slopes" data-lit={lit !== null}>
      <Side side="left" name={leftName} slopes={slopes} places={places} {...light} />
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" style={{ height }} aria-hidden="true">
        {slopes.map(({ id, left, right, direction }) => (
          <path
            key={id}
            d={`M0 ${at(left)} C${WIDTH / 2} ${at(left)} ${WIDTH / 2} ${at(right)} ${WIDTH} ${at(right)}`}
            data-direction={direction}
            data-beyond={at(left) === height || at(right) === height}
            data-lit={lit === id}
            onPointerEnter={() => setLit(id)}
            onPointerLeave={() => setLit(null)}
          />
        ))}
      </svg>
      <Side side="right" name={rightName} slopes={slopes} places={places} {...light} />
    </div>
  );
}

interface SideProps {
  side: 'left' | 'right';
  name: string;
  slopes: readonly Slope[];
  places: number;
  lit: string | null;
  onLight: (id: string) => void;
  onDim: () => void;
}

function Side({ side, name, slopes, places, lit, onLight, onDim }: SideProps): React.JSX.Element {
  const {
    strings: { search: strings },
  } = useWords();
  const shown = slopes.filter((slope) => (slope[side] ?? Infinity) <= places).toSorted((a, b) => (a[side] ?? 0) - (b[side] ?? 0));
  return (
    <ol className="slope-side" data-side={side} aria-label={name}>
      {shown.map(({ id, title, risen, direction, ...slope }) => (
        <li key={id} data-lit={lit === id} data-direction={direction} onPointerEnter={() => onLight(id)} onPointerLeave={onDim}>
          <button type="button" aria-pressed={lit === id} title={title} onFocus={() => onLight(id)} onBlur={onDim}>
            <span className="slope-place">{slope[side]}</span>
            <span className="slope-title">{title}</span>
            {side === 'right' && (risen === null ? <span className="slope-new">{strings.isNew}</span> : <Moved places={risen} />)}
          </button>
        </li>
      ))}
    </ol>
  );
}
