/** A plot: drawn by uPlot, hovered by mouse or arrow keys, with its figures in a table behind. */
import { useEffect, useId, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useWords } from '../language.js';
import { onThemeChange, readColours } from './plot-colours.js';
import type { PlotData } from './plot-data.js';
import { plotOptions, type PlotLook, type PlotState } from './plot-options.js';
import { PlotTable } from './plot-table.js';
import { showTip } from './plot-tip.js';
import './plots.css';

interface PlotProps extends Omit<PlotLook, 'width' | 'locale'> {
  title: string;
  /** What it shows and how to read it, in a sentence. */
  note?: string;
  data: PlotData;
}

/** A plot is drawn again at most this often, however often its figures change. */
const REDRAW_MS = 1_000;

export function Plot({ title, note, data, ...look }: PlotProps): React.JSX.Element {
  const { strings } = useWords();
  const stage = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const drawn = useRef<{ plot: uPlot; state: PlotState; at: number } | null>(null);
  const [width, setWidth] = useState(0);
  const id = useId();
  // What changes the plot's build, not only its figures. Formats are made anew with the language, and with it the labels change.
  const build = [strings.locale, look.height, look.hasLabels, look.unitX, look.rangeX?.join(), look.rangeY?.join(), data.series.map(({ label, kind, tone }) => `${label} ${kind} ${tone}`).join()].join('|');

  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = stage.current;
    if (!element || width === 0) return;
    const whole: PlotLook = { ...look, width, locale: strings.locale };
    const state: PlotState = { data, colours: readColours(element), onHover: (plot) => tip.current && showTip(tip.current, plot, state.data, whole) };
    const plot = new uPlot(plotOptions(whole, state), aligned(data), element);
    drawn.current = { plot, state, at: performance.now() };
    const end = onThemeChange(() => {
      state.colours = readColours(element);
      plot.redraw(false, true);
    });
    return () => {
      end();
      plot.destroy();
      drawn.current = null;
    };
    // The figures are kept up by the effect below; a new build starts from those of its time.
  }, [build, width]);

  useEffect(() => {
    const now = drawn.current;
    if (!now || now.state.data === data) return;
    const draw = (): void => {
      now.state.data = data;
      now.at = performance.now();
      now.plot.setData(aligned(data));
    };
    // In a task of its own: plots that change together would keep the page from answering together, too.
    const timer = setTimeout(draw, Math.max(0, now.at + REDRAW_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [data]);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const plot = drawn.current?.plot;
    if (!step || !plot) return;
    event.preventDefault();
    const last = data.x.length - 1;
    const from = plot.cursor.idx ?? (step > 0 ? -1 : last + 1);
    const x = data.x[Math.min(last, Math.max(0, from + step))];
    if (x !== undefined) plot.setCursor({ left: plot.valToPos(x, 'x'), top: 0 });
  };

  return (
    <figure className="plot" aria-labelledby={id}>
      <figcaption id={id}>
        <strong>{title}</strong>
        {note && <span className="quiet"> {note}</span>}
      </figcaption>
      <div
        className="plot-stage"
        ref={stage}
        style={{ minHeight: look.height }}
        role="img"
        aria-label={`${title}. ${strings.plots.keys}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => drawn.current?.plot.setCursor({ left: -10, top: -10 })}
      >
        <div className="plot-tip" ref={tip} hidden />
      </div>
      <PlotTable data={data} formatX={look.formatX} formatY={look.formatY} headX={look.unitX || strings.plots.time} title={title} />
    </figure>
  );
}

function aligned({ x, series }: PlotData): uPlot.AlignedData {
  return [[...x], ...series.map(({ values }) => [...values])];
}
