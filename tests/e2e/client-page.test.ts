/** The client in a shop's page of another origin, in Chromium: clicks survive that the page is left, hidden or without network. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import { eventually, samples } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { startTroubledProxy, type Fate, type TroubledProxy } from '../support/troubled-proxy.js';
import { importHearts } from './catalogue.js';

const PUBLIC_KEY = 'public-0123456789abcdef';

/** Searches as soon as it is there; each result is a link that records its click and leads away. */
const shopPage = (api: string): string => `<!doctype html>
<meta charset="utf-8"><title>Shop</title><ol id="results"></ol>
<script type="module">
// Counts the answers that the client has read, which is later than when the browser has them.
window.read = 0;
const { fetch } = window;
window.fetch = async (...request) => {
  const answer = await fetch(...request);
  return Object.assign(answer, { text: () => Response.prototype.text.call(answer).finally(() => window.read++) });
};
import { createClient } from '${api}/client.js';
const client = createClient({ url: '${api}', key: '${PUBLIC_KEY}' });
const { searchId, results } = await client.search({ query: 'heart' });
window.record = (times) => { for (let n = 0; n < times; n++) client.recordClick({ searchId, documentId: results[n % results.length].document.id }).then(() => { window.recorded = (window.recorded ?? 0) + 1; }); };
document.getElementById('results').append(...results.map(({ document: found }) => {
  const link = Object.assign(document.createElement('a'), { href: '/left', textContent: found.title });
  link.addEventListener('click', () => client.recordClick({ searchId, documentId: found.id }));
  return document.createElement('li').appendChild(link).parentNode;
}));
</script>`;

describeInBrowser('the client in a page', () => {
  let browser: Browser;
  let app: RunningApp;
  let proxy: TroubledProxy;
  let shop: Server;
  let shopUrl: string;
  let page: Page;

  beforeAll(async () => {
    const shopPort = await freePort();
    shopUrl = `http://127.0.0.1:${shopPort}`;
    [browser, app] = await Promise.all([
      launchBrowser(),
      startApp({ RANKLOOP_ADMIN_KEYS: 'admin-0123456789abcdef', RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY, RANKLOOP_ALLOWED_ORIGINS: shopUrl }),
    ]);
    await importHearts(app.client);
    shop = createServer((request, response) => response.setHeader('content-type', 'text/html').end(request.url === '/' ? shopPage(proxy.url) : '<!doctype html><title>Left</title>'));
    shop.listen(shopPort, '127.0.0.1');
    await once(shop, 'listening');
  });

  afterAll(async () => {
    await browser.close();
    shop.closeAllConnections();
    shop.close();
    await app.stop();
  });

  beforeEach(async () => {
    proxy = await startTroubledProxy(app.url);
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(shopUrl);
    await page.locator('a').nth(9).waitFor();
  });

  afterEach(async () => {
    await page.close();
    await proxy.stop();
  });

  /** Clicks stored of the page's search: the newest. */
  const storedClicks = async (): Promise<number> => {
    const newest = await samples(app.client, { first: 10 });
    return newest.edges.reduce((sum: number, { node }: { node: { clickCount: number } }) => sum + node.clickCount, 0);
  };
  const expectClicks = (count: number): Promise<void> => eventually(async () => expect(await storedClicks()).toBe(count));
  const record = (times: number): Promise<void> => page.evaluate(`record(${times})`);
  /** Refused with leave to be read: without that a page only learns that something went wrong. */
  const comeLater = (): Fate => ({ status: 503, headers: { 'retry-after': '600', 'access-control-allow-origin': shopUrl, 'access-control-expose-headers': 'retry-after' } });
  /** The search was the first answer, the refusal is the second. */
  const refused = (): Promise<unknown> => page.waitForFunction('window.read === 2');
  const leave = (): Promise<unknown> => page.goto(`${shopUrl}/left`);

  test('a click on a link that leads away is recorded', async () => {
    await page.locator('a').first().click();
    await page.waitForURL('**/left');
    await expectClicks(1);
  });

  test('what waits for a server that had no time goes out when the page is left', async () => {
    proxy.fates.push(comeLater());
    await record(30);
    await refused();
    await leave();
    await expectClicks(30);
  });

  test('hundreds that wait go out in calls of a hundred', async () => {
    proxy.fates.push(comeLater());
    await record(250);
    await refused();
    await leave();
    await expectClicks(250);
    expect(proxy.requests.slice(2).map(({ body }) => (JSON.parse(body) as { variables: { input: { clicks: unknown[] } } }).variables.input.clicks.length).sort((a, b) => b - a)).toEqual([100, 100, 50]);
  });

  test('clicks made without network are recorded when it is back', async () => {
    await page.context().setOffline(true);
    await record(3);
    expect(await page.evaluate('window.recorded')).toBeUndefined();
    await page.context().setOffline(false);
    await page.waitForFunction('window.recorded === 3');
    await expectClicks(3);
  });
});
