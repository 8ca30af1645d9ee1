/** A server and a browser for the tests of one page: pages open in contexts of their own, and what they complain about is kept. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser, openPage, type WatchedPage } from '../support/browser.js';
import { startApp, type RunningApp } from '../support/running-app.js';

export interface UnderTest {
  readonly app: RunningApp;
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Errors, warnings, and requests to other servers, of all pages so far. */
  complaints(): string[];
}

/** A new server for each test, with the environment given; call it within describe. */
export function pageUnderTest(environment: () => Promise<Record<string, string>> = async () => ({})): UnderTest {
  let browser: Browser;
  let app: RunningApp;
  let opened: WatchedPage[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    opened = [];
    app = await startApp(await environment());
  });
  afterEach(async () => {
    await Promise.all(opened.map(({ page }) => page.context().close()));
    await app.stop();
  });

  return {
    get app() {
      return app;
    },
    open: async (path, options = {}) => {
      const watched = await openPage(browser, `${app.url}${path}`, options);
      opened.push(watched);
      return watched.page;
    },
    complaints: () => opened.flatMap(({ complaints, strangers }) => [...complaints, ...strangers]),
  };
}

/** How far a page is wider than its window, in pixels: nothing may scroll sideways but within itself. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
