/** What is measured in a page: when it can be used, and how long it keeps the browser from answering. */
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

const WINDOW_START_MS = 2_000;

export interface ProbedPage {
  path: string;
  page: Page;
  context: BrowserContext;
  devTools: CDPSession;
}

/** Runs in the page before its own code (as text: it knows the browser's names, not Node's). */
const probe = (ready: string): string => `
  let isReady;
  const state = (window.probe = { ready: new Promise((resolve) => (isReady = resolve)), longTasksMs: [] });
  new PerformanceObserver((list) => state.longTasksMs.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true });
  const observer = new MutationObserver(() => {
    if (!document.querySelector(${JSON.stringify(ready)})) return;
    observer.disconnect();
    // Painted, and the thread free again for a key or a click.
    requestAnimationFrame(() => setTimeout(() => isReady(performance.now())));
  });
  observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-ready'] });
`;

/**
 * Opens a page as a first visitor does: nothing in its cache. `ready`: what must be there for a person to begin.
 * @returns it once it can be used, with the time that took since the navigation began
 */
export async function openProbed(browser: Browser, url: string, path: string, ready: string): Promise<ProbedPage & { readyMs: number }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const devTools = await context.newCDPSession(page);
  await devTools.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.addInitScript({ content: probe(ready) });
  // A window brings processes of the browser's own with it: their start is not the page's.
  await new Promise((resolve) => setTimeout(resolve, WINDOW_START_MS));
  await page.goto(`${url}${path}`);
  const readyMs: number = await page.evaluate('window.probe.ready');
  return { path, page, context, devTools, readyMs };
}

/** The long tasks (over 50 ms) since the last call, in ms. */
export function takeLongTasks({ page }: ProbedPage): Promise<number[]> {
  return page.evaluate('window.probe.longTasksMs.splice(0)');
}

/** Processor time of the page's main thread since its beginning, in ms: what it costs whatever else the machine does meanwhile. */
export async function mainThreadMs({ devTools }: ProbedPage): Promise<number> {
  const { metrics } = await devTools.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN) * 1_000;
}
