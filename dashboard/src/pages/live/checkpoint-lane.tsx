/** The lane of checkpoints: filled served, hollow kept, crossed rejected; arrows are ways back. What is pointed at is told below. */
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { Card } from '../../components/card.js';
import { Link } from '../../frame/link.js';
import type { HistoryQuery } from '../../generated/operations.js';
import { useWords, type Words } from '../../language.js';
import { laneOf, type LaneArrow, type LaneNode } from './lane.js';

/** Of one checkpoint, in pixels: wide enough for a finger. */
const CELL = 40;
const ARC_HEIGHT = 36;

/** Counts change four times a second; this does not, and is not drawn again with them. */
export const CheckpointLane = memo(function CheckpointLane({ history, activeId }: { history: HistoryQuery | null; activeId: string | null }): React.JSX.Element {
  const words = useWords();
  const { live } = words.strings;
  const frame = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(0);
  const [pointedId, setPointedId] = useState<string | null>(null);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setRoom(Math.floor((entry?.contentRect.width ?? 0) / CELL)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const lane = useMemo(() => (history && room > 0 ? laneOf(history, activeId, room) : null), [history, activeId, room]);
  const nodes = lane?.nodes ?? [];
  const shown = nodes.find(({ id }) => id === pointedId) ?? nodes.find(({ isActive }) => isActive) ?? nodes.at(-1);

  const walk = (event: React.KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !shown) return;
    event.preventDefault();
    const next = nodes[Math.min(nodes.length - 1, Math.max(0, nodes.indexOf(shown) + step))];
    if (!next) return;
    setPointedId(next.id);
    frame.current?.querySelector<HTMLElement>(`[data-place="${nodes.indexOf(next)}"]`)?.focus();
  };

  return (
    <Card title={live.lane} className="lane-card">
      <div className="lane" ref={frame} onKeyDown={walk} onMouseLeave={() => setPointedId(null)}>
        {lane && <Arrows arrows={lane.arrows} places={nodes.length} />}
        <ol className="lane-row" aria-label={live.lane}>
          {nodes.map((node, place) => (
            <li key={node.id} style={{ width: CELL }}>
              <Link
                href={node.id === 'base' ? '/models' : `/models/${encodeURIComponent(node.id)}`}
                className="lane-node"
                data-place={place}
                data-state={node.state}
                data-active={node.isActive}
                data-gone={node.isGone}
                data-mode={node.mode ?? 'BASE'}
                tabIndex={node === shown ? 0 : -1}
                aria-label={tell(node, words)}
                onMouseEnter={() => setPointedId(node.id)}
                onFocus={() => setPointedId(node.id)}
              >
                <span className="lane-mark" aria-hidden="true" />
                <span className="lane-number" aria-hidden="true">
                  {node.number === null ? live.laneBase : String(node.number).padStart(3, '0')}
                </span>
              </Link>
            </li>
          ))}
        </ol>
      </div>
      <p className="lane-told" aria-hidden="true">
        {shown ? tell(shown, words) : live.laneEmpty}
      </p>
      <ul className="lane-key" aria-hidden="true">
        {(['served', 'available', 'rejected', 'removed'] as const).map((state) => (
          <li key={state} data-state={state}>
            <span className="lane-mark" /> {live.laneState[state]}
          </li>
        ))}
        <li>
          <span className="lane-back">↶</span> {live.laneBack}
        </li>
      </ul>
    </Card>
  );
});

function tell({ id, state, isActive, isGone, createdAt, reason, served }: LaneNode, { strings: { live, common }, formats }: Words): string {
  const parts = [id === 'base' ? common.baseRanker : id];
  if (isActive) parts.push(live.laneActive);
  else parts.push(live.laneState[state]);
  if (served) parts.push(`${common.reloadReason[served.reason]} ${formats.moment(served.at)}`);
  else if (createdAt) parts.push(formats.moment(createdAt));
  if (served?.evidence) parts.push(served.evidence);
  if (state === 'rejected' && reason) parts.push(reason);
  if (isGone && state === 'served') parts.push(live.laneGone);
  return parts.join(' · ');
}

/** Each arc rises with its length, up to the room there is, and ends in a head that points down at its target. */
function Arrows({ arrows, places }: { arrows: readonly LaneArrow[]; places: number }): React.JSX.Element {
  const width = places * CELL;
  const middle = (place: number): number => place * CELL + CELL / 2;
  return (
    <svg className="lane-arrows" width={width} height={ARC_HEIGHT} viewBox={`0 0 ${width} ${ARC_HEIGHT}`} aria-hidden="true">
      {arrows.map(({ id, from, to }) => {
        const top = Math.max(2, ARC_HEIGHT - 10 - (from - to) * 5);
        const [start, end] = [middle(from), middle(to)];
        return (
          <g key={id}>
            <path d={`M${start} ${ARC_HEIGHT - 2}C${start} ${top} ${end} ${top} ${end} ${ARC_HEIGHT - 3}`} />
            <path className="lane-arrow-head" d={`M${end - 4} ${ARC_HEIGHT - 8}L${end} ${ARC_HEIGHT - 1}L${end + 4} ${ARC_HEIGHT - 8}`} />
          </g>
        );
      })}
    </svg>
  );
}
