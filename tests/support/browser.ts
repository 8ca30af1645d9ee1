/** Chromium for tests: the machine's own, quiet, with an eye on what pages complain about and where they call. */
import { describe } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { BROWSER_NAMES, findBrowser } from './chromium.js';

export { launchBrowser } from './chromium.js';

/** Like describe; without a browser on the PATH the tests are skipped, and a line says so. */
export const describeInBrowser: typeof describe | typeof describe.skip = findBrowser() ? describe : skipAloud();

export interface WatchedPage {
  page: Page;
  /** What the page complained about: errors in scripts, and in the console (a refused policy among them). */
  complaints: string[];
  /** The addresses outside the page's own origin that it asked for. */
  strangers: string[];
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US', ...options });
  // Shorter than a test's time: what was waited for in vain is then named.
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const watched: WatchedPage = { page, complaints: [], strangers: [] };
  const { host } = new URL(url);
  page.on('pageerror', (error) => watched.complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') watched.complaints.push(message.text());
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.host !== host && asked.protocol !== 'data:' && asked.protocol !== 'blob:') watched.strangers.push(request.url());
  });
  await page.goto(url);
  return watched;
}

function skipAloud(): typeof describe.skip {
  process.stderr.write(`Skipped: tests in a browser, since none of ${BROWSER_NAMES.join(', ')} is on the PATH.\n`);
  return describe.skip;
}
