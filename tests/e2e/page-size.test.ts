/** How much a browser fetches to show the first page. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../support/browser.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { importHearts } from './catalogue.js';

const MOST_BYTES = 250_000;

describeInBrowser('the first load', () => {
  let browser: Browser;
  let app: RunningApp;

  beforeAll(async () => {
    [browser, app] = await Promise.all([launchBrowser(), startApp()]);
    await importHearts(app.client);
  });

  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  test.each(['/?q=heart', '/live', '/models', '/samples', '/settings'])('of %s is at most 250 kB compressed', async (path) => {
    const page = await browser.newPage();
    const addresses = new Set<string>();
    page.on('request', (request) => {
      if (request.method() === 'GET') addresses.add(request.url());
    });
    await page.goto(`${app.url}${path}`, { waitUntil: 'networkidle' });
    await page.locator('main h2, main form').first().waitFor();
    let bytes = 0;
    for (const address of addresses) {
      // What goes over the wire to a browser.
      const { headers, ok } = await fetch(address, { headers: { 'accept-encoding': 'gzip', accept: 'text/html, */*' } });
      expect(ok).toBe(true);
      expect(headers.get('content-encoding')).toBe('gzip');
      bytes += Number(headers.get('content-length'));
    }
    expect(addresses.size).toBeGreaterThan(3);
    expect(bytes).toBeLessThan(MOST_BYTES);
    process.stdout.write(`first load of ${path}: ${addresses.size} files, ${Math.round(bytes / 1_000)} kB compressed\n`);
    await page.close();
  });
});
