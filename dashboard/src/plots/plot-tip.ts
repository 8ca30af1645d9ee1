/** The small card beside the cursor: the exact values at one place. */
import type uPlot from 'uplot';
import type { PlotData } from './plot-data.js';
import type { PlotLook } from './plot-options.js';

/** Fills and places the card, or hides it where the cursor is at no place. */
export function showTip(tip: HTMLElement, plot: uPlot, data: PlotData, look: Pick<PlotLook, 'formatX' | 'formatY'>): void {
  const { idx, left } = plot.cursor;
  const x = idx == null ? undefined : data.x[idx];
  if (idx == null || x === undefined || left === undefined || left < 0) {
    tip.hidden = true;
    return;
  }
  const head = line('plot-tip-head', look.formatX(x));
  const values = data.series.flatMap(({ label, values, tone, isGuide }) => {
    const value = values[idx];
    return isGuide || value == null ? [] : [line(`tone-${tone}`, `${label} ${look.formatY(value)}`)];
  });
  const marks = (data.marks ?? []).filter((mark) => Math.abs(plot.valToPos(mark.x, 'x') - left) < 6).map(({ label }) => line('tone-warn', label));
  tip.replaceChildren(head, ...values, ...marks);
  tip.hidden = false;
  // To the side where there is room.
  const over = plot.over;
  const x0 = over.offsetLeft + plot.valToPos(x, 'x');
  const isRight = x0 > plot.width / 2;
  tip.style.left = `${Math.round(x0 + (isRight ? -12 - tip.offsetWidth : 12))}px`;
  tip.style.top = `${over.offsetTop + 4}px`;
}

function line(className: string, text: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  element.textContent = text;
  return element;
}
